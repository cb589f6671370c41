"""The standard-library corpus: parsed in order, never imported, and a true long tail."""

import sys

import pytest

from sharprecl.corpora import read_corpus, read_standard_library
from sharprecl.corpora.library_chapters import LIBRARY_CHAPTERS
from sharprecl.errors import CorpusError
from sharprecl.parameters import CorpusParameters


def test_first_paragraphs_of_at_least_four_words_in_source_order(tmp_path):
    (tmp_path / "wave.py").write_text(
        '"""What the wave   module\n    is for.\n\n    More of it."""\n'
        "raise RuntimeError('imported')\n"
        "if True:\n"
        "    class Outer:\n"
        '        """Outer class of the module."""\n'
        "        def method(self):\n"
        '            """Method of the outer class."""\n'
        "async def late():\n"
        '    """Too few words."""\n'
        "def last():\n"
        r'    """Bad escape \d in here."""' + "\n"
    )
    (tmp_path / "email" / "test").mkdir(parents=True)
    (tmp_path / "email" / "test" / "test_email.py").write_text('"""Tests of the email package."""')
    (tmp_path / "email" / "b.py").write_text('"""Second module of the package."""')
    (tmp_path / "email" / "a.py").write_text('"""First module of the package."""')
    (tmp_path / "unmapped.py").write_text('"""A module that no chapter has."""')
    table = read_standard_library(tmp_path)
    assert list(zip(table["label"], table["text"], strict=True)) == [
        ("Internet Data Handling", "First module of the package."),
        ("Internet Data Handling", "Second module of the package."),
        ("Multimedia Services", "What the wave module is for."),
        ("Multimedia Services", "Outer class of the module."),
        ("Multimedia Services", "Method of the outer class."),
        ("Multimedia Services", r"Bad escape \d in here."),
    ]
    assert table["split"].isna().all()


def test_a_python_without_sources(tmp_path):
    with pytest.raises(
        CorpusError, match=r"carries no library sources; give your own texts with corpus.train"
    ):
        read_standard_library(tmp_path)


def test_no_module_is_in_two_chapters():
    modules = [module for chapter in LIBRARY_CHAPTERS.values() for module in chapter.split()]
    assert len(modules) == len(set(modules))


def test_public_modules_of_the_map_exist_in_some_python():
    later = {"compression", "annotationlib", "profiling"}
    public = {
        module for chapter in LIBRARY_CHAPTERS.values() for module in chapter.split() if module[0] != "_"
    }
    gone_or_paths = {"sre_compile", "sre_constants", "sre_parse"}
    assert public - set(sys.stdlib_module_names) - later - gone_or_paths == set()


def test_this_pythons_library_is_a_long_tail_and_the_default(tmp_path):
    table = read_corpus(CorpusParameters(), tmp_path)
    sizes = table.drop_duplicates(["text", "label"])["label"].value_counts()
    assert set(sizes.index) == set(LIBRARY_CHAPTERS)
    assert len(sizes) == 27
    assert 5_000 < len(table) < 10_000
    assert sizes.idxmax() == "Graphical User Interfaces with Tk"
    assert sizes.max() / sizes.min() > 50
    assert sizes.min() >= 5
