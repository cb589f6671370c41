"""Going on where a training step needs more memory than the device has."""

import logging

from accelerate.utils.memory import clear_device_cache, should_reduce_batch_size

from sharprecl.errors import DeviceMemoryError
from sharprecl.modeling import SharpReCL

logger = logging.getLogger(__name__)


def is_out_of_memory(error: Exception) -> bool:
    """Whether a device had too little memory for what was asked."""
    too_little: bool = should_reduce_batch_size(error)
    return too_little


def halve_micro_batches(model: SharpReCL, num_rows: int) -> None:
    """Let a batch pass the encoder in twice as many parts, from now on.

    Args:
        model: changed in place; its gradients are dropped.
        num_rows: of the batch that did not fit.

    Raises:
        DeviceMemoryError: if every row passed by itself already.
    """
    if model.num_micro_batches >= num_rows:
        raise DeviceMemoryError(
            "fit: one text at a time needs more memory than the device has; lower tokenize.max_length, "
            "take a smaller encoder, or end what else uses the device"
        )
    model.num_micro_batches = min(2 * model.num_micro_batches, num_rows)
    model.zero_grad(set_to_none=True)
    clear_device_cache(garbage_collection=True)
    logger.warning(
        "The device's memory did not hold a batch: it passes the encoder in %d parts from here on, more "
        "slowly; the loss still sees the whole batch. fit.micro_batches=%d begins so.",
        model.num_micro_batches,
        model.num_micro_batches,
    )
