"""Known failures as one line that says what to mend."""

import re
from collections.abc import Iterator
from types import TracebackType

from kedro.io import DatasetError
from kedro.validation.exceptions import ParameterValidationError

from sharprecl.errors import SharpreclError, first_line
from sharprecl.starvation import describe_starvation
from sharprecl.tracking.store_failures import describe_store_failure

# What these raise themselves is about the command, the configuration or the store, not a fault in our code.
_CONFIGURATION_PACKAGES = ("kedro", "omegaconf", "yaml", "mlflow", "sqlalchemy")
_UNREADABLE = re.compile(r"Failed while loading data from dataset .*?filepath=\w*\(?'(?P<file>[^']+)'")
_ASKED_VERSION = re.compile(r"version=Version\(load='([^']+)'")
_MAX_LENGTH = 1000  # a long path must not cost the reader the mend behind it


def describe_error(error: BaseException) -> str | None:
    """One line for an error that a user can mend.

    Args:
        error: as it reached the command line.

    Returns:
        The line, or None for an error that is a fault in the program: its traceback is wanted.
    """
    chain = list(_chain(error))
    ours = next((link for link in chain if isinstance(link, SharpreclError)), None)
    if ours is not None:
        return _one_line(str(ours))
    starved = describe_starvation(chain) or describe_store_failure(chain)
    if starved is not None:
        return _one_line(starved)
    if isinstance(error, DatasetError):
        return _describe_dataset_error(error, chain)
    if isinstance(error, OSError) and error.strerror:
        return _one_line(f"{error.filename or 'system'}: {error.strerror}")
    if isinstance(error, ParameterValidationError) or _raised_in(error.__traceback__):
        return _one_line(str(error))
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what it was raised from, outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__


def _describe_dataset_error(error: DatasetError, chain: list[BaseException]) -> str:
    message = str(error)
    missing = (
        any(isinstance(link, FileNotFoundError) for link in chain) or "Did not find any versions" in message
    )
    if missing:
        name = message.split(":", maxsplit=1)[0]
        asked = _ASKED_VERSION.search(message)
        if asked is not None:
            return f"{name}: there is no version {asked[1]}; name another, or leave --load-versions out"
        return f"{name}: not made yet; run `kedro run --pipeline=train`, or the pipeline that makes it, first"
    unreadable = _UNREADABLE.search(message)
    if unreadable is not None:
        mend = "run `kedro run --pipeline=train`, or the pipeline that makes it, again"
        reason = next((first_line(link) for link in chain if not isinstance(link, DatasetError)), "damaged")
        return _one_line(f"{unreadable['file']}: cannot be read ({reason}); {mend}")
    return _one_line(message)


def _raised_in(traceback: TracebackType | None) -> bool:
    """Whether the innermost frame belongs to one of the configuration packages."""
    module = ""
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "")
        traceback = traceback.tb_next
    return module.partition(".")[0] in _CONFIGURATION_PACKAGES


def _one_line(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _MAX_LENGTH else f"{line[: _MAX_LENGTH - 1]}…"
