"""Training in several processes, on one machine or several, through torch's elastic launcher."""

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import torch
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from sharprecl.errors import ParameterError, SharpreclError, first_line
from sharprecl.modeling.device import select_device
from sharprecl.parameters import FitParameters, LaunchParameters
from sharprecl.training.callbacks import MetricsSink
from sharprecl.training.job import TrainingJob
from sharprecl.training.metrics_file import MetricsFollower
from sharprecl.training.run import TrainedWeights
from sharprecl.training.sharing import JOB_FOLDER, METRICS_FILE, check_sharing, load_result, offer_job
from sharprecl.training.worker_failure import describe_failure

logger = logging.getLogger(__name__)

WORKER = "sharprecl.training.worker"
_NO_SERVER = "TORCH_DISABLE_SHARE_RDZV_TCP_STORE"
"""Without it the launcher opens a port even where its processes meet at a file, and on every address."""
_RUN_ID = "none"
"""torchrun's own default, so that other machines may start their workers with torchrun."""


def train_in_processes(
    job: TrainingJob, run_folder: Path, launch: LaunchParameters, metrics_sink: MetricsSink | None
) -> TrainedWeights:
    """Train in workers and take in what they leave in the run's folder.

    Args:
        job: what is trained.
        run_folder: of checkpoints; all machines must see it.
        launch: the ``launch`` block, of machine 0.
        metrics_sink: takes metrics while training runs, in this process and thread.

    Returns:
        As from :func:`~sharprecl.training.run.run_training`.

    Raises:
        ParameterError: if the work cannot be shared so.
        SharpreclError: if a worker ended before its time.
    """
    check_sharing(job.parameters, launch.num_processes)
    _check_devices(job.parameters, launch.nproc)
    offer_job(job, run_folder)
    logger.info("Training in %d processes, %d of them here", launch.num_processes, launch.nproc)
    follow = MetricsFollower(run_folder / JOB_FOLDER / METRICS_FILE, metrics_sink or _ignore)
    run_workers(launch, [str(run_folder.parent), f"--run={run_folder.name}"], follow)
    return load_result(job, run_folder)


def join_training(launch: LaunchParameters, checkpoint_folder: Path) -> None:
    """Run the workers of another machine than machine 0; nothing is left here.

    Args:
        launch: the ``launch`` block of this machine.
        checkpoint_folder: the one of machine 0, on storage that both see.

    Raises:
        SharpreclError: if a worker ended before its time.
    """
    logger.info(
        "Machine %d of %d, counted from 0: trains along; machine 0 prepares, evaluates, saves and tracks",
        launch.node_rank,
        launch.nnodes,
    )
    run_workers(launch, [str(checkpoint_folder)], lambda: None)


def run_workers(launch: LaunchParameters, arguments: list[str], follow: Callable[[], None]) -> None:
    """Run this machine's workers to their end.

    The launcher runs in a thread of its own: it would replace this process's signal handlers, and
    ``follow`` has to run in the thread that knows the tracked run.

    Args:
        launch: the ``launch`` block.
        arguments: of the worker's command.
        follow: called again and again meanwhile, and once afterwards.

    Raises:
        SharpreclError: if a worker ended before its time.
        ParameterError: if the machines do not find each other.
    """
    with (
        tempfile.TemporaryDirectory(prefix="sharprecl_", ignore_cleanup_errors=True) as name,
        _calm_launcher(),
    ):
        scratch = Path(name)
        stop = scratch / "stop"
        store = [] if launch.nnodes > 1 else [f"--store={scratch / 'store'}"]
        command = ["-m", WORKER, *arguments, f"--timeout={launch.timeout}", f"--stop={stop}", *store]
        launcher = _LauncherThread(_launch_config(launch, scratch), command)
        launcher.start()
        try:
            while not launcher.ended.wait(timeout=0.2):
                follow()
            follow()
        except BaseException:
            stop.touch()
            launcher.ended.wait(timeout=10)
            sys.stderr.write("\n")  # the first worker's progress bar ends without
            raise
        launcher.check(launch)


class _LauncherThread(Thread):
    """torch's elastic launcher, which blocks until the workers have ended."""

    def __init__(self, config: LaunchConfig, command: list[str]) -> None:
        super().__init__(daemon=True)
        self._launcher = elastic_launch(config, sys.executable)
        self._command = command
        self._error: Exception | None = None
        self.ended = Event()
        """Set at the end. After an interrupt in ``join`` Python 3.11 takes a thread for ended that is not."""

    def run(self) -> None:
        try:
            self._launcher(*self._command)
        except Exception as error:
            self._error = error
        finally:
            self.ended.set()

    def check(self, launch: LaunchParameters) -> None:
        """Raise what went wrong, if anything did."""
        if isinstance(self._error, ChildFailedError):
            raise describe_failure(self._error) from self._error
        if self._error is None:
            return
        reason = first_line(self._error)
        if launch.nnodes == 1:
            raise SharpreclError(f"training: the processes did not start ({reason})") from self._error
        raise ParameterError(
            f"launch.rendezvous: the machines did not find each other at {launch.rendezvous} ({reason}); "
            "take an address of machine 0 with a free port, the same for all, and start all machines"
        ) from self._error


def _launch_config(launch: LaunchParameters, scratch: Path) -> LaunchConfig:
    """Workers of one machine meet at a file, so that no port is opened; several machines at machine 0's."""
    several = launch.nnodes > 1
    node = {"rank": launch.node_rank, "timeout": launch.timeout}
    return LaunchConfig(
        min_nodes=launch.nnodes,
        max_nodes=launch.nnodes,
        nproc_per_node=launch.nproc,
        run_id=_RUN_ID,
        rdzv_backend="static" if several else "c10d",
        rdzv_endpoint=launch.rendezvous if several else str(scratch / "rendezvous"),
        rdzv_configs=node if several else {"store_type": "file"},
        max_restarts=0,
        logs_specs=DefaultLogsSpecs(log_dir=str(scratch / "logs")),
    )


def _check_devices(parameters: FitParameters, nproc: int) -> None:
    device = select_device(parameters.device)
    if device == "mps":
        raise ParameterError("launch.nproc: several processes cannot share mps; set fit.device to cpu")
    if device == "cuda" and nproc > torch.cuda.device_count():
        raise ParameterError(
            f"launch.nproc: {nproc} processes need as many GPUs, and there are {torch.cuda.device_count()}"
        )


def _ignore(metrics: dict[str, float], step: int) -> None:
    pass


@contextmanager
def _calm_launcher() -> Iterator[None]:
    """Keep the launcher from opening ports and from its own account of failures; ours is one line."""
    name, value = "torch.distributed.elastic", os.environ.pop(_NO_SERVER, None)
    # torch gives its loggers levels of their own, so the parent's does not reach them.
    known = [known for known in logging.root.manager.loggerDict if known.startswith(f"{name}.")]
    levels = {log: log.level for log in map(logging.getLogger, [name, *known])}
    for log in levels:
        log.setLevel(logging.CRITICAL)
    os.environ[_NO_SERVER] = "1"
    try:
        yield
    finally:
        for log, level in levels.items():
            log.setLevel(level)
        del os.environ[_NO_SERVER]
        if value is not None:
            os.environ[_NO_SERVER] = value
