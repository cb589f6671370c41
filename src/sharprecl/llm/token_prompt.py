"""Prompts and class names as a local model's tokens."""

from bisect import bisect_right
from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from sharprecl.errors import ParameterError
from sharprecl.llm.prompt import Prompt, one_line

MIN_TEXT_CHARACTERS = 64
"""With less of a longer text, its class is not to be told."""


def encode_prompt(tokenizer: PreTrainedTokenizerBase, prompt: Prompt, max_tokens: int) -> list[int]:
    """A prompt's tokens, with as much of its text as fits.

    Args:
        tokenizer: of the model.
        prompt: to encode.
        max_tokens: the most that there is room for.

    Returns:
        Token ids.

    Raises:
        ParameterError: if there is room for next to none of the text.
    """
    whole = _tokens(tokenizer, render(tokenizer, prompt))
    if len(whole) <= max_tokens:
        return whole

    def num_tokens(num_characters: int) -> int:
        return len(_tokens(tokenizer, render(tokenizer, prompt.shortened(num_characters))))

    fitting = bisect_right(range(len(prompt.text)), max_tokens, key=num_tokens) - 1
    if fitting < min(MIN_TEXT_CHARACTERS, len(prompt.text)):
        raise ParameterError(
            f"compare.llm.shots_per_class: {len(prompt.label_names)} class names and {len(prompt.shots)} "
            f"examples take {num_tokens(0):,} tokens, the model has room for {max_tokens:,}; lower it or "
            "choose a model that reads more"
        )
    return _tokens(tokenizer, render(tokenizer, prompt.shortened(fitting)))


def encode_names(tokenizer: PreTrainedTokenizerBase, label_names: Sequence[str]) -> list[list[int]]:
    """Each class name's tokens as an answer that ends after the name.

    The end belongs to the answer: without it, a name that begins another one would always be at least as
    likely.

    Args:
        tokenizer: of the model.
        label_names: C class names.

    Returns:
        C rows of token ids.
    """
    before = render(tokenizer, Prompt(tuple(label_names), (), ""))
    space, end = ("", tokenizer.eos_token or "\n") if tokenizer.chat_template else (" ", "\n")
    head = _tokens(tokenizer, before)
    answers = []
    for name in label_names:
        answer = f"{space}{one_line(name)}{end}"
        whole = _tokens(tokenizer, before + answer)
        # Tokenizers may mark the beginning of a string: an answer is what it adds to the prompt.
        continues = whole[: len(head)] == head and len(whole) > len(head)
        answers.append(whole[len(head) :] if continues else _encode(tokenizer, answer, special=False))
    return answers


def render(tokenizer: PreTrainedTokenizerBase, prompt: Prompt) -> str:
    """A prompt in the model's chat form, or as running text if it has none.

    The instruction is the beginning of the first turn: not every chat form has a system's turn.
    """
    if not tokenizer.chat_template:
        return prompt.plain()
    system, first, *others = prompt.messages()
    opening = {"role": "user", "content": f"{system['content']}\n\n{first['content']}"}
    return str(tokenizer.apply_chat_template([opening, *others], tokenize=False, add_generation_prompt=True))


def _tokens(tokenizer: PreTrainedTokenizerBase, rendered: str) -> list[int]:
    # Chat forms spell their special tokens out.
    tokens = _encode(tokenizer, rendered, special=not tokenizer.chat_template)
    # Some tokenizers end every string; an answer follows here.
    ended = not tokenizer.chat_template and tokens[-1:] == [tokenizer.eos_token_id]
    return tokens[:-1] if ended else tokens


def _encode(tokenizer: PreTrainedTokenizerBase, text: str, *, special: bool) -> list[int]:
    return list(tokenizer(text, add_special_tokens=special, verbose=False)["input_ids"])
