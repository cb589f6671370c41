"""One of several processes that train together; ``launch.nproc`` and ``launch.nnodes`` start it.

So can torchrun, on other machines than machine 0::

    torchrun --nnodes=2 --node-rank=1 --nproc-per-node=8 --master-addr=HOST --master-port=29500 \
        -m sharprecl.training.worker data/06_models/checkpoints
"""

import argparse
import os
import socket
import sys
import time
from datetime import timedelta
from pathlib import Path
from threading import Thread

import torch
import torch.distributed as dist
from torch.distributed.elastic.multiprocessing.errors import record

from sharprecl.errors import ParameterError
from sharprecl.training.checkpoints import is_whole, newest_checkpoint, step_of
from sharprecl.training.job import TrainingJob
from sharprecl.training.metrics_file import MetricsWriter
from sharprecl.training.run import run_training
from sharprecl.training.sharing import JOB_FOLDER, METRICS_FILE, check_sharing, save_result


def main() -> None:
    """Train; a failure goes to the launcher, and to the terminal where SHARPRECL_TRACEBACK is set."""
    try:
        _work(_parse_arguments())
    except Exception:
        if "TORCHELASTIC_ERROR_FILE" not in os.environ or os.environ.get("SHARPRECL_TRACEBACK"):
            raise
        sys.exit(1)


@record
def _work(options: argparse.Namespace) -> None:
    Thread(target=_end_with_parent, args=(options.stop,), daemon=True).start()
    connect(options.store, timedelta(seconds=options.timeout))
    run_folder = options.checkpoints / _agree_on_run(options.run)
    job = _load_job(run_folder)
    check_sharing(job.parameters, dist.get_world_size())
    is_first = dist.get_rank() == 0
    sink = MetricsWriter(run_folder / JOB_FOLDER / METRICS_FILE) if is_first else None
    trained = run_training(job, run_folder, _agree_on_checkpoint(job, run_folder), sink)
    if is_first:
        save_result(trained, run_folder)
    dist.destroy_process_group()


def connect(store: Path | None, timeout: timedelta) -> None:
    """Join the process group that the environment variables of the launcher describe.

    Args:
        store: a file at which the processes of one machine meet; if None, they meet at ``MASTER_ADDR``.
        timeout: how long to wait for the others, now and later.
    """
    _share_cores()
    _stay_on_this_machine(alone=store is not None)
    has_gpu = torch.cuda.is_available()
    if has_gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]) % torch.cuda.device_count())
    dist.init_process_group(
        "cpu:gloo,cuda:nccl" if has_gpu else "gloo",
        init_method="env://" if store is None else store.absolute().as_uri(),
        rank=int(os.environ["RANK"]),
        world_size=int(os.environ["WORLD_SIZE"]),
        timeout=timeout,
    )


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="sharprecl.training.worker", description=__doc__)
    parser.add_argument("checkpoints", type=Path, help="folder of all runs' checkpoints")
    parser.add_argument("--run", help="the run's folder in it; process 0 tells the others")
    parser.add_argument("--store", type=Path, help="file at which the processes of one machine meet")
    parser.add_argument("--stop", type=Path, help="file that makes this process end when it appears")
    parser.add_argument("--timeout", type=int, default=1800, help="seconds to wait for others")
    return parser.parse_args()


def _agree_on_run(name: str | None) -> str:
    """The name of the run's folder, from process 0."""
    if name is None and dist.get_rank() == 0:
        raise ParameterError("launch: process 0 has no --run; start machine 0 with kedro run")
    digits = torch.zeros(16, dtype=torch.uint8)
    if name is not None:
        digits = torch.tensor(list(name.encode("ascii")), dtype=torch.uint8)
    dist.broadcast(digits, src=0)
    return bytes(digits.tolist()).decode("ascii")


def _load_job(run_folder: Path) -> TrainingJob:
    try:
        return TrainingJob.load(run_folder / JOB_FOLDER)
    except FileNotFoundError as error:
        raise ParameterError(
            f"launch.nnodes: {error.filename} is not on this machine; all machines need the folder of "
            "checkpoints on storage that they share"
        ) from error


def _agree_on_checkpoint(job: TrainingJob, run_folder: Path) -> Path | None:
    """The checkpoint to go on from, chosen by process 0."""
    step = torch.tensor(-1)
    if dist.get_rank() == 0:
        found = newest_checkpoint(run_folder) if job.parameters.resume else None
        step = torch.tensor(-1 if found is None else step_of(found))
    dist.broadcast(step, src=0)
    if step < 0:
        return None
    checkpoint = run_folder / f"checkpoint-{step}"
    if not is_whole(checkpoint):
        raise ParameterError(
            f"launch.nnodes: {checkpoint} is not whole on this machine; all machines need the folder of "
            "checkpoints on storage that they share"
        )
    return checkpoint


def _share_cores() -> None:
    """Give each process of this machine its part of the cores, unless OMP_NUM_THREADS says otherwise."""
    if "OMP_NUM_THREADS" not in os.environ:
        threads = max(1, torch.get_num_threads() // int(os.environ["LOCAL_WORLD_SIZE"]))
        os.environ["OMP_NUM_THREADS"] = str(threads)  # Accelerate would count and warn
        torch.set_num_threads(threads)


def _stay_on_this_machine(*, alone: bool) -> None:
    """Where all processes are on this machine, have them listen on its loopback alone."""
    if alone or os.environ["MASTER_ADDR"] in {"127.0.0.1", "localhost", "::1"}:
        loopbacks = [name for _, name in socket.if_nameindex() if name.startswith("lo")]
        for variable in ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME") if loopbacks else ():
            os.environ.setdefault(variable, loopbacks[0])


def _end_with_parent(stop: Path | None) -> None:
    """End this process when its launcher is gone or asks for it; a collective would wait for ever."""
    parent = os.getppid()
    while os.getppid() == parent and not (stop is not None and stop.exists()):
        time.sleep(0.5)
    os._exit(1)


if __name__ == "__main__":
    main()
