"""The check of all parameters before anything runs, and its problems in one line."""

from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sharprecl.errors import ParameterError
from sharprecl.parameters import (
    Block,
    CompareParameters,
    CorpusParameters,
    EvaluateParameters,
    FitParameters,
    LaunchParameters,
    PredictParameters,
    Preset,
    ProfileParameters,
    TokenizeParameters,
    TrackingParameters,
    apply_preset,
)
from sharprecl.parameters.block import Seed


class ProjectParameters(Block):
    """All parameters of the project: blocks and single keys."""

    encoder: str = "minilm"
    preset: Preset = "sharprecl"
    seed: Seed = 0
    corpus: CorpusParameters = CorpusParameters()
    profile: ProfileParameters = ProfileParameters()
    tokenize: TokenizeParameters = TokenizeParameters()
    fit: FitParameters = FitParameters()
    launch: LaunchParameters = LaunchParameters()
    evaluate: EvaluateParameters = EvaluateParameters()
    predict: PredictParameters = PredictParameters()
    compare: CompareParameters = CompareParameters()
    tracking: TrackingParameters = TrackingParameters()

    def effective(self) -> "ProjectParameters":
        """The same with ``fit`` as the preset fills it."""
        return self.model_copy(update={"fit": apply_preset(self.fit, self.preset)})


def check_parameters(parameters: dict[str, Any]) -> ProjectParameters:
    """Parse the merged parameters.

    Args:
        parameters: as merged from the environments and ``--params``.

    Returns:
        The typed parameters.

    Raises:
        ParameterError: one line with every key that is unknown or whose value does not fit.
    """
    try:
        parsed = ProjectParameters.model_validate(parameters)
        parsed.effective()  # what the preset sets has to fit what the user sets
    except ValidationError as error:
        raise ParameterError(describe_problems(error, ProjectParameters)) from error
    return parsed


def describe_problems(error: ValidationError, root: type[BaseModel]) -> str:
    """What is wrong with a configuration.

    Args:
        error: of its check.
        root: the model that it was checked against.

    Returns:
        One line with every key that is unknown or whose value does not fit.
    """
    return "; ".join(_describe(problem, root) for problem in error.errors())


def _describe(problem: ErrorDetails, root: type[BaseModel]) -> str:
    if problem["type"] == "extra_forbidden":
        location = ".".join(map(str, problem["loc"]))
        return f"{location}: no such parameter{_suggestion(problem['loc'], root)}"
    # Behind a key with several types pydantic names the type that it tried.
    key = ".".join(part for part in map(str, problem["loc"]) if part.isidentifier()) or "fit"
    reason = problem["msg"].removeprefix("Value error, ")
    # A rule about several keys has the whole block as its input, which nobody typed.
    got = "" if isinstance(problem["input"], dict) else f", got {problem['input']!r}"
    return f"{key}: {reason[0].lower()}{reason[1:]}{got}"


def _suggestion(location: tuple[int | str, ...], root: type[BaseModel]) -> str:
    """The known key nearest to a misspelt one, else all that are known beside it."""
    known = _keys_beside(location, root)
    near = get_close_matches(str(location[-1]), known, n=1)
    prefix = "".join(f"{part}." for part in location[:-1])
    return f"; did you mean {prefix}{near[0]}?" if near else f"; there are {', '.join(sorted(known))}"


def _keys_beside(location: tuple[int | str, ...], root: type[BaseModel]) -> list[str]:
    block = root
    for part in location[:-1]:
        annotation = block.model_fields[str(part)].annotation
        choices = [annotation, *getattr(annotation, "__args__", ())]
        block = next(
            choice for choice in choices if isinstance(choice, type) and issubclass(choice, BaseModel)
        )
    return list(block.model_fields)
