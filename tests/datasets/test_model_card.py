import pytest
from kedro.io import DatasetError, Version
from kedro.io.core import VersionAlreadyExistsError

from sharprecl.datasets import ModelCardDataset

FIRST, SECOND = "2026-01-01T00.00.00.000Z", "2026-01-02T00.00.00.000Z"


def dataset(folder, load=None, save=None):
    return ModelCardDataset(filepath=str(folder / "model"), version=Version(load, save))


def test_the_card_lies_in_the_model_folder_of_the_same_version(tmp_path):
    folder = tmp_path / "model" / FIRST / "model"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    dataset(tmp_path, save=FIRST).save("# a card")
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "config.json"]
    assert dataset(tmp_path).load() == "# a card"


def test_a_version_has_one_card_and_the_newest_is_loaded(tmp_path):
    for version in (FIRST, SECOND):
        dataset(tmp_path, save=version).save(version)
    assert dataset(tmp_path).load() == SECOND
    assert dataset(tmp_path, load=FIRST).load() == FIRST
    with pytest.raises((VersionAlreadyExistsError, DatasetError)):
        dataset(tmp_path, save=FIRST).save("again")


def test_a_model_without_a_card_has_none(tmp_path):
    (tmp_path / "model" / FIRST / "model").mkdir(parents=True)
    assert not dataset(tmp_path).exists()
