"""Nodes of the ``predict`` pipeline."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
from tqdm.auto import tqdm

from sharprecl import evaluation, modeling
from sharprecl.corpora.row_stream import RowStream
from sharprecl.errors import CorpusError
from sharprecl.parameters import PredictParameters
from sharprecl.text_normalization import normalize_strings

logger = logging.getLogger(__name__)


def score_file(
    input_rows: RowStream, champion: modeling.TrainedModel, predict: PredictParameters
) -> RowStream:
    """The rows of a file with what the model says of their texts.

    Args:
        input_rows: the file, in parts.
        champion: the model.
        predict: the ``predict`` block.

    Returns:
        The same rows with the columns of :func:`~sharprecl.modeling.prediction.predict_columns` behind
        their own, computed part by part while they are written.
    """
    threshold = evaluation.threshold_for_precision(
        champion.model.config.abstention_curve or [], predict.wanted_precision
    )
    if math.isinf(threshold):
        logger.warning(
            "No confidence reached a precision of %s on the validation split: every row is marked abstain",
            predict.wanted_precision,
        )
    else:
        logger.info("Abstaining below probability %.3f (predict.wanted_precision)", threshold)
    predictor = modeling.Predictor(champion, predict.precision)
    return RowStream(_scored(input_rows, predictor, predict, threshold), input_rows.num_rows)


def _scored(
    rows: RowStream, predictor: modeling.Predictor, predict: PredictParameters, threshold: float
) -> Iterator[pa.Table]:
    with tqdm(total=rows.num_rows, desc="predict", unit="text") as bar:
        for table in rows.tables:
            taken = [name for name in modeling.PREDICTION_COLUMNS if name in table.column_names]
            if taken:
                raise CorpusError(
                    f"{predict.input}: the column {taken[0]!r} is one that predict writes; rename it"
                )
            texts = normalize_strings(_texts(table, predict)).tolist()
            columns = modeling.predict_columns(
                predictor, texts, threshold, tokens_per_pass=predict.tokens_per_pass
            )
            for name, values in columns.items():
                table = table.append_column(name, values)  # noqa: PLW2901 - grows by a column
            bar.update(table.num_rows)
            yield table


def _texts(table: pa.Table, predict: PredictParameters) -> pd.Series:
    try:
        strings = table[predict.text].cast(pa.large_string())
    except pa.ArrowException as error:
        kind = table[predict.text].type
        raise CorpusError(
            f"{predict.input}: column {predict.text!r} holds {kind} values; give one text a row"
        ) from error
    texts: pd.Series = strings.fill_null("").to_pandas()
    return texts
