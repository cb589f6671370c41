"""A file's text, or one line on why it has none."""

from pathlib import Path

from sharprecl.errors import CorpusError


def read_file_text(path: Path, encoding: str = "utf-8") -> str:
    """Decode a whole file, without the byte order mark it may begin with.

    Args:
        path: an existing file.
        encoding: any encoding Python knows.

    Returns:
        Its text, never blank.

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
    if not text.strip():
        raise CorpusError(f"{path}: the file is empty; give a file with a header or records")
    return text
