"""Training: views and collation, the objective, and the Trainer's wiring.

What stands here is loaded when it is first used, so that wiring pipelines loads neither torch nor
transformers.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from sharprecl.training.fit import FitResult, fit_model
    from sharprecl.training.launch import join_training
    from sharprecl.training.token_rows import select_split

__all__ = [
    "FitResult",
    "fit_model",
    "join_training",
    "select_split",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "fit": ["FitResult", "fit_model"],
        "launch": ["join_training"],
        "token_rows": ["select_split"],
    },
)
