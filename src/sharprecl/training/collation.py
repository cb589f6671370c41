"""From rows to a batch."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from sharprecl.modeling.inference import pad_rows


class ViewCollator:
    """Stacks the views of a batch: all first views, then all second ones.

    Args:
        pad_token_id: the filler of short rows.
    """

    def __init__(self, pad_token_id: int) -> None:
        self.pad_token_id = pad_token_id

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Tensor]:
        """Collate B rows of V views.

        Returns:
            ``input_ids`` and ``attention_mask``, shape [V·B, L], and ``labels``, shape [V·B].
        """
        num_views = len(rows[0]["views"])
        views = [row["views"][view] for view in range(num_views) for row in rows]
        input_ids, attention_mask = pad_rows(views, self.pad_token_id)
        labels = torch.tensor([int(row["label"]) for row in rows]).repeat(num_views)
        return {"input_ids": input_ids, "attention_mask": attention_mask, "labels": labels}
