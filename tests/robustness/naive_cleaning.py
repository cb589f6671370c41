"""What ingest has to do with each row, in plain loops: the yardstick of the property tests."""

import json
import math
import re
import unicodedata
from typing import Any, NamedTuple

from sharprecl.parameters import CorpusParameters

FINDERS = ("empty_texts", "duplicates", "label_conflicts", "split_overlaps", "unseen_labels", "small_classes")
RANK = {None: 0, "train": 0, "validation": 1, "test": 2}


class Row(NamedTuple):
    """A row on its way; ``split`` is None where the source is not split."""

    row_id: int
    text: str
    label: str
    aug_text: str | None
    split: str | None


class RefusedError(Exception):
    """The corpus must be refused; says why."""


def as_words(value: Any) -> str | None:
    """The string that a cell stands for; None where it is missing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if not isinstance(value, str):
        return json.dumps(value)
    joined = re.sub(
        "([\ud800-\udbff])([\udc00-\udfff])",
        lambda pair: chr(0x10000 + (ord(pair[1]) - 0xD800) * 0x400 + ord(pair[2]) - 0xDC00),
        value,
    )
    return re.sub("[\ud800-\udfff]", "\ufffd", joined)


def normalize(text: str) -> str:
    """NFC, with blanks and control characters as one space each and none at the ends."""
    composed = unicodedata.normalize("NFC", text)
    spaced = "".join(" " if _is_blank(sign) else sign for sign in composed)
    return " ".join(word for word in spaced.split(" ") if word)


def _is_blank(sign: str) -> bool:
    category = unicodedata.category(sign)
    return category[0] == "Z" or category == "Cc" or sign in "\u200b\ufeff"


def clean(rows: list[Row], parameters: CorpusParameters) -> tuple[list[Row], dict[str, int]]:
    """Rows that stay, and how many go for which reason.

    Raises:
        RefusedError: naming the policy, ``after cleaning``, or what cleaning took whole.
    """
    given = left = [_normalized(row) for row in rows]
    dropped = {}
    for name in FINDERS:
        policy = getattr(parameters, name)
        bad = {row.row_id for row in _find(name, left, parameters)}
        if bad and (policy == "fail" or (name == "unseen_labels" and policy == "keep")):
            raise RefusedError(name)
        if policy == "drop":
            left = [row for row in left if row.row_id not in bad]
        dropped[name] = len(bad) if policy == "drop" else 0
        if name == "split_overlaps":
            _refuse_lost_splits(given, left)
        if name == "split_overlaps" and parameters.small_classes != "drop":
            still_trained = {row.label for row in _training(left)}
            if still_trained and still_trained != {row.label for row in _training(given)}:
                raise RefusedError("cleaning leaves no training text of class")
    if len({row.label for row in _training(left)}) < 2:
        raise RefusedError("after cleaning")
    _refuse_lost_splits(given, left)
    return left, dropped


def _refuse_lost_splits(given: list[Row], left: list[Row]) -> None:
    for split in ("train", "validation", "test"):
        if split in {row.split for row in given} - {row.split for row in left}:
            raise RefusedError(f"corpus.{split}: cleaning leaves none of its")


def _normalized(row: Row) -> Row:
    text = normalize(row.text)
    aug_text = None if row.aug_text is None else normalize(row.aug_text) or text
    return row._replace(text=text, label=normalize(row.label), aug_text=aug_text)


def _training(rows: list[Row]) -> list[Row]:
    return [row for row in rows if RANK[row.split] == 0]


def _find(name: str, rows: list[Row], parameters: CorpusParameters) -> list[Row]:
    if name == "empty_texts":
        return [row for row in rows if not row.text]
    if name == "duplicates":
        return _repeated(rows)
    if name == "label_conflicts":
        pairs = {(row.text, row.split, row.label) for row in rows}
        places = [pair[:2] for pair in pairs]
        return [row for row in rows if places.count((row.text, row.split)) > 1]
    if name == "split_overlaps":
        highest: dict[str, int] = {}
        for row in rows:
            highest[row.text] = max(highest.get(row.text, 0), RANK[row.split])
        return [row for row in rows if RANK[row.split] < highest[row.text]]
    trained = [row.label for row in _training(rows)]
    if name == "unseen_labels":
        return [row for row in rows if row.label not in trained]
    return [row for row in rows if 0 < trained.count(row.label) < parameters.min_class_size]


def _repeated(rows: list[Row]) -> list[Row]:
    seen, repeated = set(), []
    for row in rows:
        key = (row.text, row.label, row.split)
        if key in seen:
            repeated.append(row)
        seen.add(key)
    return repeated
