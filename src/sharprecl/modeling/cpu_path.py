"""What makes a model fast on a CPU: packed rows and cheap dropout."""

import logging
import os

import torch
from transformers import PreTrainedModel

from sharprecl.modeling.dropout import replace_dropout
from sharprecl.modeling.packed_attention import PACKED
from sharprecl.modeling.packing import encode_packed
from sharprecl.modeling.pooling import pool_tokens

logger = logging.getLogger(__name__)

TOLERANCE = 1e-3
"""Of the trial's states, which are of the order of 1: a wrong place or a token of a neighbour is far off."""

CACHED_KERNELS = "64"
"""A batch takes some dozens; by default oneDNN keeps 1,024, which come to a gibibyte."""


def prepare_for_cpu(encoder: PreTrainedModel) -> None:
    """Let an encoder on the CPU take packed rows where that changes nothing, and drop by bits.

    An encoder that places tokens by itself, by relative positions say, would mistake neighbours in a packed
    row for one text. So each encoder has to show on two short rows that it gives the padded result; one that
    does not keeps plain attention. So does one with a sliding window, which two short rows do not show.

    Args:
        encoder: on the CPU; changed in place.
    """
    # Packed batches are hardly ever of one size twice, and each size has kernels of its own. oneDNN looks
    # this up before its first operation: where there has been one it changes nothing.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", CACHED_KERNELS)
    replace_dropout(encoder)
    encoder.set_attn_implementation("eager")
    if not (encoder._supports_attention_backend and _attends_to_all(encoder) and _packs(encoder)):
        encoder.set_attn_implementation("eager")
        logger.info("This encoder cannot take packed rows; batches are encoded in groups of like length.")


def _attends_to_all(encoder: PreTrainedModel) -> bool:
    """Whether each layer attends to whole texts, as far as the configuration tells kinds of layers apart."""
    return set(getattr(encoder.config, "layer_types", None) or ()) <= {"full_attention"}


@torch.no_grad()
def _packs(encoder: PreTrainedModel) -> bool:
    """Whether packed rows give the padded result; leaves packed attention on."""
    was_training = encoder.training
    encoder.eval()
    input_ids = torch.tensor([[5, 6, 7, 0, 0], [8, 9, 10, 11, 12]])
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    padded = pool_tokens(encoder(input_ids=input_ids, attention_mask=mask).last_hidden_state, mask, "mean")
    try:
        encoder.set_attn_implementation(PACKED)
        packed = encode_packed(encoder, input_ids, mask, "mean")
    except (TypeError, ValueError):
        return False
    finally:
        encoder.train(was_training)
    return torch.allclose(padded, packed, atol=TOLERANCE, rtol=0)
