"""Training the arms of a method, going on after an interruption, and telling how far it is."""

import logging
import shutil
import time
from contextlib import contextmanager
from threading import Thread

import numpy as np
import pytest

from sharprecl.comparison import method_arms
from sharprecl.comparison.arm_store import ArmStore, StoredScores
from sharprecl.comparison.arms import Arm, arm_key, with_changes
from sharprecl.comparison.method_arms import TrainedArms
from sharprecl.comparison.methods import shares_with_later
from sharprecl.comparison.progress import ComparisonProgress, plan_trainings
from sharprecl.modeling import load_tokenizer
from sharprecl.parameters import FitParameters
from sharprecl.training import fit_model
from sharprecl.training.post_hoc import Split, tune_logit_adjustment

# From random rows, so that the small rate learns nothing in its four steps and the grid has a choice.
FIT = FitParameters(epochs=1, batch_size=16, learning_rate=1e-2, classifier_start="random")
RATES = [1e-5, 1e-2]


class StoppedError(Exception):
    pass


class Recorder:
    """Counts trainings and can break off before one of them."""

    def __init__(self, break_before=None):
        self.trained, self.metrics, self.break_before = [], [], break_before

    @contextmanager
    def track(self, arm):
        if len(self.trained) == self.break_before:
            raise StoppedError
        self.trained.append((arm.seed, arm.learning_rate))
        yield lambda metrics, step: self.metrics.append(metrics)


def run(data, folder, recorder=None, seeds=(0, 1), progress=None, fit=FIT, **options):
    recorder, store = recorder or Recorder(), ArmStore(folder / "arms")
    progress = progress or ComparisonProgress([], store)
    arms = TrainedArms(data, store, folder / "checkpoints", recorder.track, progress)
    return arms.run("sharprecl", fit, list(seeds), RATES, **options), recorder


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """A comparison that nothing disturbed: its folder, its arms, its recorder."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, *run(data, folder)


@pytest.fixture
def finished_folder(whole, tmp_path):
    """A folder in which it has ended."""
    shutil.copytree(whole[0], tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_grid_on_the_first_seed_then_the_chosen_rate(whole):
    folder, finished, recorder = whole
    # At 1e-5 a random encoder learns nothing in an epoch.
    assert recorder.trained == [(0, 1e-5), (0, 1e-2), (1, 1e-2)]
    assert [arm.arm.seed for arm in finished] == [0, 1]
    assert {arm.arm.learning_rate for arm in finished} == {1e-2}
    assert finished[0].test.logits.shape == (20, 3)
    assert finished[0].validation.facts["seconds"] > 0
    assert finished[0].validation.facts["peak_memory_gib"] > 0
    assert any("val/macro_f1" in metrics for metrics in recorder.metrics)
    names = sorted(path.name.split("-")[1] for path in (folder / "arms").glob("[!.]*"))
    # Test texts are scored by chosen arms alone; no model is left over.
    assert names == ["test.safetensors"] * 2 + ["validation.safetensors"] * 3
    assert list((folder / "checkpoints").iterdir()) == []


def test_a_second_run_trains_nothing_and_says_so(data, whole, finished_folder, caplog):
    first = whole[1]
    with caplog.at_level(logging.INFO, "sharprecl.comparison.method_arms"):
        second, recorder = run(data, finished_folder)
    assert recorder.trained == []
    assert caplog.messages == [
        f"sharprecl, seed {seed}, learning rate {rate:g}: taken from {finished_folder / 'arms'}"
        for seed, rate in ((0, 1e-5), (0, 1e-2), (1, 1e-2))
    ]
    for a, b in zip(first, second, strict=True):
        assert a.arm == b.arm
        np.testing.assert_array_equal(a.test.logits, b.test.logits)


@pytest.mark.parametrize("break_before", [1, 2])
def test_an_interrupted_comparison_goes_on_with_what_is_missing(data, whole, tmp_path, break_before):
    with pytest.raises(StoppedError):
        run(data, tmp_path / "broken", Recorder(break_before))
    rest, recorder = run(data, tmp_path / "broken")
    assert len(recorder.trained) == 3 - break_before
    for a, b in zip(whole[1], rest, strict=True):
        np.testing.assert_allclose(a.test.logits, b.test.logits, atol=1e-5)


def test_a_lost_model_is_trained_again(data, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(ArmStore, "save_model", lambda *_: None)
        patch.setattr(method_arms.TrainedArms, "_finish", lambda *_: (_ for _ in ()).throw(StoppedError))
        with pytest.raises(StoppedError):
            run(data, tmp_path)
    finished, recorder = run(data, tmp_path, seeds=[0])
    assert recorder.trained == [(0, 1e-2)]
    assert finished[0].test.logits.shape == (20, 3)


def test_both_splits_of_an_arm_are_scored_by_one_model(data, whole, finished_folder, monkeypatch):
    """Where the test scores need a new training, the old one's validation scores are not kept beside them."""
    first = whole[1]
    key = arm_key(first[0].arm.training, data.digest)
    (finished_folder / "arms" / f"{key}-test.safetensors").unlink()
    old = StoredScores(np.zeros_like(first[0].validation.logits), {"seconds": -1.0, "peak_memory_gib": 0.0})
    ArmStore(finished_folder / "arms").save(key, "validation", old)
    other_rate = StoredScores(np.zeros_like(old.logits), old.facts)
    slow = arm_key(
        first[0].arm._replace(fit=with_changes(FIT, {"learning_rate": RATES[0]})).training, data.digest
    )
    ArmStore(finished_folder / "arms").save(slow, "validation", other_rate)
    monkeypatch.setattr(method_arms, "macro_f1", lambda *_: 0.0)  # the first rate of equals is chosen
    (again,), recorder = run(data, finished_folder, seeds=[0])
    assert len(recorder.trained) == 1
    assert again.validation.facts["seconds"] > 0
    assert again.validation.logits.any()


def test_test_scores_of_an_earlier_training_do_not_stay_beside_a_new_one(data, whole, finished_folder):
    first = whole[1]
    key = arm_key(first[0].arm.training, data.digest)
    store = ArmStore(finished_folder / "arms")
    store.save(key, "test", StoredScores(np.zeros_like(first[0].test.logits), {}))
    store.discard(key, "validation")
    (again,), _ = run(data, finished_folder, seeds=[0])
    np.testing.assert_allclose(again.test.logits, first[0].test.logits, atol=1e-5)


def test_the_time_of_a_resumed_training_is_not_known(data, tmp_path, monkeypatch, caplog):
    def resumed(*args, **kwargs):
        return fit_model(*args, **kwargs)._replace(resumed=True)

    monkeypatch.setattr(method_arms, "fit_model", resumed)
    progress = ComparisonProgress(
        plan_trainings({"sharprecl": FIT}, [0, 1], RATES, data.digest), ArmStore(tmp_path / "arms")
    )
    with caplog.at_level(logging.INFO, logger="sharprecl"):
        finished, _ = run(data, tmp_path, progress=progress)
    assert np.isnan(finished[0].validation.facts["seconds"])
    lines = [message for message in caplog.messages if "trainings done" in message]
    assert lines[1].endswith("1 of 3 trainings done, 2 left")


def test_progress_counts_the_arms_of_all_methods_and_estimates_the_time(data, tmp_path, caplog):
    fits = {"sharprecl": FIT, "focal": with_changes(FIT, {"classification_loss": "focal"})}
    store = ArmStore(tmp_path / "arms")
    progress = ComparisonProgress(plan_trainings(fits, [0, 1], RATES, data.digest), store)
    with caplog.at_level(logging.INFO, logger="sharprecl"):
        finished, _ = run(data, tmp_path, progress=progress)
    first, second, third = [message for message in caplog.messages if "trainings done" in message]
    assert first == "sharprecl, seed 0, learning rate 1e-05: 0 of 6 trainings done, 6 left"
    assert second.startswith("sharprecl, seed 0, learning rate 0.01: 1 of 6 trainings done, 5 left, about 0:")
    assert third.startswith("sharprecl, seed 1, learning rate 0.01: 2 of 6 trainings done, 4 left, about 0:")
    assert arm_key(finished[1].arm.training, data.digest) in progress.plan[2]


def test_arms_that_differ_in_the_adjustment_alone_share_a_training(data, whole, finished_folder):
    assert FIT.logit_adjustment == "validation"
    with_prior = whole[1]
    without, recorder = run(data, finished_folder, fit=with_changes(FIT, {"logit_adjustment": "none"}))
    assert recorder.trained == []
    assert [arm.arm.fit.logit_adjustment for arm in (*with_prior, *without)] == ["validation"] * 2 + [
        "none"
    ] * 2
    log_prior = np.log(data.class_counts / data.class_counts.sum())
    labels = data.labels("validation")
    taus = [tune_logit_adjustment(Split(arm.validation.logits, labels), log_prior) for arm in without]
    assert any(taus)
    for a, b, tau in zip(with_prior, without, taus, strict=True):
        for adjusted, plain in ((a.validation, b.validation), (a.test, b.test)):
            np.testing.assert_allclose(adjusted.logits, plain.logits - tau * log_prior, rtol=1e-5)
            assert adjusted.logits.dtype == np.float32
        assert a.validation.facts == b.validation.facts


def test_a_shared_training_gives_what_a_training_by_itself_gives(data, tmp_path):
    (arm,), _ = run(data, tmp_path, seeds=[3])
    alone = fit_model(
        data.token_table,
        data.label_names,
        load_tokenizer(data.encoder),
        data.encoder,
        parameters=arm.arm.fit,
        seed=3,
        checkpoint_folder=tmp_path / "alone",
    ).trained_model
    assert alone.model.config.logit_offset is not None
    np.testing.assert_allclose(arm.test.logits, alone.score(data.token_rows("test")).logits, rtol=1e-5)


def test_a_shared_training_is_counted_once(data, tmp_path, caplog):
    fits = {"cross-entropy": with_changes(FIT, {"logit_adjustment": "none"}), "logit-adjustment": FIT}
    plan = plan_trainings(fits, [0, 1], RATES, data.digest)
    assert len(plan) == 3
    # Where the two choose different rates the plan has one too few for each further seed.
    plan = plan_trainings(fits, [0, 1, 2], RATES, data.digest)
    store = ArmStore(tmp_path / "arms")
    for planned in plan:
        store.save(planned[0], "validation", StoredScores(np.zeros((1, 3)), {"seconds": 60.0}))
    progress = ComparisonProgress(plan, store)
    arms = [Arm("sharprecl", seed, FIT) for seed in (0, 1, 2)]
    with caplog.at_level(logging.INFO, logger="sharprecl"):
        progress.expect([arm_key(arm.training, data.digest) for arm in arms])
        progress.announce(arms[1])
    assert caplog.messages == [
        "sharprecl, seed 1, learning rate 0.01: 4 of 6 trainings done, 2 left, about 0:02:00"
    ]


def test_what_the_plan_has_already_is_not_expected_twice(data, tmp_path):
    plan = plan_trainings({"sharprecl": FIT}, [0, 1], RATES, data.digest)
    progress = ComparisonProgress(plan, ArmStore(tmp_path / "arms"))
    progress.expect([arm_key(Arm("sharprecl", 1, FIT).training, data.digest)])
    assert progress.plan == plan


def test_a_method_that_shares_trainings_may_choose_another_rate(data, tmp_path, monkeypatch):
    """Its first seed is trained already: the model of the rate that the other did not choose was kept."""
    monkeypatch.setattr(method_arms, "macro_f1", lambda *_: 0.0)  # the first rate of equals is chosen
    _, recorder = run(data, tmp_path, fit=with_changes(FIT, {"logit_adjustment": "none"}), keep_models=True)
    assert recorder.trained == [(0, 1e-5), (0, 1e-2), (1, 1e-5)]
    assert len(list((tmp_path / "arms").glob("*-model"))) == 1
    scores = iter((0.0, 1.0))
    monkeypatch.setattr(method_arms, "macro_f1", lambda *_: next(scores))
    _, recorder = run(data, tmp_path)
    assert recorder.trained == [(1, 1e-2)]
    assert list((tmp_path / "arms").glob("*-model")) == []


def test_models_are_kept_for_later_methods_alone():
    changes = {"a": {"logit_adjustment": "none"}, "other": {"temperature": 0.2}, "b": {}}
    fits = {name: with_changes(FIT, change) for name, change in changes.items()}
    assert [shares_with_later(name, fits) for name in fits] == [True, False, False]


def test_test_texts_are_scored_on_the_device_of_the_training(data, whole, finished_folder, monkeypatch):
    asked = []

    def load(_, key, device):
        asked.append(device)

    monkeypatch.setattr(ArmStore, "load_model", load)
    for file in (finished_folder / "arms").glob("*-test.safetensors"):
        file.unlink()
    run(data, finished_folder, fit=with_changes(FIT, {"device": "cpu"}))
    assert set(asked) == {"cpu"}


def test_a_training_at_which_another_process_is_is_waited_for(data, whole, finished_folder, caplog):
    first = whole[1]
    key = arm_key(first[0].arm.training, data.digest)
    store, second = ArmStore(finished_folder / "arms"), []
    with caplog.at_level(logging.INFO, logger="sharprecl"):
        with store.claim(key):
            thread = Thread(target=lambda: second.extend(run(data, finished_folder, seeds=[0])[0]))
            thread.start()
            waiting = "Another process is running the same training; waiting for its result."
            deadline = time.monotonic() + 60
            while waiting not in caplog.messages and time.monotonic() < deadline:
                time.sleep(0.05)
            assert thread.is_alive()
            assert second == []
        thread.join()
    assert waiting in caplog.messages
    np.testing.assert_array_equal(second[0].test.logits, first[0].test.logits)
