from .command import training_command
from .mistakes import confident_mistakes
from .page import report_page

__all__ = [
    "confident_mistakes",
    "report_page",
    "training_command",
]
