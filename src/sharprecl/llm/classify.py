"""Classifying texts with a causal language model."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm.auto import tqdm

from sharprecl.llm.answers import NO_CLASS, match_answer
from sharprecl.llm.cache import NO_ANSWER, Answer, AnswerCache, answer_key
from sharprecl.llm.cost import Cost, count_cost
from sharprecl.llm.endpoint import ask_endpoint, chat_address, read_key
from sharprecl.llm.model_name import find_model
from sharprecl.llm.prompt import Prompt, build_prompts, choose_examples

logger = logging.getLogger(__name__)

Ask = Callable[[Mapping[str, Prompt], Callable[[str, Answer], None], bool], None]
"""Takes prompts by key, who keeps answers, and whether other prompts were answered before."""


class LlmResult(NamedTuple):
    """What a language model says of N texts.

    Attributes:
        predicted: classes, int64, shape [N]; −1 where no class could be read from the answer.
        scores: log-likelihoods of the class names, usable as logits, float32, shape [N, C]; None from an
            endpoint.
        cost: what it took.
    """

    predicted: np.ndarray
    scores: np.ndarray | None
    cost: Cost

    @property
    def num_unreadable(self) -> int:
        """Texts without a class."""
        return int((self.predicted == NO_CLASS).sum())


def classify_with_llm(
    texts: Sequence[str],
    label_names: Sequence[str],
    *,
    model: str,
    examples: Sequence[tuple[str, int]],
    shots_per_class: int,
    batch_size: int,
    max_answer_tokens: int,
    endpoint: str | None = None,
    api_key_variable: str = "OPENAI_API_KEY",
    cache_folder: Path,
    seed: int,
    price_per_million_tokens: tuple[float, float] | None = None,
    progress: bool = True,
) -> LlmResult:
    """Ask a language model for the class of every text; a question is asked once and its answer kept.

    Args:
        texts: N texts.
        label_names: C class names.
        model: a folder or hub id, or the model's name at the endpoint.
        examples: training texts with their classes, to draw few-shot examples from.
        shots_per_class: examples of each class in the prompt; 0 for none.
        batch_size: texts a pass, or requests at a time.
        max_answer_tokens: an endpoint's answer is cut there.
        endpoint: base URL of an OpenAI-compatible server; the model runs here if None.
        api_key_variable: environment variable of the endpoint's key.
        cache_folder: where answers are kept.
        seed: of the examples.
        price_per_million_tokens: USD of the prompt's tokens and of the answer's.
        progress: whether to draw a bar.

    Returns:
        Classes, scores and cost.

    Raises:
        ParameterError: if the prompt has no room in the model, or a setting cannot be.
        ModelError: if the model does not load or the endpoint does not answer.
    """
    shots = choose_examples(examples, len(label_names), shots_per_class, seed)
    prompts = build_prompts(texts, label_names, shots)
    settings: dict[str, Any]
    if endpoint is None:
        address = None
        ask, settings = _local(model, label_names, batch_size)
    else:
        address = chat_address(endpoint)
        ask, settings = _remote(model, endpoint, api_key_variable, batch_size, max_answer_tokens)
    keys = [answer_key(model, address, prompt.messages(), settings) for prompt in prompts]
    answers, asked = _answer_all(dict(zip(keys, prompts, strict=True)), ask, cache_folder, progress)
    cost = count_cost(asked, len(texts), price_per_million_tokens)
    return _read_result([answers[key] for key in keys], label_names, cost, has_scores=endpoint is None)


def check_source(model: str, endpoint: str | None, api_key_variable: str) -> None:
    """Refuse what can be seen to be no model before anything is asked.

    Args:
        model: as for :func:`classify_with_llm`, like the others.
        endpoint: base URL, or None.
        api_key_variable: environment variable of the endpoint's key.

    Raises:
        ModelError: if the model looks like a folder and is none.
        ParameterError: if the endpoint or the key cannot be one.
    """
    if endpoint is None:
        find_model(model)
    else:
        chat_address(endpoint)
        read_key(api_key_variable)


def _local(model: str, label_names: Sequence[str], batch_size: int) -> tuple[Ask, dict[str, Any]]:
    from sharprecl.llm.local_model import LocalModel, fingerprint  # noqa: PLC0415 - loads torch

    def ask(prompts: Mapping[str, Prompt], keep: Callable[[str, Answer], None], _: bool) -> None:
        LocalModel.load(model).ask(prompts, keep, label_names=label_names, batch_size=batch_size)

    return ask, {"method": "log-likelihood", "content": fingerprint(model), "names": list(label_names)}


def _remote(
    model: str, endpoint: str, api_key_variable: str, batch_size: int, max_answer_tokens: int
) -> tuple[Ask, dict[str, Any]]:
    def ask(
        prompts: Mapping[str, Prompt], keep: Callable[[str, Answer], None], others_answered: bool
    ) -> None:
        ask_endpoint(
            prompts,
            keep,
            model=model,
            endpoint=endpoint,
            api_key_variable=api_key_variable,
            num_at_once=batch_size,
            max_answer_tokens=max_answer_tokens,
            others_answered=others_answered,
        )

    return ask, {"temperature": 0, "max_answer_tokens": max_answer_tokens}


def _answer_all(
    prompts: Mapping[str, Prompt], ask: Ask, cache_folder: Path, progress: bool
) -> tuple[dict[str, Answer], list[Answer]]:
    """Answers by key, and those of them that were not in the cache."""
    lock = threading.Lock()
    with AnswerCache(cache_folder) as cache:
        missing = {key: prompt for key, prompt in prompts.items() if key not in cache}
        with tqdm(total=len(missing), desc="ask", unit="text", leave=False, disable=not progress) as bar:

            def keep(key: str, answer: Answer) -> None:
                cache.keep(key, answer)
                with lock:
                    bar.update()

            if missing:
                ask(missing, keep, len(missing) < len(prompts))
        # A refused prompt that nothing tells from a server that fails is asked again by the next run.
        answers = {key: cache.get(key, NO_ANSWER) for key in prompts}
        return answers, [answers[key] for key in missing]


def _read_result(
    answers: Sequence[Answer], label_names: Sequence[str], cost: Cost, *, has_scores: bool
) -> LlmResult:
    if has_scores:
        scores = np.array([answer.scores for answer in answers], dtype=np.float32)
        scores = scores.reshape(len(answers), len(label_names))
        return LlmResult(scores.argmax(axis=1), scores, cost)
    predicted = [match_answer(answer.text, label_names) for answer in answers]
    result = LlmResult(np.array(predicted, dtype=np.int64), None, cost)
    if result.num_unreadable:
        logger.warning(
            "%d of %d answers name no class and count as the most frequent one",
            result.num_unreadable,
            len(answers),
        )
    return result
