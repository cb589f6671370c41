"""Nodes of the ``tokenize`` pipeline."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from sharprecl import modeling
from sharprecl.datasets.made_with import read_stamp, stamp_table, token_settings
from sharprecl.parameters import TokenizeParameters


def list_label_names(labelled_corpus: pd.DataFrame) -> list[str]:
    """Class names in label order: the training split's labels, sorted.

    Args:
        labelled_corpus: columns ``label`` and ``split``.

    Returns:
        C names.
    """
    training_labels = labelled_corpus.loc[labelled_corpus["split"] == "train", "label"]
    return sorted(training_labels.unique())


def tokenize_corpus(
    labelled_corpus: pd.DataFrame, label_names: list[str], encoder: str, parameters: TokenizeParameters
) -> tuple[pa.Table, dict[str, Any]]:
    """Token rows of all splits, and of the augmented texts where the corpus has them.

    Args:
        labelled_corpus: the labelled corpus.
        label_names: class names in label order.
        encoder: whose tokenizer.
        parameters: the ``tokenize`` block.

    Returns:
        The token table (``row_id``, ``split``, ``label_id``, ``input_ids``, ``word_ids``, ``num_tokens``
        and perhaps ``aug_input_ids``) and its length statistics.

    Raises:
        ParameterError: if the encoder has no places for so many tokens.
    """
    modeling.check_max_length(encoder, parameters.max_length)
    tokenizer = modeling.load_tokenizer(encoder)
    tokens = modeling.tokenize_texts(
        tokenizer,
        labelled_corpus["text"].array,
        max_length=parameters.max_length,
        batch_size=parameters.batch_size,
    )
    label_ids = pd.Categorical(labelled_corpus["label"], categories=label_names).codes
    table = pa.table(
        {
            "row_id": pa.array(labelled_corpus["row_id"], pa.int64()),
            "split": pa.array(labelled_corpus["split"], pa.large_string()).cast(pa.string()),
            "label_id": pa.array(np.asarray(label_ids), pa.int32()),
            **{name: tokens[name] for name in tokens.column_names},
        }
    )
    if "aug_text" in labelled_corpus:
        aug_tokens = modeling.tokenize_texts(
            tokenizer,
            labelled_corpus["aug_text"].array,
            max_length=parameters.max_length,
            batch_size=parameters.batch_size,
            description="tokenize aug_text",
        )
        table = table.append_column("aug_input_ids", aug_tokens["input_ids"])
    table = stamp_table(table, token_settings(read_stamp(labelled_corpus), encoder, parameters))
    num_tokens = tokens["num_tokens"].to_numpy()
    return table, modeling.token_statistics(num_tokens, labelled_corpus["split"], parameters.max_length)
