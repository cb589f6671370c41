"""The report of a run: one page that needs no other file and no network.

What stands here is loaded when it is first used, so that wiring pipelines does not load the layers below.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from sharprecl.reporting.command import training_command
    from sharprecl.reporting.mistakes import confident_mistakes
    from sharprecl.reporting.page import report_page

__all__ = ["confident_mistakes", "report_page", "training_command"]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "command": ["training_command"],
        "mistakes": ["confident_mistakes"],
        "page": ["report_page"],
    },
)
