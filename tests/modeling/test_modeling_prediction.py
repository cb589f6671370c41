import numpy as np
import pytest
from scipy.special import softmax

from sharprecl.modeling import TrainedModel
from sharprecl.modeling.cpu_path import prepare_for_cpu
from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.modeling.prediction import PREDICTION_COLUMNS, predict_columns
from sharprecl.modeling.predictor import Predictor

TEXTS = ["how far is the moon", "", "who wrote it", "a longer text about nothing at all"]


@pytest.fixture
def trained(tiny_model) -> TrainedModel:
    prepare_for_cpu(tiny_model.encoder)
    tiny_model.config.calibration_temperature = 2.0
    return TrainedModel(tiny_model, load_tokenizer("random-tiny"))


def predict(trained, threshold=0.0):
    columns = predict_columns(Predictor(trained, "fp32"), TEXTS, threshold)
    return {name: values.to_pylist() for name, values in columns.items()}


def test_columns_say_what_the_model_says(trained):
    columns = predict(trained)
    assert tuple(columns) == PREDICTION_COLUMNS
    scores = trained.score(trained.token_rows(TEXTS), progress=False)
    probabilities = softmax(scores.logits / 2.0, axis=1)
    ranked = np.argsort(-probabilities, axis=1)
    for rank, suffix in enumerate(("", "_2", "_3")):
        assert columns[f"predicted{suffix}"] == ["abc"[index] for index in ranked[:, rank]]
        expected = probabilities[np.arange(4), ranked[:, rank]]
        np.testing.assert_allclose(columns[f"probability{suffix}"], expected, atol=1e-6)
    similarity = (scores.embeddings @ trained.prototypes().T)[np.arange(4), ranked[:, 0]]
    np.testing.assert_allclose(columns["prototype_similarity"], similarity, atol=1e-6)


@pytest.mark.parametrize(
    ("first", "last", "loss", "has_prototypes"),
    [
        (1.0, 0.0, "prototype", True),
        (0.0, 0.5, "balanced", True),
        (0.3, None, "prototype", True),
        (0.0, None, "prototype", False),
        (1.0, 0.0, "supervised", False),
    ],
)
def test_prototypes_that_were_not_trained_are_not_compared_with(trained, first, last, loss, has_prototypes):
    made_with = {
        "fit.contrastive_weight": first, "fit.final_contrastive_weight": last, "fit.contrastive_loss": loss
    }  # fmt: skip
    columns = predict(trained.configured(made_with=made_with))
    assert [value is not None for value in columns["prototype_similarity"]] == [has_prototypes] * 4
    assert None not in columns["predicted"]


def test_abstains_below_the_threshold_and_on_texts_without_a_character(trained):
    probabilities = predict(trained)["probability"]
    third, largest = sorted(probabilities)[2:]
    threshold = (third + largest) / 2
    expected = [text == "" or p < threshold for text, p in zip(TEXTS, probabilities, strict=True)]
    assert expected.count(True) >= 3
    assert predict(trained, threshold)["abstain"] == expected
    assert predict(trained, 0.0)["abstain"] == [False, True, False, False]
    assert predict(trained, np.inf)["abstain"] == [True] * 4


def test_abstains_where_the_model_gives_no_number(trained):
    next(iter(trained.model.classifier.parameters())).data.fill_(float("nan"))
    assert predict(trained, 0.0)["abstain"] == [True] * 4


def test_two_classes_have_no_third(tiny_model):
    from sharprecl.parameters import FitParameters
    from sharprecl.training.build import build_model

    model = build_model("random-tiny", ["x", "y"], [2, 1], FitParameters()).eval()
    columns = predict(TrainedModel(model, load_tokenizer("random-tiny")))
    assert columns["predicted_3"] == [None] * 4
    assert columns["probability_3"] == [None] * 4
    assert None not in columns["predicted_2"]


def test_no_texts_no_rows(trained):
    columns = predict_columns(Predictor(trained, "fp32"), [], 0.5)
    assert {len(values) for values in columns.values()} == {0}
