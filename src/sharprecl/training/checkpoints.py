"""Where a training's checkpoints lie, and which one an interrupted training goes on from."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sharprecl.errors import ParameterError
from sharprecl.whole_files import replacing

STATE_FILE = "trainer_state.json"
"""The Trainer writes it last: a checkpoint without it was broken off."""
MAX_EQUAL = 16
"""Equal trainings that may run at once."""


@contextmanager
def claim_run_folder(parent: Path, fingerprint: str) -> Iterator[Path]:
    """A folder for the checkpoints of a training that no other process writes at the same time.

    Two equal trainings at once must not share one: the second gets another. A training that is started
    again takes the free folder that got furthest. Whoever deletes the folder once the model is saved takes
    the lock in it first.

    Args:
        parent: holds the folders of all trainings.
        fingerprint: the training's; its folder's name, and for a second one a name of the same length.

    Yields:
        The folder.

    Raises:
        ParameterError: if all folders are taken.
    """
    names = [fingerprint, *(_digest(f"{fingerprint} {number}") for number in range(1, MAX_EQUAL))]
    for folder in sorted((parent / name for name in names), key=_furthest_step, reverse=True):
        folder.mkdir(parents=True, exist_ok=True)
        try:
            lock = FileLock(folder / "lock", thread_local=False).acquire(blocking=False)
        except Timeout:
            continue
        with lock:
            yield folder
        return
    raise ParameterError(f"{parent}: {MAX_EQUAL} equal trainings run already; wait for one, or change seed")


def newest_checkpoint(run_folder: Path) -> Path | None:
    """The newest whole checkpoint of a run, if there is any."""
    folders = [folder for folder in run_folder.glob("checkpoint-*") if is_whole(folder)]
    return max(folders, key=step_of, default=None)


def discard_checkpoints(run_folder: Path) -> None:
    """Delete a run's checkpoints: written over while its old state lies in it, one would look whole."""
    for folder in run_folder.glob("checkpoint-*"):
        shutil.rmtree(folder)


def is_whole(checkpoint: Path) -> bool:
    """Whether the Trainer had the time to write all of a checkpoint."""
    return _state(checkpoint) is not None


def epochs_until_early_stop(checkpoint: Path) -> int | None:
    """The epochs of a training that had stopped early with this checkpoint; None if it was to go on."""
    state = _state(checkpoint) or {}
    control = state.get("stateful_callbacks", {}).get("TrainerControl", {})
    stopped = control.get("args", {}).get("should_training_stop", False)
    return round(state["epoch"]) if stopped else None


def find_best_beside(checkpoint: Path) -> None:
    """Let a checkpoint's state name the best one where it lies now: beside it, also after a move.

    The Trainer keeps whole paths, and would go on without a best checkpoint that it does not find.

    Args:
        checkpoint: to go on from; its state is written anew if it names another folder.
    """
    state = _state(checkpoint) or {}
    if state.get("best_model_checkpoint") is None:
        return
    best = str(checkpoint.with_name(Path(state["best_model_checkpoint"]).name).absolute())
    if state["best_model_checkpoint"] != best:
        with replacing(checkpoint / STATE_FILE, sole_writer=True) as file:
            file.write_text(json.dumps({**state, "best_model_checkpoint": best}, indent=2), encoding="utf-8")


def step_of(checkpoint: Path) -> int:
    """The training step after which a checkpoint was made."""
    return int(checkpoint.name.rpartition("-")[2])


def _state(checkpoint: Path) -> dict[str, Any] | None:
    try:
        state: dict[str, Any] = json.loads((checkpoint / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state


def _furthest_step(run_folder: Path) -> int:
    newest = newest_checkpoint(run_folder)
    return 0 if newest is None else step_of(newest)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
