"""How a trained model lies in a folder."""

from pathlib import Path
from typing import cast

from safetensors import SafetensorError
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from sharprecl.errors import ModelError, first_line
from sharprecl.modeling.cpu_path import prepare_for_cpu
from sharprecl.modeling.device import select_device
from sharprecl.modeling.model import SharpReCL
from sharprecl.modeling.quiet import quiet_transformers
from sharprecl.modeling.trained_model import TrainedModel


def save_model(trained: TrainedModel, folder: Path) -> None:
    """Write weights (safetensors), configuration and tokenizer into a folder."""
    with quiet_transformers():
        trained.model.save_pretrained(folder)
    trained.tokenizer.save_pretrained(folder)


def load_model(folder: Path, device: str = "auto") -> TrainedModel:
    """Read a folder written by :func:`save_model`.

    Args:
        folder: of the model.
        device: as for :func:`~sharprecl.modeling.device.select_device`.

    Returns:
        The model on that device, made ready for it.

    Raises:
        ModelError: if the folder is missing or not a SharpReCL model.
        ParameterError: if the device is not on this machine.
    """
    if not (folder / "config.json").is_file():
        raise ModelError(f"{folder}: no trained model there; train one with `kedro run --pipeline=train`")
    try:
        with quiet_transformers():
            model = SharpReCL.from_pretrained(folder, use_safetensors=True, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"{folder}: not a readable SharpReCL model ({first_line(error)}); train it again"
        ) from error
    place = select_device(device)
    if place == "cpu":
        prepare_for_cpu(model.encoder)
    model.to(place)  # type: ignore[arg-type] # transformers' decorator hides the signature
    return TrainedModel(model.eval(), cast(PreTrainedTokenizerFast, tokenizer))
