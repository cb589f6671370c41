"""The standard-library corpus: docstrings of the running Python, labelled by Library Reference chapter."""

import ast
import re
import sysconfig
import tokenize
import warnings
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from sharprecl.corpora.library_chapters import LIBRARY_CHAPTERS
from sharprecl.corpora.raw_table import assemble_raw_table
from sharprecl.errors import CorpusError

MIN_WORDS = 4
TEST_FOLDERS = {"test", "tests", "idle_test"}
PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def read_standard_library(library: Path | None = None) -> pd.DataFrame:
    """Collect the first docstring paragraphs of all modules that a chapter documents.

    Sources are parsed, never imported. The order is that of chapters, modules, sorted paths and source lines.

    Args:
        library: folder of the library's sources; the running interpreter's if not given.

    Returns:
        The raw table, without splits: about 7,000 texts of 27 chapters.

    Raises:
        CorpusError: if this Python carries no sources.
    """
    folder = library or Path(sysconfig.get_path("stdlib"))
    rows = [
        (text, chapter)
        for chapter, modules in LIBRARY_CHAPTERS.items()
        for module in modules.split()
        for path in _source_files(folder, module)
        for text in _first_paragraphs(path)
    ]
    if not rows:
        raise CorpusError(
            f"{folder}: this Python carries no library sources; give your own texts with corpus.train"
        )
    return assemble_raw_table({None: pd.DataFrame(rows, columns=["text", "label"])})


def _source_files(library: Path, module: str) -> list[Path]:
    plain = library / f"{module}.py"
    if plain.is_file():
        return [plain]
    files = sorted((library / module).rglob("*.py"))
    return [path for path in files if TEST_FOLDERS.isdisjoint(path.relative_to(library).parts)]


def _first_paragraphs(path: Path) -> Iterator[str]:
    """First docstring paragraphs of at least four words, in source order."""
    with tokenize.open(path) as file, warnings.catch_warnings():
        # How the library's sources are written is not for our user to mend.
        warnings.simplefilter("ignore")
        tree = ast.parse(file.read())
    documented = (node for node in ast.walk(tree) if isinstance(node, DOCUMENTED))
    for node in sorted(documented, key=lambda node: getattr(node, "lineno", 0)):
        words = PARAGRAPH_BREAK.split(ast.get_docstring(node) or "", maxsplit=1)[0].split()
        if len(words) >= MIN_WORDS:
            yield " ".join(words)
