"""The balanced target set: where each synthetic row comes from."""

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import normalize

from sharprecl.functional import TargetSet, build_target_set, scheduled_hard_ratio
from tests import naive
from tests.functional.pools import SCENARIOS, Pool, make_pool, make_target_set, mixing_weight, seeded, sides


def assert_follows_method(pool: Pool, target_set: TargetSet, k: int, hard_ratio: Fraction) -> None:
    """Section 3 for every row: the right sources in the right place, and a mixture of just these."""
    labels = pool.labels.tolist()
    for positive, rows, sources in sides(target_set):
        num_hard = math.floor(hard_ratio * rows.shape[1])
        for c, prototype in enumerate(pool.prototypes):
            hard = naive.hard_rows(pool.rows, labels, prototype, c, k, positive=positive)
            simple = set(naive.members(labels, c, positive=positive))
            for s, (row, (i, j)) in enumerate(zip(rows[c], sources[c].tolist(), strict=True)):
                if s < num_hard:
                    assert {i, j} <= hard
                    assert (i == j) == (len(hard) == 1)
                    mixing_weight(row, pool.rows[[i, j]])
                else:
                    assert i == j
                    assert i in simple
                    assert torch.equal(row, pool.rows[i])


@pytest.mark.parametrize("k", [1, 3, 500])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_row_follows_the_method(scenario, k):
    pool = make_pool(*SCENARIOS[scenario])
    assert_follows_method(pool, make_target_set(pool, num_candidates=k), k, Fraction(1, 2))


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=8),
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(1, 12),
    st.fractions(0, 1, max_denominator=60),
    st.integers(0, 1000),
)
def test_every_row_follows_the_method_on_any_pool(texts, positives, negatives, k, hard_ratio, seed):
    pool = make_pool(texts, 4, seed=seed)
    target_set = build_target_set(
        *pool,
        num_positives=positives,
        num_negatives=negatives,
        num_candidates=k,
        hard_ratio=float(hard_ratio),
        generator=seeded(seed),
    )
    assert target_set.positives.shape == (4, positives, 5)
    assert target_set.negatives.shape == (4, negatives, 5)
    assert target_set.positive_sources.shape == (4, positives, 2)
    assert target_set.negative_sources.shape == (4, negatives, 2)
    assert_follows_method(pool, target_set, k, hard_ratio)


@pytest.mark.parametrize(("hard_ratio", "num_hard"), [(0.0, 0), (0.3, 2), (0.5, 3), (0.99, 6), (1.0, 7)])
def test_floor_of_the_ratio_is_mixed_and_the_rest_is_simple(hard_ratio, num_hard):
    # Many texts a class, so that every mixed pair shows by two different sources.
    pool = make_pool([0, 1] * 10, 2)
    target_set = make_target_set(pool, num_positives=7, num_negatives=7, hard_ratio=hard_ratio)
    for _, _, sources in sides(target_set):
        mixed = sources[..., 0] != sources[..., 1]
        assert mixed.sum(dim=1).tolist() == [num_hard, num_hard]
        assert mixed[:, :num_hard].all()


def test_rounding_of_the_scheduled_ratio_loses_no_row():
    # ρ = 5/6 at epoch 2 of 3, and 60 ρ = 50, which comes out as 49.99… in floating point.
    pool = make_pool([0, 1] * 10, 2)
    ratio = scheduled_hard_ratio(0.5, 2, 3)
    target_set = make_target_set(pool, num_positives=60, num_negatives=60, hard_ratio=ratio)
    for _, _, sources in sides(target_set):
        assert (sources[..., 0] != sources[..., 1]).sum(dim=1).tolist() == [50, 50]


def test_defaults_are_the_published_settings():
    pool = make_pool([0, 1] * 10, 2)
    explicit = build_target_set(
        *pool,
        num_positives=20,
        num_negatives=60,
        num_candidates=20,
        hard_ratio=0.5,
        mixup_alpha=0.5,
        generator=seeded(),
    )
    for default, given_rows in zip(build_target_set(*pool, generator=seeded()), explicit, strict=True):
        assert torch.equal(default, given_rows)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000))
def test_rotated_pool_gives_the_rotated_set(seed):
    pool = make_pool([0, 0, 1, 2], 4, seed=seed)
    rotation = torch.linalg.qr(torch.randn(5, 5, dtype=torch.float64, generator=seeded(seed))).Q
    plain = make_target_set(pool)
    turned = make_target_set(Pool(pool.rows @ rotation, pool.labels, pool.prototypes @ rotation))
    assert torch.equal(plain.positive_sources, turned.positive_sources)
    assert torch.equal(plain.negative_sources, turned.negative_sources)
    torch.testing.assert_close(turned.positives, plain.positives @ rotation, rtol=0, atol=1e-12)
    torch.testing.assert_close(turned.negatives, plain.negatives @ rotation, rtol=0, atol=1e-12)


@pytest.mark.parametrize("hard_ratio", [0.0, 1.0])
def test_gradient_reaches_every_source_and_nothing_else(hard_ratio):
    pool = make_pool([0, 0, 1, 2, 2, 3], 4)
    rows = pool.rows.requires_grad_()
    target_set = make_target_set(pool._replace(prototypes=rows[-4:]), hard_ratio=hard_ratio)
    for _, made, sources in sides(target_set):
        probe = torch.randn(made.shape, dtype=torch.float64, generator=seeded(2))
        (gradient,) = torch.autograd.grad((made * probe).sum(), rows, retain_graph=True)
        assert set(gradient.abs().sum(dim=1).nonzero().flatten().tolist()) == set(sources.flatten().tolist())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_half_precision_stays_finite_and_on_the_unit_sphere(dtype):
    pool = make_pool([0, 0, 1, 2], 4, dtype=dtype)
    rows = pool.rows.requires_grad_()
    target_set = make_target_set(pool._replace(prototypes=rows[-4:]))
    (target_set.positives.sum() + target_set.negatives.sum()).backward()
    assert rows.grad.isfinite().all()
    for _, made, _ in sides(target_set):
        assert made.dtype == dtype
        norms = made.detach().double().norm(dim=2)
        torch.testing.assert_close(norms, torch.ones_like(norms), rtol=0, atol=0.02)


def test_thousand_classes_and_one_text():
    num_classes = 1000
    labels = torch.tensor([7, 7, *range(num_classes)])
    rows = normalize(torch.randn(len(labels), 8, generator=seeded()), dim=1)
    target_set = build_target_set(rows, labels, rows[-num_classes:], generator=seeded())
    classes = torch.arange(num_classes).view(-1, 1, 1)
    assert target_set.positives.shape == (1000, 20, 8)
    assert target_set.negatives.shape == (1000, 60, 8)
    assert (labels[target_set.positive_sources] == classes).all()
    assert (labels[target_set.negative_sources] != classes).all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_positives": -1}, "num_positives and num_negatives must be at least 0"),
        ({"num_negatives": -1}, "num_positives and num_negatives must be at least 0"),
        ({"num_candidates": 0}, "num_candidates must be at least 1"),
        ({"hard_ratio": -0.1}, r"hard_ratio must be in \[0, 1\], not -0.1"),
        ({"hard_ratio": 1.5}, r"hard_ratio must be in \[0, 1\], not 1.5"),
        ({"hard_ratio": math.nan}, r"hard_ratio must be in \[0, 1\], not nan"),
        ({"mixup_alpha": 0.001}, "mixup_alpha must be finite and at least 0.01, not 0.001"),
        ({"mixup_alpha": math.nan}, "mixup_alpha must be finite and at least 0.01, not nan"),
        ({"mixup_alpha": math.inf}, "mixup_alpha must be finite and at least 0.01, not inf"),
    ],
)
def test_numbers_out_of_range_are_refused(arguments, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        make_target_set(make_pool([0, 1], 2), **arguments)


@pytest.mark.parametrize(
    ("rows", "labels", "prototypes"),
    [((4,), (4,), (2, 3)), ((4, 3), (5,), (2, 3)), ((4, 3), (4,), (2, 2)), ((4, 3), (4,), (3,))],
)
def test_shapes_that_do_not_fit_are_refused(rows, labels, prototypes):
    with pytest.raises(ValueError, match="expected pool") as error:
        build_target_set(torch.ones(rows), torch.zeros(labels, dtype=torch.long), torch.ones(prototypes))
    assert str(error.value) == (
        "expected pool [M, D], labels [M] and prototypes [C, D], "
        f"not {list(rows)}, {list(labels)} and {list(prototypes)}"
    )


def test_single_class_is_refused():
    with pytest.raises(
        ValueError, match=r"^a target set needs at least two classes: with one there are no negatives$"
    ):
        build_target_set(torch.ones(3, 2), torch.zeros(3, dtype=torch.long), torch.ones(1, 2))
