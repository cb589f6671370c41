import numpy as np
import pytest
import torch

from sharprecl.errors import ParameterError
from sharprecl.modeling import TrainedModel, predictor
from sharprecl.modeling.cpu_path import prepare_for_cpu
from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.modeling.inference import split_into_passes
from sharprecl.modeling.predictor import NEAR_TIE, Predictor, near_ties
from sharprecl.parameters import FitParameters
from sharprecl.training.build import build_model


@pytest.fixture
def rows() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(1000, 5000, rng.integers(3, 30)).astype(np.int32) for _ in range(300)]


@pytest.fixture(params=[{}, {"classifier": "linear", "logit_scale": "raw"}], ids=["cosine", "linear"])
def trained(request, rows) -> TrainedModel:
    """A model whose classes are about as frequent as each other among the rows, so that some nearly tie."""
    torch.manual_seed(0)
    model = build_model("random-tiny", ["a", "b", "c"], [4, 2, 1], FitParameters(**request.param)).eval()
    prepare_for_cpu(model.encoder)
    trained = TrainedModel(model, load_tokenizer("random-tiny"))
    with torch.no_grad():
        model.classifier.weight.mul_(50)
        mean = trained.score(rows, progress=False).logits.mean(axis=0)
    model.config.logit_offset = [-float(value) for value in mean]
    return trained


def test_float32_is_the_models_own_scoring(trained, rows):
    scores = Predictor(trained, "fp32").score(rows, progress=False)
    expected = trained.score(rows, progress=False)
    assert np.array_equal(scores.logits, expected.logits)
    assert np.array_equal(scores.embeddings, expected.embeddings)


def test_bfloat16_gives_the_labels_of_float32(trained, rows):
    expected = trained.score(rows, progress=False).logits
    logits = Predictor(trained, "bf16").score(rows, progress=False).logits
    assert np.array_equal(logits.argmax(axis=1), expected.argmax(axis=1))
    np.testing.assert_allclose(logits, expected, atol=0.02 * np.abs(expected).max())
    # Some rows keep their rounding: the fast path ran; those that nearly tie are exact.
    assert not np.array_equal(logits, expected)
    rough = Predictor(trained, "bf16")._rough.score(rows, progress=False).logits
    doubtful = near_ties(rough)
    assert 0 < doubtful.sum() < len(rows)
    np.testing.assert_allclose(logits[doubtful], expected[doubtful], atol=1e-5)
    assert np.array_equal(logits[~doubtful], rough[~doubtful])


def test_the_trained_model_is_not_changed(trained, rows):
    before = {name: value.clone() for name, value in trained.model.state_dict().items()}
    for precision in ("bf16", "int8"):
        Predictor(trained, precision).score(rows[:5], progress=False)
    for name, value in trained.model.state_dict().items():
        assert value.dtype == before[name].dtype
        assert torch.equal(value, before[name])


def test_int8_is_near_float32(trained, rows):
    expected = trained.score(rows, progress=False).logits
    logits = Predictor(trained, "int8").score(rows, progress=False).logits
    assert not np.array_equal(logits, expected)
    assert np.abs(logits - expected).max() < 0.25 * np.abs(expected).max()


def test_auto_is_bfloat16_where_the_cpu_multiplies_it(trained, monkeypatch):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {"amx_bf16": True}, raising=False)
    assert Predictor(trained)._rough is not None
    monkeypatch.setattr(torch.cpu, "get_capabilities", dict, raising=False)
    assert Predictor(trained)._rough is None


def test_int8_elsewhere_than_on_a_cpu_is_refused(trained):
    class Elsewhere:
        device = torch.device("meta")

    with pytest.raises(ParameterError, match=r"predict\.precision: int8 runs on the CPU, not on meta"):
        Predictor(trained._replace(model=Elsewhere()), "int8")


def test_near_ties_by_hand():
    largest = 8.0
    logits = np.array(
        [
            [largest, largest - 0.9 * NEAR_TIE * largest, 0.0],
            [largest - 1.1 * NEAR_TIE * largest, 0.0, largest],
            [-largest, -1.0, -0.9],
        ]
    )
    assert near_ties(logits).tolist() == [True, False, True]
    assert near_ties(np.empty((0, 3))).tolist() == []


@pytest.mark.parametrize("precision", predictor.Precision.__args__)
def test_no_rows_no_scores(trained, precision):
    scores = Predictor(trained, precision).score([], progress=False)
    assert scores.logits.shape == (0, 3)


def test_passes_hold_every_row_within_the_budget():
    lengths = [3, 90, 10, 10, 4, 25, 10]
    passes = [chosen.tolist() for chosen in split_into_passes(lengths, 40)]
    assert passes == [[1], [5], [2, 3, 6, 4], [0]]
    assert [len(chosen) for chosen in split_into_passes([5] * 7, 15)] == [3, 3, 1]
    assert list(split_into_passes([], 15)) == []
