"""What text readers raise, as one line, where a file is read in parts."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sharprecl.corpora.messages import quote_line
from sharprecl.errors import CorpusError


@contextmanager
def decoding_errors(path: Path, encoding: str) -> Iterator[None]:
    """Turn what decoding raises into one line.

    Args:
        path: the file that is read.
        encoding: in which it is read.

    Raises:
        CorpusError: in place of the codec's own error.
    """
    try:
        yield
    except LookupError as error:
        raise CorpusError(f"predict.encoding: Python knows no encoding {encoding!r}; try 'utf-8'") from error
    except ValueError as error:  # UnicodeError is one
        raise CorpusError(
            f"{path}: some bytes are not {encoding!r} ({quote_line(str(error), 80)}); save the file as UTF-8 "
            "or name its encoding in predict.encoding"
        ) from error
