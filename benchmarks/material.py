"""What the benchmarks work on: real texts as token rows, batches, a model, and the machine's peak."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from sharprecl.corpora import clean_corpus, read_corpus, split_corpus
from sharprecl.modeling import ListColumn, SharpReCL, load_tokenizer
from sharprecl.parameters import CorpusParameters, FitParameters, TokenizeParameters
from sharprecl.pipelines.tokenize.nodes import list_label_names, tokenize_corpus
from sharprecl.training import select_split
from sharprecl.training.build import build_model
from sharprecl.training.collation import ViewCollator

PROJECT_ROOT = Path(__file__).parents[1]
CORPORA = ("stdlib", "trec", "ohsumed")
BATCH_SIZE = 128


class Corpus(NamedTuple):
    """A tokenized corpus.

    Attributes:
        token_table: as the tokenize pipeline makes it.
        label_names: class names in label order.
        texts: the texts of all splits, in the table's order.
    """

    token_table: pa.Table
    label_names: list[str]
    texts: list[str]

    @property
    def class_counts(self) -> list[int]:
        """Training texts per class."""
        labels = select_split(self.token_table, "train")["label_id"].to_numpy()
        return np.bincount(labels, minlength=len(self.label_names)).tolist()


def load_corpus(name: str, seed: int = 0) -> Corpus:
    """A built-in corpus, cleaned, split and tokenized as the pipelines do it."""
    parameters = CorpusParameters(name=name)
    table, _ = clean_corpus(read_corpus(parameters, PROJECT_ROOT), parameters)
    table, _ = split_corpus(table, parameters, seed)
    label_names = list_label_names(table)
    tokens, _ = tokenize_corpus(table, label_names, "minilm", TokenizeParameters())
    return Corpus(tokens, label_names, table["text"].tolist())


def training_batches(corpus: Corpus, batch_size: int = BATCH_SIZE, seed: int = 0) -> list[dict[str, Tensor]]:
    """One epoch of shuffled training batches with both views, the same text twice."""
    train = select_split(corpus.token_table, "train")
    rows, labels = ListColumn(train["input_ids"]), train["label_id"].to_numpy()
    collate = ViewCollator(int(load_tokenizer("minilm").pad_token_id))
    order = np.random.default_rng(seed).permutation(len(rows))
    return [
        collate(
            [{"views": (rows[i], rows[i]), "label": labels[i]} for i in order[start : start + batch_size]]
        )
        for start in range(0, len(order), batch_size)
    ]


def make_model(corpus: Corpus, parameters: FitParameters | None = None, seed: int = 0) -> SharpReCL:
    """MiniLM with new heads, in training mode."""
    torch.manual_seed(seed)
    parameters = parameters or FitParameters()
    return build_model("minilm", corpus.label_names, corpus.class_counts, parameters).train()


def median_seconds(run: Callable[[], object], repeats: int = 7, warm_up: int = 2) -> float:
    """Median wall time of a call."""
    for _ in range(warm_up):
        run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def gemm_peak(dtype: torch.dtype, size: int = 2048, repeats: int = 12) -> float:
    """Floating-point operations a second of a large square matrix product, the best of some."""
    left, right = (torch.randn(size, size).to(dtype) for _ in range(2))
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        left @ right
        times.append(time.perf_counter() - start)
    return 2 * size**3 / min(times)


def matrix_parameters(model: SharpReCL) -> int:
    """Weights of the encoder that multiply every token: its layers' matrices, without embeddings."""
    return sum(
        weight.numel()
        for name, weight in model.encoder.named_parameters()
        if weight.dim() == 2 and "embeddings" not in name and "pooler" not in name
    )
