"""What can be done to a trained classifier without training its encoder again."""

import logging
import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import torch
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score

from sharprecl.functional import log_class_prior
from sharprecl.modeling import ListColumn, SharpReCL, TrainedModel
from sharprecl.parameters import FitParameters
from sharprecl.training.token_rows import TEXT_COLUMNS, select_split

logger = logging.getLogger(__name__)

INVERSE_PENALTIES = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
"""C of linear classifiers, tried on validation."""
ADJUSTMENTS = tuple(round(0.05 * step, 2) for step in range(-40, 41))
"""τ of the logit adjustment, tried on validation; 0 changes nothing."""
NEIGHBOURS = 9
"""Scores that are averaged around a τ: those within 0.2 of it."""


class Split(NamedTuple):
    """Texts of one split as numbers.

    Attributes:
        values: states h or logits z, shape [N, H] or [N, C].
        labels: class ids, shape [N].
    """

    values: np.ndarray
    labels: np.ndarray


def finish_classifier(trained: TrainedModel, token_table: pa.Table, parameters: FitParameters) -> None:
    """What the ``fit`` block wants done to the classifier after training.

    Args:
        trained: changed in place.
        token_table: token rows of all splits.
        parameters: the ``fit`` block.
    """
    if parameters.retrain_classifier:
        train, validation = (_pass(trained.encode, token_table, name) for name in ("train", "validation"))
        retrain_classifier(trained.model, train, validation)
    if parameters.logit_adjustment == "validation":
        log_prior = log_class_prior(torch.tensor(trained.class_counts)).numpy()
        logits = _pass(lambda rows: trained.score(rows).logits, token_table, "validation")
        adjust_logits(trained.model, tune_logit_adjustment(logits, log_prior), log_prior)


def _pass(compute: Callable[[list[np.ndarray]], np.ndarray], token_table: pa.Table, split: str) -> Split:
    table = select_split(token_table, split, TEXT_COLUMNS)
    return Split(compute(ListColumn(table["input_ids"]).rows()), table["label_id"].to_numpy())


def macro_f1(predicted: np.ndarray, labels: np.ndarray) -> float:
    """Mean F1 over the classes that the labels hold."""
    present = np.unique(labels)
    return float(f1_score(labels, predicted, labels=present, average="macro", zero_division=0))


def balanced_regression(train: Split, validation: Split) -> LogisticRegression:
    """Multinomial logistic regression with classes weighted alike, its penalty chosen on validation.

    Args:
        train: what it learns from; every class is there.
        validation: what chooses C by macro-F1, the strongest penalty among equals.

    Returns:
        The regression, its classes in label order.
    """
    best, best_score = None, -1.0
    for inverse_penalty in INVERSE_PENALTIES:
        model = LogisticRegression(C=inverse_penalty, class_weight="balanced", max_iter=1000)
        with warnings.catch_warnings():
            # A fit that is not quite at its optimum competes on validation like the others.
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(train.values, train.labels)
        score = macro_f1(model.predict(validation.values), validation.labels)
        if score > best_score:
            best, best_score = model, score
    assert best is not None  # noqa: S101 - there is a penalty to try
    return best


def retrain_classifier(model: SharpReCL, train: Split, validation: Split) -> None:
    """Fit the linear classifier anew on the frozen encoder's states (cRT, Kang et al. 2020).

    The paper samples classes alike and descends; a regression with classes weighted alike has the same
    objective in expectation and reaches its optimum. The prototypes move with the classifier's rows.

    Args:
        model: with a linear classifier and raw logits; changed in place.
        train: states of the training texts.
        validation: states of the validation texts.
    """
    regression = balanced_regression(train, validation)
    weight, bias = regression.coef_, regression.intercept_
    if len(weight) == 1:  # scikit-learn keeps one row for two classes
        weight, bias = np.concatenate((-weight, weight)) / 2, np.concatenate((-bias, bias)) / 2
    with torch.no_grad():
        model.classifier.weight.copy_(torch.as_tensor(weight))
        model.classifier.bias.copy_(torch.as_tensor(bias))


def tune_logit_adjustment(logits: Split, log_prior: np.ndarray) -> float:
    """τ with the best validation macro-F1 of argmax z − τ log π (Menon et al. 2021, section 4.1).

    Args:
        logits: of the validation texts.
        log_prior: log π of the training split, shape [C].

    Returns:
        The τ of :data:`ADJUSTMENTS` around which scores are best on average, since a single score of a small
        split jumps; below 0 the prior is added instead.
    """
    scores = np.array(
        [macro_f1((logits.values - tau * log_prior).argmax(axis=1), logits.labels) for tau in ADJUSTMENTS]
    )
    # Neighbourhoods are cut off at the ends of the range, not padded.
    weight = np.convolve(np.ones_like(scores), np.ones(NEIGHBOURS), mode="same")
    smooth = np.convolve(scores, np.ones(NEIGHBOURS), mode="same") / weight
    return ADJUSTMENTS[_middle_of_best_run(smooth.round(9))]


def adjust_logits(model: SharpReCL, tau: float, log_prior: np.ndarray) -> None:
    """Take τ log π off every logit from now on; the configuration carries it.

    Args:
        model: changed in place.
        tau: from :func:`tune_logit_adjustment`.
        log_prior: log π, shape [C].
    """
    model.config.logit_offset = [-tau * float(value) for value in log_prior]
    if tau:
        logger.info("Added %.2f log π to the logits, as validation prefers", -tau)
    else:
        logger.info("Added no log π to the logits: validation prefers them as they are")


def _middle_of_best_run(scores: np.ndarray) -> int:
    """Middle of the longest run of neighbouring scores that are all the best."""
    best = np.flatnonzero(scores == scores.max())
    runs = np.split(best, np.flatnonzero(np.diff(best) > 1) + 1)
    longest = max(runs, key=len)
    return int(longest[len(longest) // 2])
