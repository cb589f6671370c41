"""The mistakes that a model is surest of."""

import pandas as pd


def confident_mistakes(predictions: pd.DataFrame, limit: int = 20) -> pd.DataFrame:
    """Wrongly labelled texts by the probability of the wrong label, the surest first.

    Where a model is sure and wrong, the given label is often the one at fault (Northcutt et al. 2021,
    "Confident Learning"): these are the rows to read first.

    Args:
        predictions: from :func:`~sharprecl.evaluation.predictions.predictions_table`.
        limit: rows at most.

    Returns:
        Columns ``row_id``, ``text``, ``label``, ``predicted``, ``probability`` (of the predicted label) and
        ``true_probability`` (of the given label; NaN where the model does not know it); equal ones in the
        order of their ``row_id``.
    """
    wrong = predictions[~predictions["correct"].astype(bool)]
    wrong = wrong.sort_values(["probability", "row_id"], ascending=[False, True]).head(limit)
    columns = [f"p[{label}]" for label in wrong["label"]]
    given = [
        float(wrong[column].iloc[place]) if column in wrong else float("nan")
        for place, column in enumerate(columns)
    ]
    shown = wrong[["row_id", "text", "label", "predicted", "probability"]].reset_index(drop=True)
    return shown.assign(true_probability=pd.Series(given, dtype=float))
