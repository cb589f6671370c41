"""What a file says, as it may stand in a message: one line, nothing that a terminal obeys."""

from collections.abc import Collection

MAX_LISTED_NAMES = 8
"""A file can have thousands of columns, and the message's end, the mend, has to be seen."""


def quote_line(text: str, max_length: int = 160) -> str:
    """Someone else's words on one line.

    Args:
        text: such as a library's message, which may quote a row of the file.
        max_length: characters shown; a longer text is cut and ends in an ellipsis.

    Returns:
        The text with runs of white space as one blank and what cannot be printed (escape sequences, marks
        that turn the direction of writing) as Python escapes it.
    """
    line = " ".join(text[: 4 * max_length].split())
    shown = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)
    return shown if len(shown) <= max_length else f"{shown[: max_length - 1]}…"


def list_names(names: Collection[str], max_length: int = 40) -> str:
    """Column names as a list.

    Args:
        names: of a file, any number.
        max_length: characters shown of each.

    Returns:
        The first few in quotes and how many more there are; "none" without any.
    """
    shown = [quote_line(repr(name), max_length) for name in list(names)[:MAX_LISTED_NAMES]]
    rest = len(names) - len(shown)
    return ", ".join(shown + ([f"{rest} more"] if rest else [])) or "none"
