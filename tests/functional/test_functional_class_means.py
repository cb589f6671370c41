"""Directions of the classes among pretrained states: closed forms, a plain loop, and what has none."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.functional import class_mean_directions


def naive(states: list[list[float]], labels: list[int], num_classes: int) -> list[list[float]]:
    unit = [[x / math.sqrt(sum(y * y for y in row)) for x in row] for row in states]
    means = {}
    for c in range(num_classes):
        rows = [row for row, label in zip(unit, labels, strict=True) if label == c]
        if rows:
            means[c] = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    middle = [sum(column) / len(means) for column in zip(*means.values(), strict=True)]
    directions = []
    for c in range(num_classes):
        offset = [x - y for x, y in zip(means[c], middle, strict=True)] if c in means else [0.0]
        length = math.sqrt(sum(x * x for x in offset))
        directions.append([x / length for x in offset] if length > 1e-12 else [0.0] * len(states[0]))
    return directions


@settings(max_examples=40, deadline=None)
@given(labels=st.lists(st.integers(0, 4), min_size=2, max_size=12), seed=st.integers(0, 1000))
def test_the_plain_loop_gives_the_same(labels, seed):
    draws = torch.Generator().manual_seed(seed)
    states = torch.randn(len(labels), 3, dtype=torch.float64, generator=draws)
    directions = class_mean_directions(states, torch.tensor(labels), 5)
    expected = torch.tensor(naive(states.tolist(), labels, 5), dtype=torch.float64)
    torch.testing.assert_close(directions, expected, atol=1e-9, rtol=0)


def test_a_frequent_class_does_not_move_the_middle():
    states = torch.tensor([[1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [0.0, 5.0]], dtype=torch.float64)
    directions = class_mean_directions(states, torch.tensor([0, 0, 0, 1]), 2)
    half = math.sqrt(0.5)
    assert directions.flatten().tolist() == pytest.approx([half, -half, -half, half])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_without_texts_or_difference_there_is_no_direction(dtype):
    states = torch.full((7, 3), 0.1, dtype=dtype)
    labels = torch.tensor([0, 0, 0, 1, 1, 2, 2])
    assert class_mean_directions(states, labels, 4).count_nonzero() == 0
    assert class_mean_directions(states[:1], labels[:1], 1).tolist() == [[0.0] * 3]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_class_in_the_middle_of_the_others_has_no_direction(dtype):
    """Its offset is rounding alone, while the others' are not."""
    draws = torch.Generator().manual_seed(3)
    corners = torch.nn.functional.normalize(torch.randn(2, 7, dtype=dtype, generator=draws), dim=1)
    directions = class_mean_directions(torch.cat((corners, corners)), torch.tensor([0, 1, 2, 2]), 3)
    assert directions[2].count_nonzero() == 0
    assert directions[:2].norm(dim=1).tolist() == pytest.approx([1, 1])
