"""The corpora that the SharpReCL authors released: TREC questions and Ohsumed titles."""

import os
from pathlib import Path
from typing import Literal

import pandas as pd

from sharprecl.corpora.columns import WantedColumns
from sharprecl.corpora.download import PinnedFile, download, verify
from sharprecl.corpora.raw_table import assemble_raw_table
from sharprecl.corpora.readers import read_table
from sharprecl.local_names import expand_home

ReleasedName = Literal["trec", "ohsumed"]

RELEASE = (
    "https://raw.githubusercontent.com/KEAML-JLU/SharpReCL/363d557fe7fa3cd9c395dfb995d74a626b26387a/data"
)
COLUMNS = WantedColumns(["text", "label"], ["aug_text"])
FILES: dict[ReleasedName, dict[str, PinnedFile]] = {
    "trec": {
        "train": PinnedFile(
            "TREC_Train_aug.json", "06b50b8488ede7ced6d5988fcabb65ad20b2a0e9155ce1faa35ae407107510dc"
        ),
        "test": PinnedFile(
            "TREC_Test.json", "5ae98f229f256be756dbcf821ffb899c0ea0844211b762cbb222a33637665f59"
        ),
    },
    "ohsumed": {
        "train": PinnedFile(
            "ohsumed_Train_aug.json", "75504c4683ffc852fa2d50e073258d6fb822bba2ede5143aa215c0cf1456aed7"
        ),
        "test": PinnedFile(
            "ohsumed_Test.json", "0798a02646452d7c25f52d40ce1a5c9babb5f41c1608683bf0ba8a91ddfd5070"
        ),
    },
}
"""Corpus → split → the authors' file; Li et al. 2026, arXiv 2405.11524."""


def read_released_corpus(name: ReleasedName, project_root: Path, *, release: str = RELEASE) -> pd.DataFrame:
    """Read a released corpus, downloading it where it is not on this machine.

    Each file is looked for as ``<name>/<split>.json`` under the environment's SHARPRECL_DATA, under
    ``../shared/data`` beside the project and under the project's ``data/01_raw``; a download goes there.

    Args:
        name: of the corpus.
        project_root: the project's folder.
        release: address of the folder to download from.

    Returns:
        The raw table, split into train and test as released; only train rows have an ``aug_text``.

    Raises:
        CorpusError: if a file cannot be downloaded, or is not the one released.
    """
    parts: dict[str | None, pd.DataFrame] = {
        split: read_table(_obtain(f"{name}/{split}.json", pinned, project_root, release), COLUMNS)
        for split, pinned in FILES[name].items()
    }
    return assemble_raw_table(parts)


def _obtain(place: str, pinned: PinnedFile, project_root: Path, release: str) -> Path:
    own_copy = project_root / "data" / "01_raw" / place
    given = os.environ.get("SHARPRECL_DATA")
    candidates = [expand_home(given) / place] if given else []
    candidates += [project_root.parent / "shared" / "data" / place, own_copy]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        download(f"{release}/{pinned.name}", own_copy, pinned)
        return own_copy
    verify(found.read_bytes(), pinned, found, "remove it, and it is looked for elsewhere or downloaded")
    return found
