"""What a profile suggests to do, each line with its reason."""

from collections.abc import Callable, Mapping
from typing import Any

MANY_TRUNCATED = 0.05
"""Share of texts cut at the token limit from which it is worth a line."""


def advise(profile: Mapping[str, Any]) -> list[str]:
    """Plain sentences on what stands out in a corpus and what a user can do about it.

    Args:
        profile: the imbalance profile.

    Returns:
        The sentences that apply, the most important first.
    """
    found = (rule(profile) for rule in _RULES)
    return [sentence for sentence in found if sentence]


def _few_texts(profile: Mapping[str, Any]) -> str | None:
    classes = profile["groups"]["tail"]["classes"]
    if not classes:
        return None
    smallest = profile["smallest_class"]
    return (
        f"{classes} of {profile['num_classes']} classes are in the tail, the smallest with "
        f"{smallest['texts']} training texts: read the interval of tail F1, and collect more of "
        "these texts if you can."
    )


def _leaked_texts(profile: Mapping[str, Any]) -> str | None:
    found = profile.get("near_duplicates", {})
    count = found.get("texts_also_in_train", {}).get("test", 0)
    if not found.get("exhaustive", True):
        return (
            f"At least {count} test texts have a near duplicate in train: the corpus repeats itself so much "
            "that the search was cut short; near_duplicates.csv lists pairs that it found."
        )
    if not count:
        return None
    return (
        f"{count} test texts have a near duplicate in train, so test scores flatter the model; "
        "near_duplicates.csv lists the pairs."
    )


def _which_method(profile: Mapping[str, Any]) -> str | None:
    if profile["imbalance_ratio"] < 2:
        return "The classes are nearly balanced: preset=cross-entropy is simpler; compare it first."
    return (
        "With MiniLM SharpReCL came out level with the other losses that train the encoder on Ohsumed and "
        "TREC, but below balanced softmax and cross-entropy on the standard library (docs/results.md): "
        "kedro run --pipeline=compare shows which wins on this corpus."
    )


def _long_texts(profile: Mapping[str, Any]) -> str | None:
    lengths = profile.get("token_lengths", {}).get("train", {})
    share = lengths.get("truncated_share", 0.0)
    if share < MANY_TRUNCATED:
        return None
    return (
        f"{share:.0%} of the training texts are cut at the token limit; raise tokenize.max_length if their "
        "ends matter."
    )


_RULES: tuple[Callable[[Mapping[str, Any]], str | None], ...] = (
    _few_texts,
    _leaked_texts,
    _long_texts,
    _which_method,
)
