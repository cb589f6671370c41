"""From texts to a columnar table of token rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
from tqdm.auto import tqdm
from transformers import PreTrainedTokenizerFast

from sharprecl.spilling import spill_table
from sharprecl.split_names import SPLITS

SPECIAL_TOKEN = -1
"""Word number of tokens that belong to no word, such as [CLS]."""


def tokenize_texts(
    tokenizer: PreTrainedTokenizerFast,
    texts: Sequence[str],
    *,
    max_length: int,
    batch_size: int,
    description: str = "tokenize",
) -> pa.Table:
    """Tokenize in batches.

    Args:
        tokenizer: a fast tokenizer.
        texts: N texts; batches of them are sliced off.
        max_length: longest row in tokens, special tokens included; longer texts are cut.
        batch_size: texts a call.
        description: what the progress bar says.

    Returns:
        Table of N rows, on the disk: ``input_ids`` (list of int32), ``word_ids`` (list of int32, the word
        each token belongs to, −1 for special tokens) and ``num_tokens`` (int32, length before the cut).
    """
    starts = tqdm(range(0, len(texts), batch_size), desc=description, unit="batch", leave=False)
    batches = (
        _tokenize_batch(tokenizer, list(texts[start : start + batch_size]), max_length) for start in starts
    )
    return spill_table(batches, TOKEN_SCHEMA)


_CHARACTERS_PER_TOKEN = 50
"""More than any language has in the mean: a text that is longer is cut before it is tokenized."""
TOKEN_SCHEMA = pa.schema(
    {"input_ids": pa.list_(pa.int32()), "word_ids": pa.list_(pa.int32()), "num_tokens": pa.int32()}
)


def _tokenize_batch(tokenizer: PreTrainedTokenizerFast, texts: list[str], max_length: int) -> pa.RecordBatch:
    encoded = tokenizer(texts, truncation=True, max_length=max_length, return_attention_mask=False)
    word_ids = [
        [SPECIAL_TOKEN if word is None else word for word in encoding.word_ids]
        for encoding in encoded.encodings
    ]
    num_tokens = [_full_length(encoding) for encoding in encoded.encodings]
    return pa.record_batch([encoded["input_ids"], word_ids, num_tokens], schema=TOKEN_SCHEMA)


def _full_length(encoding) -> int:  # type: ignore[no-untyped-def]  # noqa: ANN001 - tokenizers has no public type
    """Tokens before the cut: the overflow, too, holds special tokens, which count once."""
    overflow: int = sum(len(part.ids) - sum(part.special_tokens_mask) for part in encoding.overflowing)
    return len(encoding.ids) + overflow


def token_statistics(
    num_tokens: np.ndarray, splits: np.ndarray | pd.Series, max_length: int
) -> dict[str, object]:
    """Length statistics of each split.

    Args:
        num_tokens: tokens of each text before the cut, shape [N].
        splits: split name of each text, N of them.
        max_length: where texts are cut.

    Returns:
        For each split: texts, mean, median, 95th and 99th percentile and longest length in tokens, and the
        share of texts that were cut.
    """
    of_text = pd.Series(splits)
    masks = {split: (of_text == split).to_numpy(dtype=bool) for split in SPLITS}
    summaries: dict[str, object] = {
        split: _length_summary(num_tokens[mask], max_length) for split, mask in masks.items() if mask.any()
    }
    return summaries | {"max_length": max_length}


def _length_summary(lengths: np.ndarray, max_length: int) -> dict[str, float]:
    median, percentile_95, percentile_99 = np.percentile(lengths, [50, 95, 99])
    return {
        "texts": int(lengths.size),
        "mean": round(float(lengths.mean()), 2),
        "median": float(median),
        "percentile_95": float(percentile_95),
        "percentile_99": float(percentile_99),
        "longest": int(lengths.max()),
        "truncated_share": round(float((lengths > max_length).mean()), 6),
    }


def first_tokens(tokenizer: PreTrainedTokenizerFast, texts: Sequence[str]) -> list[np.ndarray]:
    """Token ids of texts, cut at the tokenizer's ``model_max_length``.

    Of a long text only as much is tokenized as fills that: a tokenizer reads a whole text before it cuts it,
    which takes gigabytes for one of some megabytes.

    Args:
        tokenizer: a fast tokenizer.
        texts: N texts.

    Returns:
        N rows of int32.
    """
    longest = tokenizer.model_max_length
    begun = [_beginning(text, longest * _CHARACTERS_PER_TOKEN) for text in texts]
    if tokenizer.truncation_side != "right":
        begun = list(texts)
    rows = _encode(tokenizer, begun)
    short = [
        index
        for index, (row, part, text) in enumerate(zip(rows, begun, texts, strict=True))
        if len(part) < len(text) and len(row) < longest
    ]
    for index, row in zip(short, _encode(tokenizer, [texts[index] for index in short]), strict=True):
        rows[index] = row
    return rows


def _beginning(text: str, num_characters: int) -> str:
    """The whole words of a text's first characters; all of it where they have no blank."""
    if len(text) <= num_characters:
        return text
    return text[: max(text.rfind(" ", 0, num_characters), 0)] or text


def _encode(tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> list[np.ndarray]:
    if not texts:
        return []
    encoded = tokenizer(texts, truncation=True, return_attention_mask=False)["input_ids"]
    return [np.asarray(row, dtype=np.int32) for row in encoded]
