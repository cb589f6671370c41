"""Ending a run on Ctrl-C, or when the machine's owner wants it back."""

import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from tqdm import tqdm

HINT = "run the same command again; a training goes on from its last checkpoint"
SECONDS_TO_CLOSE = 4.0


class Termination(KeyboardInterrupt):
    """SIGTERM, which job schedulers and container engines send some time before they kill."""


@contextmanager
def stop_on_request(close: Callable[[str], None]) -> Iterator[None]:
    """Turn an interrupt into one line, a closed run and the usual exit status.

    Closing may hang, as on a tracking server that is gone; after some seconds the process ends all the same,
    and the next run marks this one as KILLED.

    Args:
        close: ends the tracked run with a status.

    Raises:
        SystemExit: 130 on Ctrl-C, 143 on SIGTERM.
    """
    handles_signals = threading.current_thread() is threading.main_thread()
    former = signal.signal(signal.SIGTERM, _terminate) if handles_signals else None
    try:
        yield
    except KeyboardInterrupt as interrupt:
        word, status = ("Terminated", 143) if isinstance(interrupt, Termination) else ("Interrupted", 130)
        _stop(close, f"{word}: {HINT}\n", status)
        raise SystemExit(status) from None
    finally:
        if former is not None:
            signal.signal(signal.SIGTERM, former)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Termination


def _stop(close: Callable[[str], None], line: str, status: int) -> None:
    def leave() -> None:
        sys.stderr.write(line)
        sys.stderr.flush()
        os._exit(status)

    watchdog = threading.Timer(SECONDS_TO_CLOSE, leave)
    watchdog.daemon = True
    watchdog.start()
    try:
        with _deaf():
            close("KILLED")
    finally:
        watchdog.cancel()
    gc.freeze()  # Python would look through millions of objects once more before it ends, for seconds
    end_progress_bars()
    sys.stderr.write(line)


@contextmanager
def _deaf() -> Iterator[None]:
    """A second Ctrl-C or SIGTERM must not leave the run open."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def end_progress_bars() -> None:
    """Let the next message begin a line of its own."""
    for bar in list(getattr(tqdm, "_instances", ())):
        bar.close()
