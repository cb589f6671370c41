"""How a trained model lies in a folder."""

from collections.abc import Collection
from pathlib import Path
from shutil import copymode
from typing import cast

from safetensors import SafetensorError
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from sharprecl.errors import ModelError, first_line
from sharprecl.modeling.cpu_path import prepare_for_cpu
from sharprecl.modeling.device import select_device
from sharprecl.modeling.model import SharpReCL
from sharprecl.modeling.quiet import quiet_transformers
from sharprecl.modeling.trained_model import TrainedModel

CONFIGURATION = "config.json"


def save_model(trained: TrainedModel, folder: Path) -> None:
    """Write weights (safetensors), configuration and tokenizer into a folder."""
    with quiet_transformers():
        trained.model.save_pretrained(folder)
    trained.tokenizer.save_pretrained(folder)
    for weights in folder.glob("*.safetensors"):
        copymode(folder / CONFIGURATION, weights)  # safetensors leaves them to this user alone


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
    if not (folder / CONFIGURATION).is_file():
        raise ModelError(f"{folder}: no trained model there; train one with `kedro run --pipeline=train`")
    try:
        with quiet_transformers():
            loaded = SharpReCL.from_pretrained(
                folder, use_safetensors=True, local_files_only=True, output_loading_info=True
            )
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelError(
            f"{folder}: not a readable SharpReCL model ({first_line(error)}); train it again"
        ) from error
    model, report = cast(tuple[SharpReCL, dict[str, set[str]]], loaded)
    _check_weights(folder, model, report["missing_keys"])
    place = select_device(device)
    if place == "cpu":
        prepare_for_cpu(model.encoder)
    model.to(place)  # type: ignore[arg-type] # transformers' decorator hides the signature
    return TrainedModel(model.eval(), cast(PreTrainedTokenizerFast, tokenizer))


def _check_weights(folder: Path, model: SharpReCL, missing: Collection[str]) -> None:
    """Refuse a damaged file that can be read: transformers fills what it lacks at random.

    Raises:
        ModelError: naming the first weights that are missing or no numbers.
    """
    broken = next((name for name, value in model.named_parameters() if not value.isfinite().all()), None)
    if missing:
        reason = f"{min(missing)} is missing"
    elif broken is not None:
        reason = f"{broken} has values that are not numbers"
    else:
        return
    raise ModelError(
        f"{folder}: the weights are damaged ({reason}); bring the folder back, or train it again"
    )
