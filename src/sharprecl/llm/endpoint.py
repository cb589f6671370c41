"""Asking a model behind an OpenAI-compatible endpoint."""

import logging
import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from typing import Any
from urllib.parse import urlsplit

from sharprecl.errors import ModelError, ParameterError
from sharprecl.llm.cache import NO_ANSWER, Answer
from sharprecl.llm.http_post import JsonPoster, RefusedQuestionError
from sharprecl.llm.prompt import Prompt

logger = logging.getLogger(__name__)

ROUTE = "/chat/completions"
MAX_REFUSED = 3
"""So many refusals without an answer before them are not about the questions."""
MAX_REFUSED_IN_A_ROW = 20
"""Nor are so many one after the other: some servers refuse everything so once a balance is used up."""


def ask_endpoint(
    prompts: Mapping[str, Prompt],
    keep: Callable[[str, Answer], None],
    *,
    model: str,
    endpoint: str,
    api_key_variable: str,
    num_at_once: int,
    max_answer_tokens: int,
    others_answered: bool = False,
) -> None:
    """Ask every prompt, several at a time, with temperature 0.

    A prompt that the server refuses, as for its content or length, gets an empty answer if another prompt
    is answered after it; one of the last is left without, since the server may have ceased to answer at all.
    On any other error no further prompt is asked, and answers that are on their way are still kept.

    Args:
        prompts: by any name.
        keep: called with a prompt's name and answer as soon as it is there, from several threads.
        model: the model's name at the endpoint.
        endpoint: base URL, with or without ``/v1``.
        api_key_variable: environment variable of the key; without it no key is sent.
        num_at_once: requests at a time.
        max_answer_tokens: an answer is cut there.
        others_answered: whether prompts of the same kind were answered before.

    Raises:
        ParameterError: if the endpoint or the key cannot be one.
        ModelError: if the endpoint refuses everything or stays away.
    """
    poster = JsonPoster(chat_address(endpoint), read_key(api_key_variable), api_key_variable)
    settings = {"model": model, "temperature": 0, "max_tokens": max_answer_tokens}

    def ask(name: str) -> None:
        body = {**settings, "messages": prompts[name].messages()}
        answer = read_completion(poster.post(body), poster.address)
        keep(name, answer._replace(text=poster.without_key(answer.text)))

    pool = ThreadPoolExecutor(num_at_once)
    try:
        futures = {pool.submit(ask, name): name for name in prompts}
        refused = _await_answers(futures, others_answered=others_answered)
    finally:
        poster.stop.set()
        pool.shutdown(wait=True, cancel_futures=True)
    for name in refused:
        keep(name, NO_ANSWER)


def _await_answers(futures: Mapping[Future[None], str], *, others_answered: bool) -> list[str]:
    """The names of prompts that were refused, and others answered after them.

    Raises:
        ModelError: if nothing is answered, or no longer.
    """
    answered = others_answered
    refused: list[str] = []
    errors: dict[str, RefusedQuestionError] = {}
    """Since the last answer."""
    first = None
    for future in as_completed(futures):
        try:
            future.result()
            answered = True
            refused += errors
            errors.clear()
        except RefusedQuestionError as error:
            first = first or error
            errors[futures[future]] = error
            if len(errors) >= (MAX_REFUSED_IN_A_ROW if answered else MAX_REFUSED):
                raise
    if first is not None:
        if not answered:
            raise first
        logger.warning(
            "%d of %d texts were refused and count as answers without a class; the first: %s",
            len(refused) + len(errors),
            len(futures),
            first,
        )
    return refused


def chat_address(endpoint: str) -> str:
    """Where questions are posted.

    Args:
        endpoint: ``http://host``, ``https://host/v1`` or the whole address.

    Returns:
        The address that ends in ``/chat/completions``.

    Raises:
        ParameterError: if it is no web address, or holds credentials or a query.
    """
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = usable and _can_be_sent(endpoint)
    except ValueError:
        usable = False
    if not usable:
        raise ParameterError(
            "compare.llm.endpoint: not a web address; give one such as http://localhost:8000/v1"
        )
    if "@" in parts.netloc or parts.query or parts.fragment:
        # Not shown: it may hold a key.
        raise ParameterError(
            "compare.llm.endpoint: leave user names, keys and queries out of the address; the key belongs "
            "in the environment variable that compare.llm.api_key_variable names"
        )
    path = parts.path.rstrip("/")
    if not path.endswith(ROUTE):
        path = f"{path or '/v1'}{ROUTE}"
    return f"{parts.scheme}://{parts.netloc}{path}"


def read_key(variable: str) -> str:
    """The key in an environment variable, or nothing.

    Args:
        variable: its name.

    Returns:
        The key without surrounding space.

    Raises:
        ParameterError: if it cannot be sent; the message does not show it.
    """
    key = os.environ.get(variable, "").strip()
    if not _can_be_sent(key):
        raise ParameterError(
            f"{variable}: the key has spaces or characters that cannot be sent; set the variable to "
            "the key alone"
        )
    return key


def _can_be_sent(text: str) -> bool:
    """Whether all of it is visible ASCII; an HTTP header or request line takes nothing else."""
    return all("!" <= character <= "~" for character in text)


def read_completion(response: Any, address: str) -> Answer:
    """The answer in a chat completion.

    Args:
        response: parsed JSON.
        address: who sent it, for the message.

    Returns:
        The text, empty where the model declined, and the token counts, 0 where the server does not count.

    Raises:
        ModelError: if it is no chat completion.
    """
    try:
        text = response["choices"][0]["message"].get("content") or ""
        usage = response.get("usage") or {}
        prompt_tokens = int(usage.get("prompt_tokens") or 0)
        answer_tokens = int(usage.get("completion_tokens") or 0)
    except (TypeError, KeyError, IndexError, AttributeError, ValueError):
        raise ModelError(
            f"{address}: the answer is no chat completion; give the base URL of an OpenAI-compatible server "
            "in compare.llm.endpoint"
        ) from None
    return Answer(str(text), None, prompt_tokens, answer_tokens)
