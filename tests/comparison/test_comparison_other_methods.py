"""Methods that train no encoder, and what is measured of any method."""

import dataclasses
import math
from time import sleep
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from sklearn.metrics import f1_score
from sklearn.svm import LinearSVC

from sharprecl import llm
from sharprecl.comparison import arm_score_table, classical, outcome_table, public_metrics
from sharprecl.comparison.arm_store import StoredScores
from sharprecl.comparison.arms import Arm
from sharprecl.comparison.classical import _support_vectors, fit_classical
from sharprecl.comparison.method_arms import FinishedArm
from sharprecl.comparison.other_methods import SURE, answer_logits, run_classical, run_llm
from sharprecl.comparison.outcomes import OUTCOME_COLUMNS
from sharprecl.comparison.scored_methods import (
    choose_references,
    class_f1_table,
    differences_from_scores,
    prediction_table,
    predictions_by_method,
)
from sharprecl.errors import CorpusError
from sharprecl.evaluation.groups import name_groups
from sharprecl.evaluation.significance import paired_bootstrap
from sharprecl.parameters import FitParameters, ProfileParameters
from sharprecl.parameters.compare import CLASSICAL_METHODS, LlmParameters
from sharprecl.training.post_hoc import INVERSE_PENALTIES, Split

PROFILE = ProfileParameters(head_above=30, tail_below=10)


def arm(method, seed, data, share_right, fit=None):
    rng = np.random.default_rng(seed)
    scores = {}
    for split in ("validation", "test"):
        labels = data.labels(split)
        shown = np.where(rng.random(len(labels)) < share_right, labels, (labels + 1) % 3)
        scores[split] = StoredScores(np.eye(3, dtype=np.float32)[shown] * 2, {})
    facts = {"seconds": 2.0, "peak_memory_gib": 1.0}
    return FinishedArm(Arm(method, seed, fit), scores["validation"]._replace(facts=facts), scores["test"])


@pytest.mark.parametrize("method", CLASSICAL_METHODS)
def test_classical_methods_learn(data, method):
    score = fit_classical(method, data, fit=FitParameters(), seed=0)
    scores = score("test")
    assert scores.shape == (20, 3)
    accuracy = (scores.argmax(1) == data.labels("test")).mean()
    # Words give the class away; the states of a random encoder less so.
    assert accuracy >= (0.6 if method.startswith("frozen") else 0.95)
    np.testing.assert_array_equal(scores, fit_classical(method, data, fit=FitParameters(), seed=0)("test"))


def test_two_classes_have_two_columns(data):
    two = dataclasses.replace(
        data,
        token_table=data.token_table.filter(pc.less(data.token_table["label_id"], 2)),
        label_names=data.label_names[:2],
    )
    for method in CLASSICAL_METHODS:
        scores = fit_classical(method, two, fit=FitParameters(), seed=0)("test")
        assert scores.shape == (18, 2)
        np.testing.assert_allclose(scores.sum(axis=1), 0, atol=1e-9)


def test_classical_arms_pair_up_with_the_seeds(data):
    arms = run_classical("tfidf-svm", data, FitParameters(), [3, 5])
    assert [finished.arm for finished in arms] == [Arm("tfidf-svm", 3), Arm("tfidf-svm", 5)]
    assert arms[0].validation.facts["seconds"] > 0


def test_asking_a_language_model_takes_the_time_of_the_answers(data, tmp_path, monkeypatch):
    asked, options, from_cache = [], [], 0

    def classify(texts, *_, **keywords):
        asked.append(len(texts))
        options.append(keywords)
        sleep(0.05)
        cost = SimpleNamespace(asked=len(set(texts)) - from_cache)
        predicted = np.zeros(len(texts), int)
        predicted[:5] = -1
        return llm.LlmResult(predicted, None, cost)

    monkeypatch.setattr(llm, "classify_with_llm", classify)
    monkeypatch.setattr(llm, "describe_cost", str)
    (finished,) = run_llm(data, LlmParameters(model="m"), [0], tmp_path)
    assert asked == [len(data.labels("validation")), len(data.labels("test"))]
    assert finished.validation.logits.shape == (asked[0], 3)
    assert finished.test.logits.shape == (asked[1], 3)
    assert finished.validation.facts["seconds"] >= 0.05
    assert finished.validation.facts.keys() == {"seconds", "peak_memory_gib"}
    (outcome,) = outcome_table([finished], data, PROFILE).to_dict("records")
    assert outcome["unreadable"] == 5 / asked[1]
    # Without examples a seed draws nothing: one asking serves all, and is what all took.
    arms = run_llm(data, LlmParameters(model="m"), [0, 1], tmp_path)
    assert len(asked) == 4
    assert [arm.arm.seed for arm in arms] == [0, 1]
    assert arms[1].validation.facts == arms[0].validation.facts
    assert len(run_llm(data, LlmParameters(model="m", shots_per_class=1), [0, 1], tmp_path)) == 2
    assert len(asked) == 8
    # Examples come from train alone, drawn with the seed of their arm.
    assert [keywords["seed"] for keywords in options[4:]] == [0, 0, 1, 1]
    # An answer that was there already says nothing of the time.
    from_cache = 1
    (again,) = run_llm(data, LlmParameters(model="m"), [0], tmp_path)
    assert math.isnan(again.validation.facts["seconds"])
    training_texts, labels = data.split_texts("train"), data.labels("train").tolist()
    for keywords in options:
        assert keywords["examples"] == list(zip(training_texts, labels, strict=True))


def test_answers_become_logits():
    counts = np.array([5, 3, 2])
    logits = answer_logits(np.array([1, -1]), None, counts)
    assert logits[0].argmax() == 1
    assert logits[0, 1] == SURE
    np.testing.assert_allclose(logits[1], np.log(counts / 10))  # no class named: the most frequent one
    scores = np.ones((2, 3))
    assert answer_logits(np.array([1, -1]), scores, counts) is scores


def test_outcomes_are_the_metrics_of_the_scores(data):
    table = outcome_table([arm("perfect", 0, data, 1.0), arm("poor", 0, data, 0.0)], data, PROFILE)
    assert list(table.columns) == list(OUTCOME_COLUMNS)
    perfect, poor = table.to_dict("records")
    assert (perfect["macro_f1"], perfect["val_macro_f1"], perfect["worst_recall"]) == (1.0, 1.0, 1.0)
    assert (poor["accuracy"], poor["macro_f1"]) == (0.0, 0.0)
    assert perfect["seconds"] == 2.0
    # One that is always wrong should not be sure: calibration brings its error down.
    assert poor["ece_calibrated"] < poor["ece"]
    assert perfect["ece_calibrated"] == perfect["ece"]  # no mistake says how sure it should be
    named = public_metrics(perfect)
    assert named["test/macro_f1"] == named["val/macro_f1"] == 1.0
    assert named["seconds"] == 2.0
    assert "learning_rate" not in named
    assert all(np.isfinite(list(named.values())))


def test_probabilities_are_calibrated_on_validation(data):
    """Sure and always right there, so the temperature is 1, however wrong the test texts are."""
    sure, wrong = arm("sure", 0, data, 1.0), arm("sure", 0, data, 0.3)
    (row,) = outcome_table([sure._replace(test=wrong.test)], data, PROFILE).to_dict("records")
    assert row["ece_calibrated"] == row["ece"] > 0.3


def test_words_of_test_texts_alone_are_not_learnt(data):
    """TF-IDF counts the training texts' words: others change no score."""
    texts = data.texts.copy()
    texts.loc[data.row_ids("test")] += " zebra giraffe"
    for method in ("tfidf-svm", "tfidf-logistic-regression"):
        scores = fit_classical(method, data, fit=FitParameters(), seed=0)("validation")
        changed = dataclasses.replace(data, texts=texts)
        again = fit_classical(method, changed, fit=FitParameters(), seed=0)("validation")
        np.testing.assert_array_equal(again, scores)


def test_texts_without_a_word_are_one_line(data):
    emoji = dataclasses.replace(data, texts=data.texts.map(lambda _: "😀 a"))
    with pytest.raises(
        CorpusError, match=r"^compare\.methods: no training text has a word of two letters.*; name"
    ):
        fit_classical("tfidf-svm", emoji, fit=FitParameters(), seed=0)


def test_support_vectors_have_the_penalty_that_validation_prefers():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], [120, 30, 10])
    noisy = np.eye(3, 6)[labels] + rng.normal(size=(160, 6))
    train = Split(noisy, labels)
    chosen = []
    for seed in range(4):
        held_out = np.repeat([0, 1, 2], [30, 15, 10])
        draw = np.random.default_rng(seed)
        validation = Split(np.eye(3, 6)[held_out] + draw.normal(size=(55, 6)), held_out)
        model = _support_vectors(train, validation, seed=0)
        scores = {}
        for penalty in INVERSE_PENALTIES:
            plain = LinearSVC(C=penalty, class_weight="balanced", random_state=0).fit(noisy, labels)
            scores[penalty] = f1_score(held_out, plain.predict(validation.values), average="macro")
        assert scores[model.C] == max(scores.values())
        chosen.append(model.C)
    on_train = {
        penalty: f1_score(
            labels,
            LinearSVC(C=penalty, class_weight="balanced", random_state=0).fit(noisy, labels).predict(noisy),
            average="macro",
        )
        for penalty in INVERSE_PENALTIES
    }
    assert set(chosen) != {max(on_train, key=on_train.get)}  # else choosing on train would pass


@pytest.mark.parametrize(
    ("wanted", "compared", "chosen"),
    [
        (["b", "a"], ["a", "b", "c"], ["b", "a"]),
        (["b", "a"], ["a", "c", "d"], ["a"]),
        (["b", "a"], ["a", "b"], ["b"]),  # two methods have one difference
        (["a"], ["a"], ["a"]),
    ],
)
def test_references_are_those_that_are_compared(wanted, compared, chosen, caplog):
    assert choose_references(wanted, compared) == chosen
    assert caplog.messages == []


def test_without_a_reference_the_method_that_the_user_named_first_is_it(caplog):
    assert choose_references(["x", "y"], ["c", "a", "b"]) == ["c"]
    assert caplog.messages == ["x, y (compare.references): not compared; c stands in"]


def test_no_arm_no_row(data):
    assert outcome_table([], data, PROFILE).empty
    assert len(arm_score_table([], data)) == 0


def test_differences_and_classes_follow_from_stored_scores(data):
    fit = FitParameters()
    arms = [
        arm(name, seed, data, share, fit) for name, share in (("good", 1.0), ("bad", 0.3)) for seed in (0, 1)
    ]
    table = arm_score_table(arms, data)
    predictions, labels = predictions_by_method(table)
    np.testing.assert_array_equal(labels, data.labels("test"))
    assert list(predictions) == ["good", "bad"]
    assert (predictions["good"] == labels).all()
    np.testing.assert_array_equal(predictions["bad"][1], arms[3].test.logits.argmax(1))
    rows = differences_from_scores(
        table, data.class_counts, PROFILE, references=["good", "bad"], num_samples=200, seed=0
    ).to_dict("records")
    for row, reference, sign in zip(rows, ("good", "bad"), (-1, 1), strict=True):
        assert row["reference"] == reference
        assert np.sign(row["difference"]) == sign
        assert row["p_randomization"] < 0.05
        other = "bad" if sign < 0 else "good"
        held_against = "good" if sign < 0 else "bad"
        groups = name_groups(data.class_counts, PROFILE.head_above, PROFILE.tail_below)
        pair = (predictions[other], predictions[held_against], labels, groups)
        expected = paired_bootstrap(*pair, num_samples=200, confidence=0.95, seed=0)
        assert (row["low"], row["high"]) == (expected.low, expected.high)
    said = prediction_table(table, data.label_names)
    assert list(said) == ["row_id", "label", "good seed 0", "good seed 1", "bad seed 0", "bad seed 1"]
    assert said["row_id"].tolist() == data.row_ids("test").tolist()
    names = np.array(data.label_names)
    assert said["label"].tolist() == said["good seed 1"].tolist() == names[labels].tolist()
    assert said["bad seed 1"].tolist() == names[predictions["bad"][1]].tolist()
    classes = class_f1_table(table, data.label_names, data.class_counts)
    assert len(classes) == 2 * 2 * 3
    assert (classes.loc[classes["method"] == "good", "f1"] == 1).all()
    bad = classes[(classes["method"] == "bad") & (classes["seed_number"] == 0)].set_index("label")["f1"]
    expected_f1 = f1_score(labels, predictions["bad"][0], average=None)
    assert bad[data.label_names].tolist() == pytest.approx(expected_f1.tolist())
    assert classes.groupby("label")["train_texts"].first().to_dict() == dict(
        zip(data.label_names, data.class_counts, strict=True)
    )


def test_methods_that_were_scored_on_other_texts_or_seeds_are_not_compared(data):
    fit = FitParameters()
    one = arm_score_table([arm("one", seed, data, 1.0, fit) for seed in (0, 1)], data)
    other = arm_score_table([arm("other", seed, data, 0.5, fit) for seed in (0, 1)], data)
    assert set(predictions_by_method(pa.concat_tables([one, other]))[0]) == {"one", "other"}
    rows = pc.add(other["row_id"], 1)
    moved = other.set_column(other.schema.get_field_index("row_id"), "row_id", rows)
    fewer_seeds = arm_score_table([arm("other", 0, data, 0.5, fit)], data)
    other_seeds = arm_score_table([arm("other", seed, data, 0.5, fit) for seed in (0, 2)], data)
    for table in (moved, fewer_seeds, other_seeds):
        with pytest.raises(
            CorpusError, match="other was scored on other test texts or with other seeds than one"
        ):
            predictions_by_method(pa.concat_tables([one, table]))


def test_frozen_states_are_pooled_and_placed_as_the_fit_block_says(data, monkeypatch):
    built, placed = [], []
    build = classical.build_model
    monkeypatch.setattr(
        classical, "build_model", lambda *arguments: built.append(arguments[3:]) or build(*arguments)
    )
    monkeypatch.setattr(classical, "select_device", lambda device: placed.append(device) or "cpu")
    scores = []
    for pooling in ("mean", "first"):
        fit = FitParameters(pooling=pooling, device="cpu")
        scores.append(fit_classical("frozen-logistic-regression", data, fit=fit, seed=0)("test"))
    assert [(block.pooling, device) for block, device in built] == [("mean", "cpu"), ("first", "cpu")]
    assert placed == ["cpu", "cpu"]
    assert not np.allclose(*scores)
