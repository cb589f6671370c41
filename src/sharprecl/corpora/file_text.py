"""A file's text, or one line on why it has none."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from sharprecl.corpora.messages import quote_line
from sharprecl.errors import CorpusError

BYTE_ORDER_MARK = "\ufeff"
BLOCK_CHARACTERS = 1 << 20


def read_file_text(path: Path, encoding: str = "utf-8") -> str:
    """Decode a whole file, without the byte order mark it may begin with.

    Args:
        path: an existing file.
        encoding: any encoding Python knows.

    Returns:
        Its text, never blank, without lone surrogates.

    Raises:
        CorpusError: if the file is empty, the encoding is unknown, or some bytes are not of that encoding.
    """
    content = path.read_bytes()
    try:
        text = content.decode(encoding)
    except LookupError as error:
        raise CorpusError(f"corpus.encoding: Python knows no encoding {encoding!r}; try 'utf-8'") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{path}: byte {error.start} (line {line}) is not {encoding}; "
            "save the file as UTF-8 or name its encoding in corpus.encoding"
        ) from error
    except ValueError as error:  # some codecs say no more, and a name can hold what no name may
        raise _undecodable(path, encoding, error) from error
    return "".join(_sound_parts(path, (text,)))


def file_blocks(path: Path, encoding: str = "utf-8") -> Iterator[str]:
    """The text of :func:`read_file_text`, a block at a time; line ends as they are.

    Raises:
        CorpusError: as there, when reading comes to the place; that a file is blank, at its end.
    """
    with _decoded(path, encoding, newline="") as handle:
        yield from _sound_parts(path, iter(lambda: handle.read(BLOCK_CHARACTERS), ""))


def file_lines(path: Path, encoding: str = "utf-8", *, newline: str = "") -> Iterator[str]:
    """The text of :func:`read_file_text`, a line at a time, with its end.

    Args:
        path: an existing file.
        encoding: any encoding Python knows.
        newline: what ends a line, as for :func:`open`.

    Raises:
        CorpusError: as for :func:`file_blocks`.
    """
    with _decoded(path, encoding, newline) as handle:
        yield from _sound_parts(path, handle)


def mend_surrogates(text: str) -> str:
    """Half of a surrogate pair is no character and cannot be stored: it becomes U+FFFD.

    Args:
        text: any, such as what a JSON escape or UTF-7 can spell.

    Returns:
        A text that UTF-8 can encode; whole pairs become the character that they mean.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


@contextmanager
def _decoded(path: Path, encoding: str, newline: str) -> Iterator[TextIO]:
    try:
        with path.open(encoding=encoding, newline=newline) as handle:
            yield handle
    except (LookupError, ValueError) as error:
        read_file_text(path, encoding)  # which says the byte and the line
        raise _undecodable(path, encoding, error) from error


def _sound_parts(path: Path, parts: Iterable[str]) -> Iterator[str]:
    is_blank = True
    for number, part in enumerate(parts):
        text = mend_surrogates(part if number else part.removeprefix(BYTE_ORDER_MARK))
        is_blank = is_blank and not text.strip()
        yield text
    if is_blank:
        raise CorpusError(f"{path}: the file is empty; give a file with a header or records")


def _undecodable(path: Path, encoding: str, error: Exception) -> CorpusError:
    return CorpusError(
        f"corpus.encoding: {encoding!r} cannot decode {path} ({quote_line(str(error))}); try 'utf-8'"
    )
