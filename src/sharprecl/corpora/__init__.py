"""Where text comes from: readers, built-in corpora, cleaning, splits and long-tail construction."""

from sharprecl.corpora.cleaning import clean_corpus
from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.long_tail import build_long_tail
from sharprecl.corpora.readers import read_table
from sharprecl.corpora.released import read_released_corpus
from sharprecl.corpora.schema import validate_labelled_corpus
from sharprecl.corpora.sources import read_corpus
from sharprecl.corpora.splits import split_corpus
from sharprecl.corpora.standard_library import read_standard_library
from sharprecl.corpora.user_files import read_user_files

__all__ = [
    "WantedColumns",
    "build_long_tail",
    "clean_corpus",
    "read_corpus",
    "read_released_corpus",
    "read_standard_library",
    "read_table",
    "read_user_files",
    "split_corpus",
    "validate_labelled_corpus",
]
