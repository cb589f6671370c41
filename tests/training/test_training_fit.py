"""Training runs with a real Trainer and a tiny encoder."""

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from transformers import EvalPrediction, TrainingArguments

from sharprecl.errors import CorpusError, TrainingError
from sharprecl.functional import class_mean_directions
from sharprecl.modeling import load_model
from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.modeling.tokenization import tokenize_texts
from sharprecl.parameters import FitParameters
from sharprecl.parameters.presets import NO_CONTRAST
from sharprecl.table_digest import table_digest
from sharprecl.training import fit_model, run
from sharprecl.training.build import build_model
from sharprecl.training.job import run_fingerprint
from sharprecl.training.optimizer import build_optimizer
from sharprecl.training.run import validation_metrics
from sharprecl.training.trainer import SharpReCLTrainer
from tests.encoder_folders import change_weights, make_encoder_folder

WORDS = {"animal": "cat dog horse lion", "vehicle": "car truck bus plane", "colour": "red blue green pink"}
LABELS = sorted(WORDS)
PARAMETERS = FitParameters(
    epochs=3, batch_size=16, learning_rate=1e-2, view="word_dropout", selection_tolerance=0.0
)


@pytest.fixture(scope="module")
def tokenizer():
    return load_tokenizer("random-tiny")


@pytest.fixture(scope="module")
def token_table(tokenizer) -> pa.Table:
    draw = random.Random(0)  # noqa: S311 - texts of a test
    label_ids = [0] * 60 + [1] * 30 + [2] * 10
    texts = [" ".join(draw.choices([*WORDS[LABELS[label]].split(), "the", "of"], k=6)) for label in label_ids]
    table = tokenize_texts(tokenizer, texts, max_length=32, batch_size=64)
    table = table.append_column(
        "split", pa.array(["validation" if i % 5 == 0 else "train" for i in range(100)])
    )
    return table.append_column("label_id", pa.array(label_ids, pa.int32()))


def train(token_table, tokenizer, folder: Path, parameters=PARAMETERS, **kwargs):
    return fit_model(
        token_table,
        LABELS,
        tokenizer,
        "random-tiny",
        parameters=parameters,
        seed=0,
        checkpoint_folder=folder,
        **kwargs,
    )


def weights(result) -> dict[str, torch.Tensor]:
    return result.trained_model.model.state_dict()


def equal(first, second) -> bool:
    return all(torch.equal(value, weights(second)[name]) for name, value in weights(first).items())


def test_training_learns_logs_while_it_runs_and_chooses_the_best_epoch(token_table, tokenizer, tmp_path):
    logged = []
    # From random rows: the class means alone tell these texts apart, and nothing would be left to learn.
    parameters = PARAMETERS.model_copy(update={"classifier_start": "random"})
    result = train(
        token_table,
        tokenizer,
        tmp_path,
        parameters,
        metrics_sink=lambda metrics, step: logged.append((step, metrics)),
    )
    history = result.history
    assert history["epoch"].tolist() == [1, 2, 3]
    # Not the whole loss, whose μ falls by itself.
    assert history["train/classification_loss"].is_monotonic_decreasing
    assert history["train/classification_loss"].iloc[-1] < 0.1 < history["train/classification_loss"].iloc[0]
    assert history["val/accuracy"].max() > 0.8
    seen = {name for _, metrics in logged for name in metrics}
    assert {"train/loss", "train/contrastive_loss", "val/macro_f1"} <= seen
    assert [step for step, metrics in logged if "val/macro_f1" in metrics] == [5, 10, 15]
    validation = token_table.filter(pa.compute.equal(token_table["split"], "validation"))
    scores = result.trained_model.score(
        [np.array(row) for row in validation["input_ids"].to_pylist()], 64, progress=False
    )
    prediction = EvalPrediction(scores.logits, validation["label_id"].to_numpy())
    assert validation_metrics(prediction)["macro_f1"] == pytest.approx(history["val/macro_f1"].max())


@pytest.mark.parametrize("tolerance", [0.0, 0.3, 1.0])
def test_the_last_epoch_within_the_tolerance_of_the_best_is_chosen(
    token_table, tokenizer, tmp_path, monkeypatch, tolerance
):
    # The epochs' validation macro-F1, whatever was learned.
    planned = iter([0.5, 0.9, 0.7])
    classifiers = []

    def metrics(_):
        return {"accuracy": 0.0, "macro_f1": next(planned)}

    class Remember(SharpReCLTrainer):
        def evaluate(self, *args, **kwargs):
            classifiers.append(self.model.classifier.weight.detach().clone())
            return super().evaluate(*args, **kwargs)

    monkeypatch.setattr("sharprecl.training.run.validation_metrics", metrics)
    monkeypatch.setattr("sharprecl.training.run.SharpReCLTrainer", Remember)
    parameters = PARAMETERS.model_copy(update={"selection_tolerance": tolerance})
    result = train(token_table, tokenizer, tmp_path, parameters)
    chosen = {0.0: 1, 0.3: 2, 1.0: 2}[tolerance]
    assert torch.equal(result.trained_model.model.classifier.weight, classifiers[chosen])
    assert result.history["chosen"].tolist() == [epoch == chosen for epoch in range(3)]


def test_the_classifier_can_start_at_the_class_means(token_table, tokenizer, tmp_path):
    changes = {"classifier_start": "class_means", "learning_rate": 1e-9, "epochs": 1, "weight_decay": 0.0}
    trained = train(token_table, tokenizer, tmp_path, PARAMETERS.model_copy(update=changes)).trained_model
    rows = token_table.filter(pa.compute.equal(token_table["split"], "train"))
    states = trained.encode(rows["input_ids"].to_numpy(), progress=False)
    labels = torch.from_numpy(rows["label_id"].to_numpy()).long()
    expected = class_mean_directions(torch.from_numpy(states), labels, 3)
    weight = trained.model.classifier.weight.detach()
    assert torch.cosine_similarity(weight, expected).min() > 0.999


def test_equal_seeds_give_equal_bits(token_table, tokenizer, tmp_path):
    first = train(token_table, tokenizer, tmp_path / "first")
    second = train(token_table, tokenizer, tmp_path / "second")
    assert equal(first, second)


def test_an_interrupted_run_ends_with_the_bits_of_an_uninterrupted_one(
    token_table, tokenizer, tmp_path, caplog
):
    class InterruptedTrainingError(Exception):
        pass

    def interrupt(metrics, step):
        if step > 10:
            raise InterruptedTrainingError

    with pytest.raises(InterruptedTrainingError):
        train(token_table, tokenizer, tmp_path / "run", metrics_sink=interrupt)
    resumed_lines, whole_lines = [], []
    with caplog.at_level("INFO", "sharprecl"):
        resumed = train(
            token_table, tokenizer, tmp_path / "run", metrics_sink=lambda *line: resumed_lines.append(line)
        )
    assert "Going on from checkpoint-10." in caplog.text
    whole = train(
        token_table, tokenizer, tmp_path / "whole", metrics_sink=lambda *line: whole_lines.append(line)
    )
    assert resumed_lines == whole_lines  # the second process tells the first one's metrics, too
    assert equal(resumed, whole)
    pd.testing.assert_frame_equal(resumed.history, whole.history)


def test_without_contrast_the_projection_heads_stay_as_they_are(token_table, tokenizer, tmp_path):
    parameters = PARAMETERS.model_copy(update={**NO_CONTRAST, "epochs": 1, "weight_decay": 0.0})
    result = train(token_table, tokenizer, tmp_path, parameters)
    assert result.history["train/contrastive_loss"].tolist() == [0.0]
    torch.manual_seed(0)
    start = build_model("random-tiny", LABELS, [48, 24, 8], parameters).state_dict()
    same = {name: torch.equal(value, start[name]) for name, value in weights(result).items()}
    heads = {name: kept for name, kept in same.items() if "_head." in name}
    assert len(heads) == 12
    assert all(heads.values())
    assert not same["classifier.weight"]


def test_a_diverged_training_ends_with_what_to_do(token_table, tokenizer, tmp_path):
    parameters = PARAMETERS.model_copy(update={"learning_rate": 1e20, "epochs": 1})
    with pytest.raises(TrainingError, match=r"training diverged.*lower fit\.learning_rate"):
        train(token_table, tokenizer, tmp_path, parameters)


def test_a_class_without_a_training_text_is_named(token_table, tokenizer, tmp_path):
    with pytest.raises(CorpusError, match="class 'zebra' has no training text"):
        fit_model(
            token_table,
            [*LABELS, "zebra"],
            tokenizer,
            "random-tiny",
            parameters=PARAMETERS,
            seed=0,
            checkpoint_folder=tmp_path,
        )


def test_a_training_of_a_single_step_learns(token_table, tokenizer, tmp_path):
    # A tenth of one step rounds up to one step of warm-up, which begins at a rate of 0.
    parameters = PARAMETERS.model_copy(update={"epochs": 1, "batch_size": len(token_table)})
    histories = [
        train(
            token_table,
            tokenizer,
            tmp_path / str(rate),
            parameters.model_copy(update={"learning_rate": rate}),
        ).history
        for rate in (1e-3, 1e-2)
    ]
    assert [history["train/learning_rate"].max() for history in histories] == [1e-3, 1e-2]
    assert histories[0]["val/loss"].iloc[-1] != histories[1]["val/loss"].iloc[-1]


def test_one_process_trains_on_one_gpu(monkeypatch, tmp_path):
    set_up = TrainingArguments.__post_init__

    def find_two_gpus(self):
        set_up(self)
        self._n_gpu = 2

    monkeypatch.setattr(TrainingArguments, "__post_init__", find_two_gpus)
    arguments = run._training_arguments(PARAMETERS, "cpu", 0, tmp_path, 100, 10)
    assert arguments.n_gpu == 1
    assert arguments.train_batch_size == PARAMETERS.batch_size


def test_label_names_counts_pooling_and_the_data_digest_go_with_the_model(token_table, tokenizer, tmp_path):
    result = train(token_table, tokenizer, tmp_path, PARAMETERS.model_copy(update={"epochs": 1}))
    assert result.trained_model.label_names == LABELS
    assert result.trained_model.model.config.class_counts == [48, 24, 8]
    assert result.trained_model.model.config.pooling == "mean"
    assert result.trained_model.data_digest == table_digest(token_table)


def test_a_model_scores_as_the_saved_one_does_after_mixed_precision(token_table, tokenizer, tmp_path):
    parameters = PARAMETERS.model_copy(update={"epochs": 1, "precision": "bf16"})
    trained = train(token_table, tokenizer, tmp_path / "run", parameters).trained_model
    trained.save(tmp_path / "model")
    rows = trained.token_rows(["cat dog", "truck", "the blue of green"])
    np.testing.assert_array_equal(
        trained.score(rows).logits, load_model(tmp_path / "model").score(rows).logits
    )


def test_fingerprint_changes_with_anything_that_changes_the_result(token_table):
    digest = table_digest(token_table)
    base = run_fingerprint(digest, LABELS, "minilm", PARAMETERS, 0)
    assert run_fingerprint(digest, LABELS, "minilm", PARAMETERS, 0) == base
    others = [
        run_fingerprint(table_digest(token_table.slice(1)), LABELS, "minilm", PARAMETERS, 0),
        run_fingerprint(digest, LABELS[::-1], "minilm", PARAMETERS, 0),
        run_fingerprint(digest, LABELS, "other", PARAMETERS, 0),
        run_fingerprint(digest, LABELS, "minilm", PARAMETERS, 1),
        run_fingerprint(digest, LABELS, "minilm", PARAMETERS.model_copy(update={"epochs": 4}), 0),
    ]
    assert len({base, *others}) == 6


def test_fingerprint_sees_the_weights_in_an_encoders_folder(token_table, tmp_path):
    folder = make_encoder_folder(tmp_path / "encoder")
    before = run_fingerprint(table_digest(token_table), LABELS, str(folder), PARAMETERS, 0)
    change_weights(folder)
    assert run_fingerprint(table_digest(token_table), LABELS, str(folder), PARAMETERS, 0) != before


def test_validation_macro_f1_is_the_mean_over_the_classes_validation_holds():
    logits = np.eye(3)[[0, 0, 1, 2]]
    metrics = validation_metrics(EvalPrediction(logits, np.array([0, 0, 1, 1])))
    # Class 0: F1 1; class 1: precision 1, recall ½, F1 ⅔; class 2 has no validation text.
    assert metrics["macro_f1"] == pytest.approx((1 + 2 / 3) / 2)
    assert metrics["accuracy"] == 0.75


def test_weight_decay_acts_on_matrices_and_heads_have_their_own_rate():
    parameters = FitParameters(learning_rate=1e-4, head_learning_rate=1e-3, weight_decay=0.1)
    model = build_model("random-tiny", LABELS, [3, 2, 1], parameters)
    groups = build_optimizer(model, parameters).param_groups
    assert sum(len(group["params"]) for group in groups) == len(list(model.parameters()))
    for group in groups:
        assert all((weight.dim() > 1) == (group["weight_decay"] > 0) for weight in group["params"])
    in_heads = {id(weight) for name, weight in model.named_parameters() if not name.startswith("encoder.")}
    for group in groups:
        assert {id(weight) in in_heads for weight in group["params"]} == {group["lr"] == 1e-3}
