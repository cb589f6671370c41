"""Training steps against float32, padded, one pass a view, with loops over the classes.

Usage: ``python benchmarks/training.py``.
"""

import time
from contextlib import nullcontext

import torch
from material import (
    BATCH_SIZE,
    CORPORA,
    Corpus,
    gemm_peak,
    load_corpus,
    make_model,
    matrix_parameters,
    median_seconds,
    training_batches,
)
from per_class_loops import per_class_contrastive_loss
from rows import Row, print_rows
from torch import Tensor
from torch.nn.utils import clip_grad_norm_
from torch.optim import AdamW

from sharprecl.functional import balanced_softmax_loss
from sharprecl.modeling import SharpReCL
from sharprecl.modeling.cpu_path import prepare_for_cpu
from sharprecl.modeling.device import select_bf16
from sharprecl.modeling.packing import pack
from sharprecl.modeling.pooling import pool_tokens
from sharprecl.parameters import FitParameters
from sharprecl.training.freed_memory import keep_freed_memory
from sharprecl.training.objective import SharpReCLObjective
from sharprecl.training.optimizer import build_optimizer

Batch = dict[str, Tensor]

STEP_CORPORA = ("trec", "ohsumed")
"""Texts of the standard library are longer: the plain step of 128 of them, padded, needs more than 24 GiB."""


class FastStep:
    """A training step as the fit pipeline makes it, without the Trainer around it."""

    def __init__(self, corpus: Corpus) -> None:
        parameters = FitParameters()
        self.model = make_model(corpus, parameters)
        prepare_for_cpu(self.model.encoder)
        self.optimizer = build_optimizer(self.model, parameters)
        self.objective = SharpReCLObjective(parameters, torch.tensor(corpus.class_counts), seed=0)
        self.bf16 = select_bf16("auto", "cpu")

    def __call__(self, batch: Batch) -> float:
        """One optimisation step; returns the loss."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bf16):
            output = self.model(batch["input_ids"], batch["attention_mask"])
        loss = self.objective(output, batch["labels"], step=0, num_steps=100).total
        loss.backward()
        _update(self.model, self.optimizer)
        return float(loss.detach())


class PlainStep:
    """float32, each view padded and passed by itself, Python calls for each class, AdamW as it comes."""

    def __init__(self, corpus: Corpus) -> None:
        self.parameters = FitParameters()
        self.counts = torch.tensor(corpus.class_counts)
        self.model = make_model(corpus, self.parameters)
        self.model.encoder.set_attn_implementation("eager")
        self.optimizer = AdamW(self.model.parameters(), lr=self.parameters.learning_rate)

    def __call__(self, batch: Batch) -> float:
        """One optimisation step; returns the loss."""
        states = []
        for ids, mask in zip(batch["input_ids"].chunk(2), batch["attention_mask"].chunk(2), strict=True):
            tokens = self.model.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
            states.append(pool_tokens(tokens, mask, self.model.config.pooling))
        encoded = torch.cat(states)
        prototypes = self.model.prototypes()
        pool = torch.cat((self.model.embedding_head(encoded), prototypes))
        labels = torch.cat((batch["labels"], torch.arange(len(prototypes))))
        contrast = per_class_contrastive_loss(pool, labels, prototypes, self.parameters, 0.5)
        loss = balanced_softmax_loss(self.model.classifier(encoded), batch["labels"], self.counts)
        loss = loss + self.parameters.contrastive_weight * contrast
        loss.backward()
        _update(self.model, self.optimizer)
        return float(loss.detach())


def _update(model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
    clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()


def padding_rows(name: str, batches: list[Batch]) -> list[Row]:
    """Tokens of padding for each real one, in an epoch's batches."""
    real = sum(int(batch["attention_mask"].sum()) for batch in batches)
    padded = sum(batch["input_ids"].numel() for batch in batches)
    packed = sum(pack(batch["input_ids"], batch["attention_mask"])[0].numel() for batch in batches)
    return [
        Row("padding", name, "% of all tokens, packed", 100 * (1 - real / packed), "≤ 5"),
        Row("padding", name, "% of all tokens, padded to the longest", 100 * (1 - real / padded)),
    ]


def step_rows(name: str, corpus: Corpus, batch: Batch) -> list[Row]:
    """One step each way, and how much of the machine's peak the fast one uses."""
    fast, plain = FastStep(corpus), PlainStep(corpus)
    with keep_freed_memory():
        fast_seconds = median_seconds(lambda: fast(batch))
    plain_seconds = median_seconds(lambda: plain(batch), 3, 1)
    tokens = int(batch["attention_mask"].sum())
    operations = 6 * matrix_parameters(fast.model) * tokens
    peak = gemm_peak(torch.bfloat16 if fast.bf16 else torch.float32)
    precision = "bf16" if fast.bf16 else "fp32"
    return [
        Row("training", name, f"ms a step, {precision} packed one pass", fast_seconds * 1e3),
        Row("training", name, "ms a step, fp32 padded two passes", plain_seconds * 1e3),
        Row("training", name, "times its speed", plain_seconds / fast_seconds, "≥ 3"),
        Row("training", name, f"GEMM peak, {precision}, Tflop/s", peak / 1e12),
        Row("training", name, "% of the peak", 100 * operations / fast_seconds / peak, "≥ 55"),
    ]


def product_rows(name: str, batch: Batch, model: SharpReCL, bf16: bool) -> list[Row]:
    """What the encoder's matrix products take by themselves: nothing can be faster with these kernels."""
    tokens = int(batch["attention_mask"].sum())
    dtype = torch.bfloat16 if bf16 else torch.float32
    layers = [module for module in model.encoder.encoder.modules() if isinstance(module, torch.nn.Linear)]
    shapes = [(layer.in_features, layer.out_features) for layer in layers]
    operands = {
        shape: (
            torch.randn(tokens, shape[0]).to(dtype),
            torch.randn(shape[1], shape[0]).to(dtype),
            torch.randn(tokens, shape[1]).to(dtype),
        )
        for shape in set(shapes)
    }

    def products() -> None:
        for shape in shapes:
            states, weight, gradient = operands[shape]
            _ = states @ weight.T, gradient @ weight, gradient.T @ states

    seconds = median_seconds(products)
    share = 100 * 6 * sum(rows * columns for rows, columns in shapes) * tokens / seconds / gemm_peak(dtype)
    return [Row("training", name, "% of the peak that the encoder's matrix products alone reach", share)]


def epoch_rows(name: str, corpus: Corpus, batches: list[Batch]) -> list[Row]:
    """A whole epoch each way."""
    seconds = []
    for step, memory in ((FastStep(corpus), keep_freed_memory()), (PlainStep(corpus), nullcontext())):
        start = time.perf_counter()
        with memory:
            for batch in batches:
                step(batch)
        seconds.append(time.perf_counter() - start)
    fast, plain = seconds
    return [
        Row("epoch", name, f"seconds, batch {BATCH_SIZE}", fast),
        Row("epoch", name, "seconds, fp32 padded two passes, per-class loops", plain),
        Row("epoch", name, "times its speed", plain / fast, "≥ 5"),
    ]


def measure() -> list[Row]:
    """Rows of the table."""
    rows: list[Row] = []
    for name in CORPORA:
        corpus = load_corpus(name)
        batches = training_batches(corpus)
        rows += padding_rows(name, batches)
        if name in STEP_CORPORA:
            rows += step_rows(name, corpus, batches[0])
            rows += product_rows(name, batches[0], make_model(corpus), select_bf16("auto", "cpu"))
        if name == "trec":
            rows += epoch_rows(name, corpus, batches)
    return rows


if __name__ == "__main__":
    print_rows(measure())
