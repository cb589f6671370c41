import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from sharprecl.errors import ModelError
from sharprecl.modeling import TrainedModel
from sharprecl.modeling.cpu_path import prepare_for_cpu
from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.parameters import FitParameters
from sharprecl.training.build import build_model

TEXTS = ["how far is the moon", "who wrote it", "a much longer text, so that the batch needs some padding"]


@pytest.fixture
def trained_model(tiny_model) -> TrainedModel:
    tokenizer = load_tokenizer("random-tiny")
    tokenizer.model_max_length = 12
    prepare_for_cpu(tiny_model.encoder)
    return TrainedModel(tiny_model, tokenizer)


def test_saved_folder_gives_the_same_logits_and_labels(trained_model, tmp_path):
    trained_model.save(tmp_path)
    loaded = TrainedModel.load(tmp_path)
    assert np.array_equal(loaded.predict_logits(TEXTS), trained_model.predict_logits(TEXTS))
    assert loaded.fingerprint == trained_model.fingerprint
    for change in ({"calibration_temperature": 1.25}, {"data_digest": "x"}, {"made_with": {"fit.epochs": 3}}):
        assert loaded.configured(**change).fingerprint != trained_model.fingerprint
    with torch.no_grad():
        loaded.model.classifier.weight[0, 0] += 1e-3
    assert loaded.fingerprint != trained_model.fingerprint
    assert loaded.label_names == ["a", "b", "c"]
    assert loaded.calibration_temperature == 1.0


def test_saved_folder_holds_no_pickle(trained_model, tmp_path):
    trained_model.save(tmp_path)
    suffixes = {path.suffix for path in tmp_path.iterdir()}
    assert suffixes <= {".json", ".safetensors", ".txt", ".jinja"}


LATER_KEYS = ("classifier", "logit_offset", "abstention_curve")
"""Of the configuration; the first version of the package had none of them."""


def test_a_folder_of_the_first_version_gives_the_logits_that_it_gave_then(tmp_path):
    torch.manual_seed(0)
    parameters = FitParameters(classifier="linear", logit_scale="raw")
    model = build_model("random-tiny", ["a", "b", "c"], [4, 2, 1], parameters).eval()
    trained = TrainedModel(model, load_tokenizer("random-tiny"))
    trained.save(tmp_path)
    settings = json.loads((tmp_path / "config.json").read_text())
    old = {key: value for key, value in settings.items() if key not in LATER_KEYS}
    assert len(old) == len(settings) - len(LATER_KEYS)
    (tmp_path / "config.json").write_text(json.dumps(old))
    loaded = TrainedModel.load(tmp_path)
    np.testing.assert_allclose(loaded.predict_logits(TEXTS), trained.predict_logits(TEXTS), atol=1e-6)
    assert loaded.model.config.abstention_curve is None


def test_a_folder_of_a_later_version_is_refused_with_the_word_that_is_not_known(trained_model, tmp_path):
    trained_model.save(tmp_path)
    settings = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**settings, "classifier": "quantum"}))
    with pytest.raises(ModelError, match=r"classifier must be 'linear' or 'cosine', not 'quantum'\); train"):
        TrainedModel.load(tmp_path)


def test_logits_do_not_depend_on_the_passes_or_order(trained_model):
    together = trained_model.predict_logits(TEXTS)
    np.testing.assert_allclose(trained_model.predict_logits(TEXTS, tokens_per_pass=1), together, atol=1e-6)
    np.testing.assert_allclose(trained_model.predict_logits(TEXTS[::-1])[::-1], together, atol=1e-6)


def test_texts_are_cut_at_the_training_length(trained_model):
    long_text = " ".join(["moon"] * 100)
    np.testing.assert_allclose(
        trained_model.predict_logits([long_text]), trained_model.predict_logits([" ".join(["moon"] * 10)])
    )


def test_no_texts_no_rows(trained_model):
    assert trained_model.predict_logits([]).shape == (0, 3)


def test_a_folder_without_model(tmp_path):
    with pytest.raises(ModelError, match="no trained model there; train one with"):
        TrainedModel.load(tmp_path)


def test_a_damaged_folder(trained_model, tmp_path):
    trained_model.save(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"not weights")
    with pytest.raises(ModelError, match="not a readable SharpReCL model"):
        TrainedModel.load(tmp_path)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(trained_model, tmp_path, value):
    trained_model.save(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    weights["classifier.weight"][0, 0] = value
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(
        ModelError, match=r"the weights are damaged \(classifier.weight has values that are not"
    ):
        TrainedModel.load(tmp_path)


def test_weights_that_are_missing_are_not_drawn_at_random(trained_model, tmp_path):
    trained_model.save(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    del weights["classifier.weight"]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelError, match=r"the weights are damaged \(classifier.weight is missing\)"):
        TrainedModel.load(tmp_path)


def test_whoever_may_read_the_configuration_may_read_the_weights(trained_model, tmp_path):
    trained_model.save(tmp_path)
    modes = {(tmp_path / name).stat().st_mode for name in ("config.json", "model.safetensors")}
    assert len(modes) == 1


@pytest.mark.parametrize("unit", ["moon ", "m", "ab cd. ", "月 亮 "])
def test_of_a_long_text_only_the_beginning_is_tokenized(trained_model, unit):
    texts = [
        "moon over the sea",
        unit * 3000,
        "sun " * 20 + "x" * 3000 + " sun",
        "sun " + "x" * 3000 + " sun",
        "",
    ]
    seen = []
    tokenizer = trained_model.tokenizer

    class Spy:
        truncation_side, model_max_length = "right", tokenizer.model_max_length

        def __call__(self, texts, **options):
            seen.extend(texts)
            return tokenizer(texts, **options)

    rows = trained_model._replace(tokenizer=Spy()).token_rows(texts)
    whole = tokenizer(texts, truncation=True)["input_ids"]
    assert [row.tolist() for row in rows] == whole
    assert (unit * 3000 in seen) == (" " not in unit)  # without a blank nothing says where to cut


def test_transformers_loads_the_folder_after_importing_the_package(trained_model, tmp_path):
    trained_model.save(tmp_path)
    program = (
        "import sys, sharprecl\n"
        "assert 'torch' not in sys.modules\n"
        "from transformers import AutoModelForSequenceClassification, pipeline\n"
        f"print(type(AutoModelForSequenceClassification.from_pretrained({str(tmp_path)!r})).__name__)\n"
        f"classify = pipeline('text-classification', {str(tmp_path)!r}, batch_size=5)\n"
        f"print(*(row['label'] for row in classify({TEXTS * 2!r})))\n"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    name, labels = printed.stdout.strip().splitlines()
    expected = trained_model.predict_logits(TEXTS * 2).argmax(1)
    assert name == "SharpReCL"
    assert labels.split() == [trained_model.label_names[index] for index in expected]
