from .answers import match_answer
from .classify import LlmResult, check_source, classify_with_llm
from .cost import Cost, describe_cost
from .local_model import LocalModel
from .prompt import Prompt, choose_examples

__all__ = [
    "Cost",
    "LlmResult",
    "LocalModel",
    "Prompt",
    "check_source",
    "choose_examples",
    "classify_with_llm",
    "describe_cost",
    "match_answer",
]
