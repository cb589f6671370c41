"""How long the texts are: in characters, in words, in tokens."""

from typing import Any

import numpy as np
import pandas as pd
from transformers import PreTrainedTokenizerFast

from sharprecl.modeling.tokenization import token_statistics, tokenize_texts
from sharprecl.spilling import take_rows

QUANTILES = {
    "percentile_5": 0.05,
    "median": 0.5,
    "percentile_95": 0.95,
    "percentile_99": 0.99,
    "longest": 1.0,
}


def count_words(texts: pd.Series) -> pd.Series:
    """Runs of anything but white space.

    Args:
        texts: N texts.

    Returns:
        N counts, under the same index.
    """
    return texts.str.count(r"\S+").astype("int64")


def text_length_statistics(corpus: pd.DataFrame) -> dict[str, Any]:
    """Quantiles of the text lengths of each split.

    Args:
        corpus: columns ``text`` and ``split``.

    Returns:
        For each split that has texts: ``texts`` (their number), and under ``words`` and ``characters`` the
        mean, the 5th, 50th, 95th and 99th percentile and the largest.
    """
    lengths = pd.DataFrame({"words": count_words(corpus["text"]), "characters": corpus["text"].str.len()})
    return {
        str(split): {"texts": len(rows), **{unit: _summarize(rows[unit]) for unit in lengths.columns}}
        for split, rows in lengths.groupby(corpus["split"], sort=True)
    }


def token_length_statistics(
    corpus: pd.DataFrame,
    tokenizer: PreTrainedTokenizerFast,
    *,
    max_length: int,
    batch_size: int,
    max_texts: int,
    seed: int,
) -> dict[str, Any]:
    """Token lengths before the cut, and the share of texts that are cut, of each split.

    Args:
        corpus: columns ``text`` and ``split``.
        tokenizer: of the encoder that will be trained.
        max_length: where texts are cut, in tokens, special tokens included.
        batch_size: texts a tokenizer call.
        max_texts: a larger corpus is sampled down to so many texts.
        seed: of the sample.

    Returns:
        :func:`token_statistics` of the sample, and ``sampled_texts``.
    """
    if len(corpus) > max_texts:
        places = pd.Series(range(len(corpus))).sample(max_texts, random_state=seed)
        corpus = take_rows(corpus[["text", "split"]], places.to_numpy())
    tokens = tokenize_texts(tokenizer, corpus["text"].array, max_length=max_length, batch_size=batch_size)
    statistics = token_statistics(tokens["num_tokens"].to_numpy(), corpus["split"], max_length)
    return statistics | {"sampled_texts": len(corpus)}


def _summarize(lengths: pd.Series) -> dict[str, float]:
    quantiles = np.quantile(lengths, list(QUANTILES.values()))
    return {
        "mean": round(float(lengths.mean()), 2),
        **{name: float(value) for name, value in zip(QUANTILES, quantiles, strict=True)},
    }
