"""Asking a causal language model for the class of a text, here or at an OpenAI-compatible endpoint.

What stands here is loaded when it is first used; an endpoint is asked without torch and transformers.
"""

from typing import TYPE_CHECKING

import lazy_loader

if TYPE_CHECKING:
    from sharprecl.llm.answers import match_answer
    from sharprecl.llm.classify import LlmResult, classify_with_llm
    from sharprecl.llm.cost import Cost, describe_cost
    from sharprecl.llm.local_model import LocalModel
    from sharprecl.llm.prompt import Prompt, choose_examples

__all__ = [
    "Cost",
    "LlmResult",
    "LocalModel",
    "Prompt",
    "choose_examples",
    "classify_with_llm",
    "describe_cost",
    "match_answer",
]

__getattr__, __dir__, _ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "answers": ["match_answer"],
        "classify": ["LlmResult", "classify_with_llm"],
        "cost": ["Cost", "describe_cost"],
        "local_model": ["LocalModel"],
        "prompt": ["Prompt", "choose_examples"],
    },
)
