import numpy as np
import pytest
import torch
from kedro.io import DatasetError, Version

from sharprecl.datasets import ModelFolderDataset
from sharprecl.modeling import TrainedModel
from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.parameters import FitParameters
from sharprecl.training.build import build_model

OLD, NEW = "2026-11-01T10.00.00.000Z", "2026-11-02T10.00.00.000Z"
TEXTS = ["which city", "who wrote it"]


def build(seed: int) -> TrainedModel:
    torch.manual_seed(seed)
    model = build_model("random-tiny", ["x", "y"], [3, 1], FitParameters()).eval()
    return TrainedModel(model, load_tokenizer("random-tiny"))


class FailingModel:
    def save(self, folder):
        (folder / "config.json").touch()
        raise RuntimeError("the disk is full")


def test_a_model_comes_back_with_the_same_predictions(tmp_path):
    model = build(0)
    dataset = ModelFolderDataset(str(tmp_path / "model"), Version(None, NEW))
    dataset.save(model)
    assert (tmp_path / "model" / NEW / "model" / "config.json").is_file()
    np.testing.assert_allclose(dataset.load().predict_logits(TEXTS), model.predict_logits(TEXTS), atol=1e-6)


def test_the_newest_version_is_loaded_unless_one_is_named(tmp_path):
    old, new = build(0), build(1)
    for version, model in ((OLD, old), (NEW, new)):
        ModelFolderDataset(str(tmp_path / "model"), Version(None, version)).save(model)
    newest = ModelFolderDataset(str(tmp_path / "model"), Version(None, None)).load()
    named = ModelFolderDataset(str(tmp_path / "model"), Version(OLD, None)).load()
    np.testing.assert_allclose(newest.predict_logits(TEXTS), new.predict_logits(TEXTS), atol=1e-6)
    np.testing.assert_allclose(named.predict_logits(TEXTS), old.predict_logits(TEXTS), atol=1e-6)


def test_a_failing_save_leaves_no_folder_under_the_final_name(tmp_path):
    dataset = ModelFolderDataset(str(tmp_path / "model"), Version(None, NEW))
    with pytest.raises(DatasetError, match="the disk is full"):
        dataset.save(FailingModel())
    assert not (tmp_path / "model" / NEW / "model").exists()
    assert not dataset.exists()


def test_a_failing_save_leaves_the_unversioned_model_that_was_there(tmp_path):
    dataset = ModelFolderDataset(str(tmp_path / "model"))
    dataset.save(build(0))
    with pytest.raises(DatasetError, match="the disk is full"):
        dataset.save(FailingModel())
    assert dataset.load().label_names == ["x", "y"]


def test_a_missing_model_says_how_to_make_one(tmp_path):
    with pytest.raises(DatasetError, match="kedro run --pipeline=train"):
        ModelFolderDataset(str(tmp_path / "model")).load()
