"""What processes that train together share: a folder, and what it holds."""

import shutil
from pathlib import Path

from safetensors.torch import load_model, save_model
from transformers import TrainerState

from sharprecl.errors import ParameterError
from sharprecl.modeling.device import select_device
from sharprecl.parameters import FitParameters
from sharprecl.training.build import build_model_of
from sharprecl.training.checkpoints import STATE_FILE
from sharprecl.training.job import TrainingJob
from sharprecl.training.run import TrainedWeights
from sharprecl.whole_files import replacing

JOB_FOLDER, RESULT_FOLDER = "job", "result"
"""In the run's folder, beside the checkpoints."""
METRICS_FILE, WEIGHTS_FILE = "metrics.jsonl", "model.safetensors"


def check_sharing(parameters: FitParameters, world_size: int) -> None:
    """Refuse what several processes would compute differently from one.

    Args:
        parameters: the ``fit`` block.
        world_size: processes on all machines.

    Raises:
        ParameterError: naming the parameter.
    """
    size = parameters.batch_size
    if size % world_size:
        near = max(1, round(size / world_size)) * world_size
        raise ParameterError(
            f"fit.batch_size: {size} texts do not divide among {world_size} processes; set it to {near}"
        )
    if parameters.head_norm == "batch":
        raise ParameterError(
            "fit.head_norm: batch mixes the rows of one process alone; set it to layer, or launch.nproc to 1"
        )


def offer_job(job: TrainingJob, run_folder: Path) -> None:
    """Lay a job out for the workers, and clear away what is left of an earlier one."""
    for name in (RESULT_FOLDER, JOB_FOLDER):
        shutil.rmtree(run_folder / name, ignore_errors=True)
    job.save(run_folder / JOB_FOLDER)


def save_result(trained: TrainedWeights, run_folder: Path) -> None:
    """Leave the chosen weights and the Trainer's state, whole or not at all."""
    with replacing(run_folder / RESULT_FOLDER, sole_writer=True) as folder:
        folder.mkdir()
        save_model(trained.model, str(folder / WEIGHTS_FILE))
        trained.state.save_to_json(str(folder / STATE_FILE))


def load_result(job: TrainingJob, run_folder: Path) -> TrainedWeights:
    """What :func:`save_result` left, in a model that is made as if it had been trained in this process."""
    result = run_folder / RESULT_FOLDER
    device = select_device(job.parameters.device)
    model = build_model_of(job, device)
    load_model(model, result / WEIGHTS_FILE)
    model.to(device)  # type: ignore[arg-type] # transformers' decorator hides the signature
    return TrainedWeights(model, TrainerState.load_from_json(str(result / STATE_FILE)))
