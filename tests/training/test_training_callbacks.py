import pytest

from sharprecl.training.callbacks import public_metrics
from sharprecl.training.history import training_history

LOG = [
    {"loss": 2.0, "grad_norm": 1.0, "learning_rate": 0.1, "epoch": 0.5, "step": 5},
    {"loss": 1.0, "grad_norm": 3.0, "learning_rate": 0.2, "epoch": 1.0, "step": 10},
    {
        "eval_loss": 0.9,
        "eval_macro_f1": 0.4,
        "eval_accuracy": 0.5,
        "eval_runtime": 1.0,
        "epoch": 1.0,
        "step": 10,
    },
    {"loss": 0.5, "grad_norm": 1.0, "learning_rate": 0.1, "epoch": 1.25, "step": 12},
    {"eval_loss": 0.8, "eval_macro_f1": 0.6, "eval_accuracy": 0.7, "epoch": 2.0, "step": 20},
    {"train_runtime": 10.0, "train_loss": 1.0, "epoch": 2.0, "step": 20},
]


def test_names_are_grouped_by_split():
    assert public_metrics(LOG[0]) == {"train/loss": 2.0, "train/grad_norm": 1.0, "train/learning_rate": 0.1}
    assert public_metrics(LOG[2]) == {"val/loss": 0.9, "val/macro_f1": 0.4, "val/accuracy": 0.5}


def test_the_trainers_own_timings_are_left_out():
    assert public_metrics(LOG[5]) == {}


def test_history_has_one_row_an_epoch():
    history = training_history(LOG, chosen_step=10)
    assert history["epoch"].tolist() == [1, 2]
    assert history["step"].tolist() == [10, 20]
    assert history["train/loss"].tolist() == pytest.approx([1.5, 0.5])
    assert history["val/macro_f1"].tolist() == [0.4, 0.6]
    assert history["chosen"].tolist() == [True, False]


def test_a_last_line_of_few_steps_weighs_as_few_steps():
    log = [
        {"loss": 2.0, "epoch": 10 / 11, "step": 10},
        {"loss": 1.0, "epoch": 1.0, "step": 11},
        {"loss": 4.0, "epoch": 21 / 11, "step": 21},
        {"loss": 15.0, "epoch": 2.0, "step": 22},
    ]
    history = training_history(log, chosen_step=22)
    assert history["train/loss"].tolist() == pytest.approx([21 / 11, 55 / 11])
