"""A training that goes on where a killed one was, in a folder that is nobody else's."""

import pytest
from filelock import FileLock
from transformers.trainer_utils import get_last_checkpoint

from sharprecl.training.checkpoints import claim_run_folder
from tests.training.test_training_fit import PARAMETERS, equal, token_table, tokenizer, train

__all__ = ["token_table", "tokenizer"]  # fixtures
PATIENT = PARAMETERS.model_copy(update={"epochs": 5, "early_stopping_patience": 2})


class KilledError(Exception):
    pass


def kill_after(limit):
    def sink(metrics, step):
        if step > limit:
            raise KilledError

    return sink


def test_a_half_checkpoint_is_not_gone_on_from(token_table, tokenizer, tmp_path):
    with pytest.raises(KilledError):
        train(token_table, tokenizer, tmp_path / "run", metrics_sink=kill_after(10))
    (folder,) = (path.parent for path in (tmp_path / "run").glob("*/checkpoint-10"))
    half = folder / "checkpoint-15"
    half.mkdir()
    (half / "model.safetensors").write_bytes(b"half")
    (half / "trainer_state.json").write_text('{"epoch": 3.0, "glob')
    assert get_last_checkpoint(str(folder)) == str(half)
    resumed = train(token_table, tokenizer, tmp_path / "run")
    assert equal(resumed, train(token_table, tokenizer, tmp_path / "whole"))


@pytest.fixture
def planned(monkeypatch):
    """Validation macro-F1 of the epochs, whatever was learned; early stopping ends after the third."""
    scores, evaluations = [0.9, 0.5, 0.4, 0.3, 0.2], []

    def metrics(_):
        evaluations.append(scores[len(evaluations)])
        return {"accuracy": 0.0, "macro_f1": evaluations[-1]}

    monkeypatch.setattr("sharprecl.training.run.validation_metrics", metrics)
    return evaluations


def test_early_stopping_counts_on_where_an_interrupted_run_was(token_table, tokenizer, tmp_path, planned):
    with pytest.raises(KilledError):
        train(token_table, tokenizer, tmp_path, PATIENT, metrics_sink=kill_after(10))
    assert len(planned) == 2
    resumed = train(token_table, tokenizer, tmp_path, PATIENT)
    assert resumed.history["epoch"].tolist() == [1, 2, 3]


def test_a_training_that_had_stopped_early_is_not_trained_further(token_table, tokenizer, tmp_path, planned):
    first = train(token_table, tokenizer, tmp_path, PATIENT)
    assert len(planned) == 3
    again = train(token_table, tokenizer, tmp_path, PATIENT)
    assert len(planned) == 3
    assert equal(again, first)
    assert again.history.equals(first.history)


def test_equal_trainings_at_once_have_folders_of_their_own(tmp_path):
    name = "0123456789abcdef"
    with claim_run_folder(tmp_path, name) as first, claim_run_folder(tmp_path, name) as second:
        assert first.name == name
        assert first != second
        assert len(second.name) == len(name)  # processes tell each other the name
        state = second / "checkpoint-7" / "trainer_state.json"
        state.parent.mkdir()
        state.write_text('{"epoch": 1.0}')
    with claim_run_folder(tmp_path, name) as again:
        assert again == second  # the one that got furthest
    with FileLock(second / "lock"), claim_run_folder(tmp_path, name) as other:
        assert other == first


@pytest.mark.usefixtures("planned")
def test_a_moved_training_takes_the_chosen_epoch_from_where_it_is_now(token_table, tokenizer, tmp_path):
    first = train(token_table, tokenizer, tmp_path / "run", PATIENT)
    (tmp_path / "run").rename(tmp_path / "moved")
    again = train(token_table, tokenizer, tmp_path / "moved", PATIENT)
    assert again.history["chosen"].tolist() == [True, False, False]
    assert equal(again, first)


def test_a_training_that_begins_anew_leaves_no_old_checkpoint(token_table, tokenizer, tmp_path):
    """A new one that is broken off while it is written over an old one would look whole."""
    with pytest.raises(KilledError):
        train(token_table, tokenizer, tmp_path, metrics_sink=kill_after(10))
    assert len(list(tmp_path.glob("*/checkpoint-10"))) == 1

    def kill_at_once(metrics, step):
        assert not list(tmp_path.glob("*/checkpoint-*"))
        raise KilledError

    anew = PARAMETERS.model_copy(update={"resume": False})
    with pytest.raises(KilledError):
        train(token_table, tokenizer, tmp_path, anew, metrics_sink=kill_at_once)


def test_only_a_training_that_goes_on_is_called_resumed(token_table, tokenizer, tmp_path):
    assert not train(token_table, tokenizer, tmp_path / "whole").resumed
    with pytest.raises(KilledError):
        train(token_table, tokenizer, tmp_path / "run", metrics_sink=kill_after(10))
    assert train(token_table, tokenizer, tmp_path / "run").resumed
