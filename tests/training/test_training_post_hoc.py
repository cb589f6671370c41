"""What is done to a classifier after training."""

import numpy as np
import pyarrow as pa
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from sharprecl.modeling import SharpReCL, SharpReCLConfig, TrainedModel, load_tokenizer
from sharprecl.parameters import FitParameters
from sharprecl.training.build import build_model
from sharprecl.training.post_hoc import (
    ADJUSTMENTS,
    INVERSE_PENALTIES,
    Split,
    adjust_logits,
    balanced_regression,
    finish_classifier,
    macro_f1,
    retrain_classifier,
    tune_logit_adjustment,
)


def clouds(num_classes, sizes, seed=0, width=8):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(num_classes), sizes)
    centres = 3.0 * np.eye(num_classes, width)
    return Split(centres[labels] + rng.normal(size=(len(labels), width)), labels)


@pytest.fixture
def model():
    def build(num_classes):
        config = SharpReCLConfig(
            encoder={"model_type": "bert", "hidden_size": 8, "num_hidden_layers": 1,
                     "num_attention_heads": 2, "intermediate_size": 8, "vocab_size": 30},
            id2label={index: str(index) for index in range(num_classes)},
        )  # fmt: skip
        return SharpReCL(config).eval()

    return build


def test_macro_f1_is_over_the_classes_that_are_there():
    assert macro_f1(np.array([0, 0, 2]), np.array([0, 0, 1])) == 0.5


@pytest.mark.parametrize("num_classes", [2, 3])
def test_retrained_classifier_predicts_as_the_regression(model, num_classes):
    train, validation = clouds(num_classes, [60, 20, 8][:num_classes]), clouds(num_classes, 10, seed=1)
    network = model(num_classes)
    retrain_classifier(network, train, validation)
    states = torch.as_tensor(validation.values, dtype=torch.float32)
    predicted = network.classifier(states).argmax(dim=1).numpy()
    regression = balanced_regression(train, validation)
    assert (predicted == regression.predict(validation.values)).all()
    probabilities = network.classifier(states).softmax(dim=1).detach().numpy()
    np.testing.assert_allclose(probabilities, regression.predict_proba(validation.values), atol=1e-5)
    assert macro_f1(predicted, validation.labels) > 0.8


def test_regression_weighs_classes_alike_and_takes_the_penalty_that_validation_prefers():
    chosen = []
    for seed in range(4):
        train, validation = overlapping([200, 40, 10], 0), overlapping([30, 20, 15], seed + 1)
        regression = balanced_regression(train, validation)
        scores = {}
        for penalty in INVERSE_PENALTIES:
            plain = LogisticRegression(C=penalty, class_weight="balanced", max_iter=1000)
            plain.fit(train.values, train.labels)
            scores[penalty] = macro_f1(plain.predict(validation.values), validation.labels)
            if penalty == regression.C:
                np.testing.assert_allclose(regression.coef_, plain.coef_)
        assert scores[regression.C] == max(scores.values())
        chosen.append(regression.C)
    on_train = balanced_regression(train, train).C
    assert set(chosen) != {on_train}  # else a penalty chosen on what was fitted would pass


def overlapping(sizes, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    values = np.eye(len(sizes), 6)[labels] + np.random.default_rng(seed).normal(size=(len(labels), 6))
    return Split(values, labels)


def test_adjustment_finds_the_shift_that_undoes_a_prior():
    # Scores that carry a prior which the labels do not: taking it off once is right.
    log_prior = np.log([0.9, 0.09, 0.01])
    split = clouds(3, 100, width=3)
    biased = Split(split.values + 1.0 * log_prior, split.labels)
    tau = tune_logit_adjustment(biased, log_prior)
    assert tau == pytest.approx(1.0, abs=0.25)
    assert macro_f1((biased.values - tau * log_prior).argmax(1), split.labels) == max(
        macro_f1((biased.values - other * log_prior).argmax(1), split.labels) for other in ADJUSTMENTS
    )


def test_adjustment_lies_in_the_middle_of_equals():
    # Any τ classifies these rightly, so the one in the middle is none.
    certain = Split(100.0 * np.eye(2)[[0, 1, 1]], np.array([0, 1, 1]))
    assert tune_logit_adjustment(certain, np.log([0.5, 0.5])) == 0.0


def test_adjusted_logits_are_the_logits_less_the_prior(model):
    network, log_prior = model(3), np.log([0.5, 0.3, 0.2])
    ids = torch.tensor([[1, 2, 3]])
    before = network(ids).logits.detach()
    adjust_logits(network, 0.4, log_prior)
    expected = before - 0.4 * torch.as_tensor(log_prior, dtype=torch.float32)
    torch.testing.assert_close(network(ids).logits, expected)


LINEAR = {"classifier": "linear", "logit_scale": "raw", "logit_adjustment": "none"}


@pytest.mark.parametrize(
    "option", [{**LINEAR, "retrain_classifier": True}, {"logit_adjustment": "validation"}]
)
def test_finishing_never_lowers_validation_macro_f1_of_what_it_tunes(option):
    texts = {"a": "cheap flights to rome", "b": "my printer does not print"}
    rows = [(f"{texts[label]} {i}", label, split) for label, n in (("a", 12), ("b", 4)) for i in range(n)
            for split in ("train", "validation")]  # fmt: skip
    tokenizer = load_tokenizer("random-tiny")
    table = pa.table(
        {
            "split": [split for _, _, split in rows],
            "label_id": pa.array([int(label == "b") for _, label, _ in rows], pa.int32()),
            "input_ids": [tokenizer(text)["input_ids"] for text, _, _ in rows],
        }
    )
    torch.manual_seed(0)
    parameters = FitParameters(**option)
    trained = TrainedModel(build_model("random-tiny", ["a", "b"], [12, 4], parameters).eval(), tokenizer)
    validation = table.filter(pa.compute.equal(table["split"], "validation"))
    labels = validation["label_id"].to_numpy()
    score = lambda: macro_f1(  # noqa: E731
        trained.predict_logits([text for text, _, split in rows if split == "validation"]).argmax(1), labels
    )
    before = score()
    finish_classifier(trained, table, parameters)
    assert score() >= before
    if "retrain_classifier" in option:
        assert score() == 1.0
    else:
        prior = np.log([12 / 16, 4 / 16])
        first, second = trained.model.config.logit_offset
        assert first / prior[0] == pytest.approx(second / prior[1])
        assert first != 0.0
