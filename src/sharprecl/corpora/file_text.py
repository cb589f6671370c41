"""A file's text, or one line on why it has none."""

from pathlib import Path

from sharprecl.corpora.messages import quote_line
from sharprecl.errors import CorpusError


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
        text = content.decode(encoding).removeprefix("\ufeff")
    except LookupError as error:
        raise CorpusError(f"corpus.encoding: Python knows no encoding {encoding!r}; try 'utf-8'") from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise CorpusError(
            f"{path}: byte {error.start} (line {line}) is not {encoding}; "
            "save the file as UTF-8 or name its encoding in corpus.encoding"
        ) from error
    except ValueError as error:  # some codecs say no more, and a name can hold what no name may
        raise CorpusError(
            f"corpus.encoding: {encoding!r} cannot decode {path} ({quote_line(str(error))}); try 'utf-8'"
        ) from error
    if not text.strip():
        raise CorpusError(f"{path}: the file is empty; give a file with a header or records")
    return mend_surrogates(text)


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
