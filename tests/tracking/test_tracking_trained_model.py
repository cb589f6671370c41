"""Which model a run that evaluated may register."""

from types import SimpleNamespace

from sharprecl.datasets import ModelCardDataset, ModelFolderDataset
from sharprecl.tracking.tracked_run import CARD, _trained_model


def test_a_model_without_versions_keeps_its_card(tmp_path):
    folder = tmp_path / "model"
    card = ModelCardDataset(filepath=str(folder))
    card.save("# A model")
    run = SimpleNamespace(
        saved={CARD: card}, catalog={"model": ModelFolderDataset(filepath=str(folder))}, run_id="x"
    )
    assert _trained_model(run) == (None, "")
    assert card.load() == "# A model"
