"""What a run took, in one line."""

import pytest

from sharprecl.llm import Cost, describe_cost
from sharprecl.llm.cache import Answer
from sharprecl.llm.cost import count_cost


def test_the_line():
    assert describe_cost(Cost(345_678, 4_321, 0.1234, 234, 1_000)) == (
        "1,234 texts: 1,000 asked, 234 from the cache; 345,678 prompt tokens, 4,321 answer tokens, "
        "about 0.12 USD"
    )


@pytest.mark.parametrize(
    ("price", "end"),
    [
        (None, "6 answer tokens"),
        (0.0, ", about 0.00 USD"),
        (0.004, ", less than 0.01 USD"),
        (1234.567, ", about 1,234.57 USD"),
    ],
)
def test_the_price(price, end):
    assert describe_cost(Cost(5, 6, price, 0, 1)).endswith(end)


def test_count():
    asked = [Answer("a", None, 1_000_000, 30_000), Answer("b", None, 500_000, 20_000)]
    cost = count_cost(asked, 5, (0.2, 8.0))
    assert cost[:2] == (1_500_000, 50_000)
    assert cost.price == pytest.approx(1.5 * 0.2 + 0.05 * 8.0)
    assert (cost.cached, cost.asked) == (3, 2)


def test_no_price_without_a_price_or_a_count():
    assert count_cost([Answer("a", None, 10, 1)], 1, None).price is None
    assert count_cost([Answer("a", None, 0, 0)], 1, (1.0, 1.0)).price is None
    assert count_cost([], 4, (1.0, 1.0)) == (0, 0, 0.0, 4, 0)
