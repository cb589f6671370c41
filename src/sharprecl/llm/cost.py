"""What asking a language model took."""

from collections.abc import Sequence
from typing import NamedTuple

from sharprecl.llm.cache import Answer

CENT = 0.01


class Cost(NamedTuple):
    """What one run of N texts took; answers that were there already took nothing.

    Attributes:
        prompt_tokens: read by the model for the texts asked.
        answer_tokens: written for them at an endpoint; here, tokens of the class names that were scored.
        price: in USD, or None where no price or no token count is known.
        cached: texts whose answer was in the cache, or was another text's of the same wording.
        asked: texts that the model was asked about.
    """

    prompt_tokens: int
    answer_tokens: int
    price: float | None
    cached: int
    asked: int


def count_cost(
    asked: Sequence[Answer], num_texts: int, price_per_million_tokens: tuple[float, float] | None
) -> Cost:
    """Add up the answers of one run.

    Args:
        asked: the answers that were not in the cache.
        num_texts: N.
        price_per_million_tokens: USD of the prompt's tokens and of the answer's.

    Returns:
        The cost.
    """
    prompt_tokens = sum(answer.prompt_tokens for answer in asked)
    answer_tokens = sum(answer.answer_tokens for answer in asked)
    price = None
    # An endpoint that does not count tokens leaves the price unknown.
    if price_per_million_tokens is not None and (prompt_tokens or not asked):
        of_prompt, of_answer = price_per_million_tokens
        price = (prompt_tokens * of_prompt + answer_tokens * of_answer) / 1e6
    return Cost(prompt_tokens, answer_tokens, price, num_texts - len(asked), len(asked))


def describe_cost(cost: Cost) -> str:
    """One line such as ``12 texts: 10 asked, 2 from the cache; 3,456 prompt tokens, 21 answer tokens``.

    Args:
        cost: of a run.

    Returns:
        The line, with the price at its end where it is known.
    """
    line = (
        f"{cost.asked + cost.cached:,} texts: {cost.asked:,} asked, {cost.cached:,} from the cache; "
        f"{cost.prompt_tokens:,} prompt tokens, {cost.answer_tokens:,} answer tokens"
    )
    if cost.price is None:
        return line
    if 0 < cost.price < CENT:
        return f"{line}, less than {CENT} USD"
    return f"{line}, about {cost.price:,.2f} USD"
