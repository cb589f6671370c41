"""Uniform draws inside and outside every class."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from sharprecl.functional.sampling import (
    draw_below,
    draw_members,
    draw_others,
    draw_others_by_class,
    index_classes,
    take_rows,
)
from tests import naive
from tests.functional.pools import seeded

LABELS = torch.tensor([2, 0, 2, 1, 0, 2])


def assert_uniform(draws: torch.Tensor, values: list[int]) -> None:
    """Each value, and no other, comes equally often (chi-square at one in a thousand, seed fixed)."""
    seen, counts = draws.unique(return_counts=True)
    assert seen.tolist() == sorted(values)
    assert len(values) == 1 or chisquare(counts.numpy()).pvalue > 1e-3


def test_index_groups_rows_by_class():
    index = index_classes(LABELS, 4)
    assert index.order.tolist() == [1, 4, 3, 0, 2, 5]
    assert index.starts.tolist() == [0, 2, 3, 6]
    assert index.counts.tolist() == [2, 1, 3, 0]
    assert index.other_counts.tolist() == [4, 5, 3, 6]


def test_the_largest_random_number_stays_below_every_limit(monkeypatch):
    monkeypatch.setattr(torch, "rand", lambda shape, **kwargs: torch.full(shape, 1 - 2**-24))
    limits = torch.arange(1, 1 << 20)
    assert torch.equal(draw_below(limits, 1, None).squeeze(1), limits - 1)


def test_draws_below_each_limit_are_uniform():
    limits = torch.tensor([1, 2, 7])
    draws = draw_below(limits, 4000, seeded())
    assert draws.shape == (3, 4000)
    assert draws.dtype == torch.int64
    for row, limit in zip(draws, limits.tolist(), strict=True):
        assert_uniform(row, list(range(limit)))


def test_members_and_others_are_uniform_over_rows_not_classes():
    index = index_classes(LABELS, 3)
    members, others = draw_members(index, 4000, seeded(1)), draw_others(index, 4000, seeded(2))
    for c in range(3):
        assert_uniform(members[c], naive.members(LABELS.tolist(), c, positive=True))
        assert_uniform(others[c], naive.members(LABELS.tolist(), c, positive=False))


def test_others_by_class_are_uniform_over_classes_then_over_their_rows():
    # Twelve rows of class 0 and one each of classes 1 to 3: an other class has a third of the draws, a row
    # of class 0 a twelfth of that.
    labels = torch.tensor([0] * 12 + [1, 2, 3])
    draws = draw_others_by_class(index_classes(labels, 4), 6000, seeded())
    assert draws.shape == (4, 6000)
    for c in range(4):
        assert_uniform(labels[draws[c]], [other for other in range(4) if other != c])
        if c > 0:
            assert_uniform(draws[c][labels[draws[c]] == 0], list(range(12)))


def test_others_of_two_classes_are_uniform_over_the_rows_of_the_other():
    draws = draw_others_by_class(index_classes(torch.tensor([1, 0, 1, 0, 1]), 2), 3000, seeded())
    assert_uniform(draws[0], [0, 2, 4])
    assert_uniform(draws[1], [1, 3])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 5), max_size=12), st.integers(0, 1000))
def test_members_are_inside_and_others_outside_of_their_class(texts, seed):
    labels = torch.tensor([*texts, *range(6)])[torch.randperm(len(texts) + 6, generator=seeded(seed))]
    index = index_classes(labels, 6)
    classes = torch.arange(6).unsqueeze(1)
    assert (labels[draw_members(index, 30, seeded(seed))] == classes).all()
    assert (labels[draw_others(index, 30, seeded(seed))] != classes).all()
    assert (labels[draw_others_by_class(index, 30, seeded(seed))] != classes).all()


@pytest.mark.parametrize("draw", [draw_members, draw_others, draw_others_by_class])
def test_draws_follow_their_generator_and_leave_the_global_one_alone(draw):
    index = index_classes(LABELS, 3)
    state = torch.get_rng_state()
    first, again, other = (draw(index, 20, seeded(seed)) for seed in (5, 5, 6))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), state)


def test_no_generator_means_the_global_one():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        draws = draw_below(torch.tensor([100]), 8, None)
    assert torch.equal(draws, draw_below(torch.tensor([100]), 8, seeded(3)))


def test_no_draws_make_an_empty_table():
    index = index_classes(LABELS, 3)
    assert draw_members(index, 0, seeded()).shape == (3, 0)
    assert draw_others(index, 0, seeded()).shape == (3, 0)
    assert draw_others_by_class(index, 0, seeded()).shape == (3, 0)


def test_taken_rows_and_their_gradient_are_those_of_indexing():
    pool = torch.randn(5, 3, dtype=torch.float64, generator=seeded()).requires_grad_()
    rows = torch.tensor([[4, 0], [4, 2]])
    probe = torch.randn(2, 2, 3, dtype=torch.float64, generator=seeded(1))
    taken = take_rows(pool, rows)
    assert torch.equal(taken, pool[rows])
    (gradient,) = torch.autograd.grad((taken * probe).sum(), pool)
    expected = torch.zeros(5, 3, dtype=torch.float64).index_add(0, rows.flatten(), probe.flatten(0, 1))
    torch.testing.assert_close(gradient, expected, rtol=0, atol=1e-12)


def test_gradient_of_taken_rows_repeats_bit_for_bit():
    # Large enough that plain indexing adds in an order of its own each time once two threads work.
    pool = torch.randn(50, 64, generator=seeded()).requires_grad_()
    rows = torch.randint(50, (200_000,), generator=seeded(1))
    probe = torch.randn(200_000, 64, generator=seeded(2))
    first, *others = (torch.autograd.grad(take_rows(pool, rows), pool, probe)[0] for _ in range(4))
    assert all(torch.equal(first, other) for other in others)
