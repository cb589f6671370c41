"""Ingest on corpora that nobody would wish for: a right result or one line, and never a row less."""

import pytest
from hypothesis import given

from tests.robustness.corpus_writing import write_corpus
from tests.robustness.fuzz_settings import examples
from tests.robustness.hostile import Written, corpora
from tests.robustness.laws import run_ingest


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("corpora")


@given(corpora())
@examples(400)
def test_every_row_is_kept_or_reported(folder, corpus: Written):
    run_ingest(corpus, write_corpus(corpus, folder), folder)
