"""Class priors and effective-number weights."""

from fractions import Fraction

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.functional import effective_number_weights, log_class_prior
from tests import naive

COUNTS = st.lists(st.integers(1, 20_000), min_size=2, max_size=12)


def test_log_prior_is_the_logarithm_of_the_share():
    expected = torch.tensor([0.6, 0.3, 0.1], dtype=torch.float64).log()
    torch.testing.assert_close(log_class_prior(torch.tensor([6, 3, 1])), expected, rtol=0, atol=1e-15)


def test_class_without_texts_has_log_prior_minus_infinity():
    assert log_class_prior(torch.tensor([0, 4])).tolist() == [float("-inf"), 0.0]


@pytest.mark.parametrize("weigh", [log_class_prior, effective_number_weights])
@pytest.mark.parametrize(
    ("counts_dtype", "dtype"), [(torch.int64, torch.float64), (torch.float32, torch.float32)]
)
def test_integer_counts_give_float64_and_floating_counts_keep_their_type(weigh, counts_dtype, dtype):
    assert weigh(torch.tensor([3, 2], dtype=counts_dtype)).dtype == dtype


@settings(max_examples=50, deadline=None)
@given(COUNTS)
def test_prior_sums_to_one_and_scales_away(counts):
    log_prior = log_class_prior(torch.tensor(counts))
    assert log_prior.exp().sum().item() == pytest.approx(1.0, abs=1e-12)
    torch.testing.assert_close(log_class_prior(torch.tensor(counts) * 7), log_prior, rtol=0, atol=1e-12)
    torch.testing.assert_close(
        log_prior.exp(), torch.tensor(naive.prior(counts), dtype=torch.float64), rtol=1e-12, atol=0
    )


@settings(max_examples=50, deadline=None)
@given(COUNTS, st.sampled_from([0.0, 0.5, 0.9, 0.999, 0.9999]))
def test_weights_equal_the_plain_formula(counts, beta):
    expected = torch.tensor(naive.effective_number_weights(counts, beta), dtype=torch.float64)
    torch.testing.assert_close(
        effective_number_weights(torch.tensor(counts), beta), expected, rtol=1e-9, atol=0
    )


def test_weights_at_beta_one_half_by_hand():
    # E = 2 (1 − 2^−n): 1 and 1.5 for one and two texts, mean 1.25.
    weights = effective_number_weights(torch.tensor([1, 2]), beta=0.5)
    torch.testing.assert_close(
        weights, torch.tensor([1.25, 1.25 / 1.5], dtype=torch.float64), rtol=1e-14, atol=0
    )


def test_beta_zero_weighs_all_classes_alike():
    assert effective_number_weights(torch.tensor([1, 50, 9000]), beta=0.0).tolist() == [1.0, 1.0, 1.0]


def test_weights_near_beta_one_keep_their_digits():
    # E_n = 1 + β + … + β^(n−1) in exact arithmetic; 1 − β^n alone would lose half of the digits here.
    beta = 1 - 1.2e-8
    effective = [sum(Fraction(beta) ** power for power in range(count)) for count in (1, 2, 3)]
    expected = torch.tensor([float(sum(effective) / 3 / number) for number in effective], dtype=torch.float64)
    weights = effective_number_weights(torch.tensor([1, 2, 3]), beta)
    torch.testing.assert_close(weights, expected, rtol=1e-12, atol=0)


def test_beta_near_one_is_inverse_frequency():
    counts = torch.tensor([1, 10, 100])
    weights = effective_number_weights(counts, beta=1 - 1e-13)
    torch.testing.assert_close(weights, 37.0 / counts.double(), rtol=1e-9, atol=0)


def test_beta_default_is_the_published_one():
    counts = torch.tensor([3, 700])
    assert torch.equal(effective_number_weights(counts), effective_number_weights(counts, 0.9999))


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1, 2]], r"class_counts must have shape \[C\], not \[1, 2\]"),
        ([1, -2], "class_counts has a negative count"),
        ([0, 0], "class_counts are all zero: a prior needs at least one text"),
    ],
)
def test_log_prior_refuses(counts, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        log_class_prior(torch.tensor(counts))


@pytest.mark.parametrize(
    ("counts", "beta", "message"),
    [
        ([1, 2], 1.0, r"beta must be in \[0, 1\), not 1.0"),
        ([1, 2], -0.1, r"beta must be in \[0, 1\), not -0.1"),
        ([1, 2], float("nan"), r"beta must be in \[0, 1\), not nan"),
        ([0, 2], 0.9, "class_counts has a class without texts: its effective number is 0"),
        ([-1, 2], 0.9, "class_counts has a negative count"),
        (3, 0.9, r"class_counts must have shape \[C\], not \[\]"),
    ],
)
def test_weights_refuse(counts, beta, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        effective_number_weights(torch.tensor(counts), beta)
