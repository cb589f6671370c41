"""Answers of language models on disk, so that no question is asked twice."""

import hashlib
import json
import logging
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, TypeVar

from sharprecl.errors import ParameterError

logger = logging.getLogger(__name__)

FILE_NAME = "answers.jsonl"
T = TypeVar("T")
FORM = 1
"""Counts up when answers of old files would no longer be right."""


class Answer(NamedTuple):
    """What a model answered to one prompt.

    Attributes:
        text: what it wrote; empty where it scored the class names.
        scores: log-likelihood of each class name, length C, or None.
        prompt_tokens: tokens read.
        answer_tokens: tokens written or scored.
    """

    text: str
    scores: list[float] | None
    prompt_tokens: int
    answer_tokens: int


NO_ANSWER = Answer("", None, 0, 0)
"""Of a prompt that was refused."""


def answer_key(
    model: str, endpoint: str | None, messages: list[dict[str, str]], settings: Mapping[str, Any]
) -> str:
    """Under which name an answer is kept: SHA-256 over all that it depends on.

    Args:
        model: the model's name.
        endpoint: where it was asked, None for here.
        messages: the prompt.
        settings: what else decides the answer; anything that JSON can hold.

    Returns:
        64 hexadecimal digits.
    """
    asked = json.dumps([FORM, model, endpoint, messages, settings], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


class AnswerCache:
    """A file of JSON lines, one an answer; threads may write to it at the same time.

    A line is written at once when its answer is there: a kill loses at most that line. Lines that cannot be
    read, such as one torn by a kill, count as not there. Neither texts nor prompts are in the file.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._lock = threading.Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = self.path.open("a+b")
        except OSError as error:
            raise ParameterError(
                f"{self.path}: cannot keep answers there ({error.strerror}); name a folder that "
                "can be written"
            ) from error
        self._answers = dict(self._read())

    def __contains__(self, key: str) -> bool:
        return key in self._answers

    def get(self, key: str, default: Answer) -> Answer:
        """The answer that is there, else another."""
        return self._answers.get(key, default)

    def keep(self, key: str, answer: Answer) -> None:
        """Write an answer.

        Args:
            key: from :func:`answer_key`.
            answer: to keep.
        """
        line = json.dumps({"key": key, **answer._asdict()}) + "\n"
        with self._lock:
            self._file.write(line.encode())
            self._file.flush()
            self._answers[key] = answer

    def _read(self) -> Iterator[tuple[str, Answer]]:
        self._file.seek(0)
        content = self._file.read()
        if content and not content.endswith(b"\n"):
            # The next answer must not continue the torn line.
            self._file.write(b"\n")
        num_unreadable = 0
        for line in content.splitlines():
            entry = _parse_line(line)
            if entry is None:
                num_unreadable += 1
            else:
                yield entry
        if num_unreadable:
            logger.warning("%s: %d lines cannot be read; asking again", self.path, num_unreadable)

    def __enter__(self) -> "AnswerCache":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


def _parse_line(line: bytes) -> tuple[str, Answer] | None:
    try:
        record = json.loads(line)
        scores = record["scores"]
        answer = Answer(
            text=_checked(record["text"], str),
            scores=None if scores is None else [_checked(score, float) for score in scores],
            prompt_tokens=_checked(record["prompt_tokens"], int),
            answer_tokens=_checked(record["answer_tokens"], int),
        )
        return _checked(record["key"], str), answer
    except (ValueError, TypeError, KeyError):
        return None


def _checked(value: Any, kind: type[T]) -> T:
    if not isinstance(value, kind):
        raise TypeError(kind.__name__)
    return value
