"""Trainings in float64 whose course must not depend on how many processes share them.

Run as a module, this is one of those processes; the environment says which.
"""

import os
import random
import sys
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import torch.distributed as dist

from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.modeling.tokenization import tokenize_texts
from sharprecl.parameters import FitParameters
from sharprecl.training import run
from sharprecl.training.job import TrainingJob
from sharprecl.training.worker import connect

WORDS = {"animal": "cat dog horse lion", "colour": "red blue green pink", "vehicle": "car truck bus plane"}
LABELS = sorted(WORDS)
SIZES = (55, 30, 9)
NUM_STEPS = 20
"""Four epochs of 73 texts in batches of 16; of the last 9 one process gets 8, the other 1."""

COMMON = {"epochs": 4, "batch_size": 16, "learning_rate": 1e-2, "dropout": 0.0, "precision": "fp32"}
CASES = {
    "prototype": {},
    "prototype, weighted, one view": {"class_weights": "raw", "view": "none", "class_averaged": True},
    "balanced": {"contrastive_loss": "balanced", "consistency_weight": 0.5},
    "supervised": {"contrastive_loss": "supervised", "classification_loss": "focal"},
    "class-balanced": {"classification_loss": "class_balanced", "contrastive_weight": 0.0},
    "ldam": {"classification_loss": "ldam_drw", "logit_scale": 10.0, "contrastive_weight": 0.0},
    "contrast from the second step on": {"contrastive_weight": 0.0, "final_contrastive_weight": 1.0},
}


def make_job(**options) -> TrainingJob:
    tokenizer = load_tokenizer("random-tiny")
    draw = random.Random(0)  # noqa: S311 - texts of a test
    label_ids = [label for label, size in enumerate(SIZES) for _ in range(size)]
    texts = [" ".join(draw.choices([*WORDS[LABELS[label]].split(), "the", "of"], k=6)) for label in label_ids]
    splits = ["validation" if index % 9 in {0, 4} else "train" for index in range(len(texts))]
    table = tokenize_texts(tokenizer, texts, max_length=32, batch_size=64)
    table = table.append_column("split", pa.array(splits))
    table = table.append_column("label_id", pa.array(label_ids, pa.int32()))
    parameters = FitParameters(**{"view": "word_dropout", **COMMON, **options})
    return TrainingJob(table, LABELS, "random-tiny", int(tokenizer.pad_token_id), parameters, seed=0)


def run_case(name: str, folder: Path) -> None:
    """Train one case in float64; the first process writes losses, validation and weights."""
    losses = []

    class Recording(run.SharpReCLTrainer):
        def _remember(self, terms):
            super()._remember(terms)
            losses.append(terms.total.item())

    def build_double(job, device):
        return original(job, device).double()

    original = run.build_model_of
    with patch.object(run, "SharpReCLTrainer", Recording), patch.object(run, "build_model_of", build_double):
        trained = run.run_training(make_job(**CASES[name]), folder / name, None, None)
    if not dist.is_initialized() or dist.get_rank() == 0:
        validation = [line["eval_loss"] for line in trained.state.log_history if "eval_loss" in line]
        weights = {key: value.numpy() for key, value in trained.model.state_dict().items()}
        np.savez(folder / f"{name}.npz", losses=losses, validation=validation, **weights)


def run_cases(folder: Path) -> None:
    for name in CASES:
        run_case(name, folder)


if __name__ == "__main__":
    if "RANK" in os.environ:
        connect(Path(sys.argv[2]), timedelta(seconds=60))
    run_cases(Path(sys.argv[1]))
    if dist.is_initialized():
        dist.destroy_process_group()
