"""Which class a language model's answer names."""

import re
import unicodedata
from collections.abc import Sequence

NO_CLASS = -1
MIN_PREFIX_CHARACTERS = 3
"""A cut-off answer shorter than this says nothing."""

_WRAPPING = " \t.,:;!?*`'\"“”‘’()[]{}<>"
_THINKING = re.compile(r".*</think>|<think>.*", re.DOTALL)
"""A reasoning part that has ended, or one that the end of the answer cut off."""


def match_answer(answer: str, label_names: Sequence[str]) -> int:
    """The class that an answer names.

    Tried in turn: the answer is a class name as it stands; it is one when case, spacing and wrapping
    punctuation are disregarded, or its first line is; it is the cut-off beginning of just one name; just
    one name occurs in it as whole words (a name inside a longer name that occurs does not count).

    Args:
        answer: what the model wrote; a reasoning part is left out, also one without its end.
        label_names: C class names.

    Returns:
        A class, or −1 where none or more than one is named.
    """
    answer = _THINKING.sub("", answer).strip()
    if answer in label_names:
        return list(label_names).index(answer)
    names = [_normalize(name) for name in label_names]
    whole = _normalize(answer)
    first_line = _normalize(answer.splitlines()[0]) if answer else ""
    for candidates in (
        [index for index, name in enumerate(names) if name and name == whole],
        [index for index, name in enumerate(names) if name and name == first_line],
        _cut_off(whole, names),
        _mentioned(whole, names),
    ):
        if candidates:
            return candidates[0] if len(candidates) == 1 else NO_CLASS
    return NO_CLASS


def _normalize(text: str) -> str:
    words = re.split(r"[\s_-]+", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(words).strip(_WRAPPING)


def _cut_off(answer: str, names: Sequence[str]) -> list[int]:
    """Classes whose name begins with the answer."""
    if len(answer) < MIN_PREFIX_CHARACTERS:
        return []
    return [index for index, name in enumerate(names) if name.startswith(answer)]


def _mentioned(answer: str, names: Sequence[str]) -> list[int]:
    """Classes whose name occurs in the answer; the longest are looked for first and taken out."""
    found = []
    for name in sorted({name for name in names if name}, key=len, reverse=True):
        answer, occurrences = re.subn(rf"(?<!\w){re.escape(name)}(?!\w)", "\n", answer)
        if occurrences:
            found += [index for index, other in enumerate(names) if other == name]
    return found
