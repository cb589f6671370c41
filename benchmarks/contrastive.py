"""What target sets and the contrastive loss cost beside an encoder's step.

Usage: ``python benchmarks/contrastive.py``.
"""

import sys

import torch
from material import BATCH_SIZE, PROJECT_ROOT, load_corpus, median_seconds, training_batches
from per_class_loops import per_class_contrastive_loss
from rows import Row, print_rows
from torch import Tensor
from torch.nn.functional import normalize
from training import FastStep

from sharprecl.functional import draw_target_recipe, recipe_contrastive_loss
from sharprecl.parameters import FitParameters

sys.path.insert(0, str(PROJECT_ROOT))
from tests import naive

WIDTH = 100
CLASSES = {6: "≤ 5", 23: "≤ 5", 1000: "≤ 15"}
NAIVE_ANCHORS = 2


def make_pool(num_classes: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Both views of a batch and the prototypes."""
    generator = torch.Generator().manual_seed(seed)
    texts = torch.randint(num_classes, (BATCH_SIZE,), generator=generator)
    labels = torch.cat((texts, texts, torch.arange(num_classes)))
    rows = torch.randn((len(labels), WIDTH), generator=generator)
    return normalize(rows, dim=1).requires_grad_(), labels


def contrast(rows: Tensor, labels: Tensor, num_classes: int) -> None:
    """Target set and loss, forward and backward."""
    rows.grad = None
    recipe = draw_target_recipe(rows, labels, rows[-num_classes:])
    recipe_contrastive_loss(rows, labels, recipe).backward()


def loop(rows: Tensor, labels: Tensor, num_classes: int) -> None:
    """The same, class by class."""
    rows.grad = None
    per_class_contrastive_loss(rows, labels, rows[-num_classes:], FitParameters(), 0.5).backward()


def naive_seconds(rows: Tensor, labels: Tensor, num_classes: int) -> float:
    """The plain loops over the equations, forward only, from a few anchors: less than what they take."""
    recipe = draw_target_recipe(rows, labels, rows[-num_classes:])
    pool, classes = rows.detach().double(), labels.tolist()

    def anchors() -> None:
        for anchor in range(NAIVE_ANCHORS):
            made = [
                naive.synthetic_rows(
                    pool, side.sources[classes[anchor]].tolist(), [None] * side.sources.shape[1]
                )
                for side in recipe
            ]
            naive.anchor_loss(pool, classes, anchor, *made, 0.3)

    with torch.no_grad():
        return median_seconds(anchors, repeats=1, warm_up=0) / NAIVE_ANCHORS * len(classes)


def measure() -> list[Row]:
    """Rows of the table."""
    trec = load_corpus("trec")
    fast_step, batch = FastStep(trec), training_batches(trec)[0]
    step = median_seconds(lambda: fast_step(batch))
    rows = [Row("contrast", "MiniLM, TREC, batch 128", "ms a training step", step * 1e3)]
    for num_classes, bar in CLASSES.items():
        pool, labels = make_pool(num_classes)
        seconds = median_seconds(lambda p=pool, y=labels, c=num_classes: contrast(p, y, c), 21)
        case = f"C = {num_classes}"
        rows.append(Row("contrast", case, "ms forward and backward", seconds * 1e3))
        rows.append(Row("contrast", case, "% of a training step", 100 * seconds / step, bar))
        if num_classes == 23:
            looped = median_seconds(lambda p=pool, y=labels: loop(p, y, 23), 3, 1)
            rows.append(Row("contrast", case, "times the per-class loops' speed", looped / seconds))
            plain = naive_seconds(pool, labels, num_classes)
            rows.append(
                Row("contrast", case, "times the plain loops' speed (forward only)", plain / seconds, "≥ 30")
            )
    return rows


if __name__ == "__main__":
    print_rows(measure())
