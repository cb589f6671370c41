"""The first line of what went wrong."""

import pytest

from sharprecl.errors import first_line


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no such column\nchoose one"), "no such column"),
        (OSError("\n  later\nmore"), "later"),
        (OSError(), "OSError"),
        (TimeoutError(" "), "TimeoutError"),
    ],
)
def test_an_error_says_something_in_one_line(error, line):
    assert first_line(error) == line
