"""What has a final name is whole, and a run loads what it saved itself."""

from pathlib import Path

import pandas as pd
import pytest
from kedro.io import Version
from kedro_datasets.json import JSONDataset
from kedro_datasets.pandas import CSVDataset

from sharprecl.datasets import ModelCardDataset, ModelFolderDataset
from sharprecl.datasets.staging import StagedSaves
from sharprecl.tracking.retention import prune_datasets, prune_versions

OLD, NEW = "2026-11-01T00.00.00.000Z", "2026-11-02T00.00.00.000Z"


def stage(folder: Path, name: str, dataset):
    saves = StagedSaves(folder / name)
    saves.stage("table", dataset)
    return saves


@pytest.fixture
def folders(tmp_path) -> Path:
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    return tmp_path


def test_a_run_reads_back_what_it_wrote_itself(folders):
    file = folders / "data" / "table.csv"
    tables = [CSVDataset(filepath=str(file), save_args={"index": False}) for _ in range(2)]
    saves = [stage(folders, name, table) for name, table in zip(("first", "second"), tables, strict=True)]
    for number, (table, save) in enumerate(zip(tables, saves, strict=True)):
        table.save(pd.DataFrame({"number": [number]}))
        save.publish("table")
    assert [table.load()["number"].tolist() for table in tables] == [[0], [1]]
    assert pd.read_csv(file)["number"].tolist() == [1]
    for save in saves:
        save.restore()
    assert [table.load()["number"].tolist() for table in tables] == [[1], [1]]


def test_a_run_loads_its_own_version_though_there_is_a_newer_one(folders):
    file = folders / "metrics.json"
    datasets = {v: JSONDataset(filepath=str(file), version=Version(None, v)) for v in (NEW, OLD)}
    for name, (version, dataset) in zip(("first", "second"), datasets.items(), strict=True):
        save = stage(folders, name, dataset)
        dataset.save({"version": version})
        save.publish("table")
    assert {version: dataset.load()["version"] for version, dataset in datasets.items()} == {
        NEW: NEW,
        OLD: OLD,
    }


class HalfError(Exception):
    pass


class HalfSavedDataset(CSVDataset):
    """Stands for whatever ends a save halfway."""

    def save(self, data):
        Path(str(self._filepath)).write_text("half")
        raise HalfError


def test_a_save_that_ends_halfway_leaves_the_old_file(folders):
    file = folders / "table.csv"
    file.write_text("whole\n")
    dataset = HalfSavedDataset(filepath=str(file))
    stage(folders, "first", dataset)
    with pytest.raises(Exception, match="HalfSavedDataset"):
        dataset.save(pd.DataFrame())
    assert file.read_text() == "whole\n"
    assert sorted(entry.name for entry in folders.iterdir()) == ["first", "second", "table.csv"]


def test_pruning_spares_the_versions_of_runs_that_go_on(tmp_path):
    for version in (OLD, NEW, "2026-11-03T00.00.00.000Z"):
        (tmp_path / version).mkdir()
    assert prune_versions(tmp_path, keep=1, spare={OLD}) == [NEW]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [OLD, "2026-11-03T00.00.00.000Z"]


def test_pruning_ends_what_a_killed_one_began(tmp_path):
    for name in (NEW, f".{OLD}.deleted", "notes"):
        (tmp_path / name).mkdir()
    assert prune_versions(tmp_path, keep=1) == []
    assert sorted(entry.name for entry in tmp_path.iterdir()) == [NEW, "notes"]


def test_a_version_that_has_no_model_is_not_the_newest(tmp_path):
    for version in (OLD, NEW):
        (tmp_path / "model" / version / "model").mkdir(parents=True)
    (tmp_path / f"model/{OLD}/model/config.json").write_text("{}")
    (tmp_path / f"model/{NEW}/model/README.md").write_text("a card")
    dataset = ModelFolderDataset(filepath=str(tmp_path / "model"), version=Version(None, None))
    assert dataset.resolve_load_version() == OLD


def test_what_cannot_be_loaded_takes_no_models_place(tmp_path):
    newest = "2026-11-03T00.00.00.000Z"
    for version in (OLD, NEW, newest):
        (tmp_path / "model" / version / "model").mkdir(parents=True)
    for version in (OLD, NEW):
        (tmp_path / f"model/{version}/model/config.json").write_text("{}")
    model = ModelFolderDataset(filepath=str(tmp_path / "model"), version=Version(None, newest))
    card = ModelCardDataset(filepath=str(tmp_path / "model"), version=Version(None, newest))
    assert prune_datasets([card], keep=1) == 0
    assert prune_datasets([model], keep=2) == 0
    assert prune_datasets([model], keep=1) == 1
    assert sorted(entry.name for entry in (tmp_path / "model").iterdir()) == [NEW, newest]
