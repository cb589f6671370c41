"""What became of workers that ended before their time, in one line."""

import signal
from collections.abc import Callable, Mapping

from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure

from sharprecl.errors import DeviceMemoryError, SharpreclError
from sharprecl.starvation import lacks_memory

AGAIN = "the same command goes on from the last checkpoint"
LOSSES = ("onnection", "gloo", "DistBackendError", "DistNetworkError", "DistStoreError")
"""Words of messages about another process that is gone."""


def describe_failure(error: ChildFailedError) -> SharpreclError:
    """The root cause among the workers' failures.

    One worker's end takes the others with it: they lose their connections, and the launcher sends SIGTERM.

    Args:
        error: of the elastic launcher.

    Returns:
        What the worker raised if that was an error that a user can mend; else one that names the worker.
    """
    rank = _find_cause(error.failures)
    failure, message = error.failures[rank], _message(error.failures[rank])
    if not message:
        return SharpreclError(f"training: process {rank} was ended by {_how(failure)}; {AGAIN}")
    kind, _, text = message.partition(": ")
    known = {kind.__name__: kind for kind in SharpreclError.__subclasses__()}
    if kind in known:
        return known[kind](text)
    if lacks_memory(message):
        return DeviceMemoryError(
            f"training: process {rank} has too little memory for its part of a batch; "
            "set fit.micro_batches=2 or more, or share the batch among more processes"
        )
    if _is_loss(message):
        return SharpreclError(
            f"training: process {rank} lost another one, whose machine's output says why; {AGAIN}"
        )
    return SharpreclError(
        f"training: process {rank} failed ({message.splitlines()[0]}); SHARPRECL_TRACEBACK=1 shows where"
    )


def _find_cause(failures: Mapping[int, ProcessFailure]) -> int:
    """The rank whose failure explains the others: the first that says more than that it lost another one,
    else one that was killed.
    """
    explains: tuple[Callable[[ProcessFailure], bool], ...] = (
        lambda failure: bool(_message(failure)) and not _is_loss(_message(failure)),
        lambda failure: failure.exitcode < 0 and failure.exitcode != -signal.SIGTERM,
        lambda failure: bool(_message(failure)),
        lambda _: True,
    )
    candidates = next(found for test in explains if (found := [r for r in failures if test(failures[r])]))
    return min(candidates, key=lambda rank: failures[rank].timestamp)


def _message(failure: ProcessFailure) -> str:
    """What the worker raised, if it had the time to say so."""
    message: object = failure.message
    return str(message.get("message", "")) if isinstance(message, dict) else ""


def _is_loss(message: str) -> bool:
    return any(word in message for word in LOSSES)


def _how(failure: ProcessFailure) -> str:
    if failure.exitcode >= 0:
        return f"exit status {failure.exitcode}"
    try:
        return signal.Signals(-failure.exitcode).name
    except ValueError:
        return f"signal {-failure.exitcode}"
