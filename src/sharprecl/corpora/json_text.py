"""JSON as the records of a table come in it."""

import json
from pathlib import Path
from typing import Any

from sharprecl.corpora.messages import list_names, quote_line
from sharprecl.errors import CorpusError


class _RepeatedKeyError(Exception):
    """An object has a key twice, so that one of the values would be lost."""


def parse_json(path: Path, text: str, line: int | None = None) -> Any:
    """Parse a file, or a line of it.

    Args:
        path: the file, for messages.
        text: JSON.
        line: number of the line that the text is; None where it is the whole file.

    Returns:
        What it says.

    Raises:
        CorpusError: if it is not JSON, or cannot be held: too deep, a number too long, a key twice.
    """
    place = f"{path}: line {line}" if line else f"{path}"
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        is_lines = line is None and error.msg == "Extra data"
        mend = "a file with one record a line is named .jsonl" if is_lines else "mend that line"
        raise CorpusError(f"{path}: line {line or error.lineno} is not JSON ({error.msg}); {mend}") from error
    except _RepeatedKeyError as error:
        raise CorpusError(
            f"{place}: a record has the key {list_names(error.args)} twice; rename one"
        ) from error
    except RecursionError as error:
        raise CorpusError(f"{place}: brackets are nested too deeply; give flat records") from error
    except ValueError as error:  # Python parses no number of more than some thousand digits
        raise CorpusError(
            f"{place}: a number cannot be read ({quote_line(str(error))}); put it in quotes"
        ) from error


def parse_json_list(path: Path, text: str) -> list[Any]:
    """Parse a file that is one list.

    Args:
        path: the file, for messages.
        text: all of it.

    Returns:
        The list.

    Raises:
        CorpusError: as for :func:`parse_json`, or if it is something else than a list.
    """
    records = parse_json(path, text)
    if not isinstance(records, list):
        raise CorpusError(
            f"{path}: expected a list of records [{{column: value, ...}}, ...]; write it so, or one record "
            "a line into a file named .jsonl"
        )
    return records


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(next(name for name in names if names.count(name) > 1))
    return record
