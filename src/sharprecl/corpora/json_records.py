"""Records of JSON files: a list of them, or one a line."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from sharprecl.corpora.messages import list_names, quote_line
from sharprecl.corpora.text_file import BYTE_ORDER_MARK, TextFile
from sharprecl.errors import CorpusError

LIST_SUFFIX = ".json"
Record = dict[str, Any]


class _RepeatedKeyError(Exception):
    """An object has a key twice, so that one of the values would be lost."""


def json_records(file: TextFile) -> Callable[[], Iterator[Record]]:
    """Make ready to read the records of a file.

    Args:
        file: ``.json`` holds a list of records, any other suffix one record a line; a byte order mark before
            a line, as joined files have it, is passed over.

    Returns:
        What reads them from the first on, as often as it is called. A list is parsed once, now, and kept in
        memory; lines are parsed anew each time and not kept.

    Raises:
        CorpusError: when reading comes to the place, if something is not JSON, no record, or cannot be held:
            too deep, a number too long, a key twice.
    """
    if file.path.suffix.lower() == LIST_SUFFIX:
        values = _parse_list(file.path, file.read())
        return lambda: _checked(file.path, values)
    # A carriage return is a blank of JSON's and ends no record.
    return lambda: _checked(file.path, _parse_lines(file.path, file.lines(newline="\n")))


def _checked(path: Path, values: Iterable[Any]) -> Iterator[Record]:
    for number, value in enumerate(values, start=1):
        if not isinstance(value, dict):
            raise CorpusError(f"{path}: record {number} is not an object; write it as {{column: value, ...}}")
        yield value


def _parse_lines(path: Path, lines: Iterable[str]) -> Iterator[Any]:
    for number, line in enumerate(lines, start=1):
        text = line.removeprefix(BYTE_ORDER_MARK)
        if text.strip(" \t\r\n"):
            yield _parse(path, text, number)


def _parse_list(path: Path, text: str) -> list[Any]:
    values = _parse(path, text)
    if not isinstance(values, list):
        raise CorpusError(
            f"{path}: expected a list of records [{{column: value, ...}}, ...]; write it so, or one record "
            "a line into a file named .jsonl"
        )
    return values


def _parse(path: Path, text: str, line: int | None = None) -> Any:
    """What a text says that is a whole file or, where its number is given, a line."""
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


def _object(pairs: list[tuple[str, Any]]) -> Record:
    record = dict(pairs)
    if len(record) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        raise _RepeatedKeyError(next(name for name, count in counts.items() if count > 1))
    return record
