"""What is configured reaches the model, the Trainer and every source of random numbers."""

import pyarrow as pa
import pytest
import torch
from torch import nn

from sharprecl.functional import effective_number_weights
from sharprecl.modeling import load_tokenizer
from sharprecl.parameters import FitParameters
from sharprecl.pipelines.fit import nodes
from sharprecl.training import run
from sharprecl.training.build import build_model, build_model_of
from sharprecl.training.job import TrainingJob
from sharprecl.training.run import run_training
from tests.comparison.conftest import make_data

DATA = make_data()
STILL = FitParameters(epochs=1, batch_size=32, learning_rate=1e-9, weight_decay=0.0, device="cpu")
"""Moves no weight."""


def job_with(parameters: FitParameters = STILL, seed: int = 0) -> TrainingJob:
    return TrainingJob(DATA.token_table, DATA.label_names, "random-tiny", 0, parameters, seed)


def trainer_of(job, folder):
    return run._build_trainer(job, build_model_of(job, "cpu"), "cpu", folder)


def test_the_seed_reaches_whatever_draws(tmp_path):
    trainer = trainer_of(job_with(seed=7), tmp_path)
    assert (trainer.args.seed, trainer.args.data_seed) == (7, 7)
    assert (trainer.train_dataset.seed, trainer.objective.contrast.seed) == (7, 7)


def test_another_seed_is_another_training(tmp_path):
    """Else a comparison's seeds would be one training, and every standard deviation 0."""
    first, again, other = (
        run_training(job_with(seed=seed), tmp_path / str(place), None, None).model
        for place, seed in enumerate((0, 0, 1))
    )
    head = "embedding_head.0.weight"
    assert torch.equal(first.state_dict()[head], again.state_dict()[head])
    assert not torch.allclose(first.state_dict()[head], other.state_dict()[head], atol=1e-3)


def test_the_run_s_seed_preset_and_tokens_reach_the_training(monkeypatch, tmp_path):
    asked = {}

    def fit_model(table, names, tokenizer, encoder, **options):
        asked.update(options, length=tokenizer.model_max_length)
        raise StopIteration

    monkeypatch.setattr("sharprecl.training.fit_model", fit_model)
    tokenize = nodes.TokenizeParameters(max_length=16)
    arguments = (DATA.token_table, DATA.label_names, "random-tiny", tokenize, FitParameters(epochs=2))
    with pytest.raises(StopIteration):
        nodes.fit_sharprecl(*arguments, "focal", 5, nodes.LaunchParameters(), tmp_path)
    assert (asked["seed"], asked["length"], asked["checkpoint_folder"]) == (5, 16, tmp_path)
    assert (asked["parameters"].classification_loss, asked["parameters"].epochs) == ("focal", 2)


@pytest.mark.parametrize(("head_norm", "module"), [("batch", nn.BatchNorm1d), ("layer", nn.LayerNorm)])
def test_the_fit_block_reaches_the_model(head_norm, module):
    parameters = FitParameters(
        head_norm=head_norm, embedding_dim=7, pooling="first", classifier="linear", logit_scale="unit"
    )
    model = build_model("random-tiny", ["a", "b"], [3, 1], parameters)
    for head in (model.embedding_head, model.prototype_head):
        assert isinstance(head[1], module)
        assert head[-1].out_features == 7
    assert model.config.pooling == "first"
    assert (model.config.classifier, model.logit_scale.mode) == ("linear", "unit")
    assert model.config.class_counts == [3, 1]


def test_the_fit_block_reaches_the_trainer(tmp_path):
    parameters = FitParameters(
        epochs=3, batch_size=8, eval_batch_size=9, learning_rate=0.02, weight_decay=0.3, max_grad_norm=0.7,
        warmup_ratio=0.25, early_stopping_patience=2, selection_tolerance=0.11, device="cpu",
        class_weights="first", first_class="vehicle",
    )  # fmt: skip
    trainer = trainer_of(job_with(parameters), tmp_path)
    args = trainer.args
    assert (args.num_train_epochs, args.per_device_train_batch_size, args.per_device_eval_batch_size) == (
        3,
        8,
        9,
    )
    assert (args.learning_rate, args.weight_decay, args.max_grad_norm) == (0.02, 0.3, 0.7)
    assert args.get_warmup_steps(100) == 25
    assert trainer.selection_tolerance == 0.11
    (patience,) = (
        callback.early_stopping_patience
        for callback in trainer.callback_handler.callbacks
        if hasattr(callback, "early_stopping_patience")
    )
    assert patience == 2
    counts = torch.tensor(DATA.class_counts)
    expected = effective_number_weights(counts, 0.9999)[DATA.label_names.index("vehicle")]
    weights = trainer.objective.contrast.class_weights
    torch.testing.assert_close(weights, torch.full((3,), float(expected)))


def test_only_the_training_rows_are_trained_on(tmp_path):
    trainer = trainer_of(job_with(), tmp_path)
    splits = pa.compute.value_counts(DATA.token_table["split"]).to_pylist()
    sizes = {entry["values"]: entry["counts"] for entry in splits}
    assert (len(trainer.train_dataset), len(trainer.eval_dataset)) == (sizes["train"], sizes["validation"])
    assert load_tokenizer("random-tiny").pad_token_id == job_with().pad_token_id


@pytest.mark.parametrize(
    ("changes", "warns"),
    [({"dropout": 0.0}, True), ({}, False), ({"dropout": 0.0, "view": "word_dropout"}, False)],
)
def test_two_views_that_are_the_same_are_told(caplog, changes, warns):
    build_model_of(job_with(STILL.model_copy(update=changes)), "cpu")
    told = [message for message in caplog.messages if "both views of a text are the same" in message]
    assert len(told) == warns
