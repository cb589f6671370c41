"""A causal language model on this machine."""

import hashlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from transformers import AutoModelForCausalLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase

from sharprecl.errors import ModelError, first_line
from sharprecl.llm.cache import Answer
from sharprecl.llm.likelihood import answer_log_likelihoods
from sharprecl.llm.model_name import find_model
from sharprecl.llm.prompt import Prompt
from sharprecl.llm.token_prompt import encode_names, encode_prompt
from sharprecl.modeling.device import select_bf16, select_device
from sharprecl.modeling.quiet import quiet_transformers

DEFAULT_CONTEXT = 2048
"""Tokens, where neither model nor tokenizer says how many it reads."""
UNLIMITED = 1_000_000_000
"""Tokenizers that know no length state one above this."""

_UNREADABLE = (
    *(OSError, ValueError, TypeError, KeyError, ImportError, RuntimeError),
    *(SafetensorError, StrictDataclassError),
)


class LocalModel(NamedTuple):
    """A causal model that can score answers.

    Attributes:
        model: in evaluation mode.
        tokenizer: its tokenizer.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase

    @property
    def context(self) -> int:
        """Tokens that the model reads at most."""
        trained = getattr(self.model.config.get_text_config(), "max_position_embeddings", None)
        stated = [length for length in (trained, self.tokenizer.model_max_length) if length]
        return int(min((length for length in stated if length < UNLIMITED), default=DEFAULT_CONTEXT))

    @classmethod
    def load(cls, name: str) -> "LocalModel":
        """Read a model from a folder or the hub, weights from safetensors only and no code.

        Args:
            name: a folder made by ``save_pretrained``, or a hub id.

        Returns:
            The model on the best device that there is; in bfloat16 on a GPU that has it, else in float32.

        Raises:
            ModelError: if it cannot be loaded or is no causal language model.
        """
        device = select_device("auto")
        dtype = torch.bfloat16 if device == "cuda" and select_bf16("auto", device) else torch.float32
        (model, report), tokenizer = _read(name, dtype)
        _check_causal(name, model, report)
        return cls(model.to(device).eval(), tokenizer)

    def ask(
        self,
        prompts: Mapping[str, Prompt],
        keep: Callable[[str, Answer], None],
        *,
        label_names: Sequence[str],
        batch_size: int,
    ) -> None:
        """Score every class name as the answer to every prompt.

        The score is log P(name and its end | prompt), summed over tokens as in Brown et al. 2020, section
        2.4, but not divided by the length: softmax over the C scores is then the probability of each class
        given that the model answers with one of the listed names. Names are whole in the prompt, so that
        long ones are not handicapped by rare words; the end makes names that begin others comparable.

        Args:
            prompts: by any name, at least one.
            keep: called with a prompt's name and its scores, batch by batch.
            label_names: C class names.
            batch_size: prompts a pass.

        Raises:
            ParameterError: if the prompt has no room in the model.
            ModelError: if a score is not a number.
        """
        answers = encode_names(self.tokenizer, label_names)
        room = self.context - max(map(len, answers))
        names = list(prompts)
        rows = [encode_prompt(self.tokenizer, prompt, room) for prompt in prompts.values()]
        num_answer_tokens = sum(map(len, answers))
        for chosen, scores in answer_log_likelihoods(self.model, rows, answers, batch_size=batch_size):
            if not bool(torch.isfinite(scores).all()):
                raise ModelError(
                    f"compare.llm.model: {self.model.config.model_type} gives scores that are not numbers; "
                    "choose another model"
                )
            for index, row in zip(chosen, scores.tolist(), strict=True):
                keep(names[index], Answer("", row, len(rows[index]), num_answer_tokens))


def fingerprint(name: str) -> str:
    """What tells a folder's content from another's: names, sizes and times of its files.

    Args:
        name: a folder or hub id.

    Returns:
        64 hexadecimal digits for a folder; empty for a hub id, which names its content.
    """
    source, is_folder = find_model(name)
    if not is_folder:
        return ""
    files = sorted(path for path in Path(source).iterdir() if path.is_file())
    seen = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def _read(name: str, dtype: torch.dtype) -> tuple[Any, Any]:
    """Model with its loading report, and tokenizer."""
    source, is_folder = find_model(name)
    safely = {"trust_remote_code": False, "local_files_only": is_folder}
    try:
        with quiet_transformers():
            loaded = AutoModelForCausalLM.from_pretrained(
                source, use_safetensors=True, dtype=dtype, output_loading_info=True, **safely
            )
            return loaded, AutoTokenizer.from_pretrained(source, **safely)
    except _UNREADABLE as error:
        raise ModelError(
            f"compare.llm.model: cannot load {name} ({first_line(error)}); give a hub id that this machine "
            "can reach, or a folder with config.json, tokenizer.json and model.safetensors"
        ) from error


def _check_causal(name: str, model: PreTrainedModel, report: Mapping[str, Any]) -> None:
    """Refuse models whose scores would mean nothing."""
    mend = "choose a causal language model"
    architecture = next(iter(model.config.architectures or []), "")
    # Encoders and encoder-decoders load too, without the parts that make them what they are.
    if architecture not in ("", type(model).__name__):
        raise ModelError(f"compare.llm.model: {name} is a {architecture}; {mend}")
    if report["missing_keys"]:
        missing = sorted(report["missing_keys"])[0]
        raise ModelError(f"compare.llm.model: {name} lacks the weights {missing}; {mend} that is whole")
    if model._is_stateful or "position_ids" not in inspect.signature(model.forward).parameters:
        raise ModelError(
            f"compare.llm.model: {name} cannot go on from what it has read; {mend} with attention"
        )
