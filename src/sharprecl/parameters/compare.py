"""The ``compare`` block."""

from difflib import get_close_matches
from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from sharprecl.parameters.ablations import ABLATIONS, curve_points
from sharprecl.parameters.block import Block, CommandLineList, Count, NonNegative, Positive, Seed
from sharprecl.parameters.presets import Preset

ClassicalMethod = Literal["tfidf-logistic-regression", "tfidf-svm", "frozen-logistic-regression"]
Method = Literal[Preset, ClassicalMethod, "llm"]

CLASSICAL_METHODS: tuple[ClassicalMethod, ...] = get_args(ClassicalMethod)
TRAINED_METHODS: tuple[Preset, ...] = get_args(Preset)
METHODS: tuple[Method, ...] = (*CLASSICAL_METHODS, *TRAINED_METHODS, "llm")


class LlmParameters(Block):
    """The method ``llm``: a causal language model that is asked for the class."""

    model: str | None = None
    """A local folder or hub id, or the model's name at the endpoint; needed where ``llm`` is compared."""
    endpoint: str | None = None
    """Base URL of an OpenAI-compatible server; the model runs here if not given."""
    api_key_variable: str = "OPENAI_API_KEY"
    """The environment variable that holds the endpoint's key."""
    shots_per_class: Annotated[int, Field(ge=0)] = 0
    batch_size: Count = 16
    max_answer_tokens: Count = 16
    price_per_million_tokens: Annotated[tuple[NonNegative, NonNegative] | None, CommandLineList] = None
    """USD for the prompt's tokens and for the answer's; without it the cost line counts tokens alone."""


class CompareParameters(Block):
    """Methods × seeds on one corpus, with the ``fit`` block's budget for every method."""

    methods: Annotated[list[Method], CommandLineList] = Field(
        default=[*CLASSICAL_METHODS, *TRAINED_METHODS], min_length=1
    )
    seeds: Annotated[list[Seed], CommandLineList] = Field(default=[0, 1, 2], min_length=1)
    """Of the trainings; the split is drawn by ``seed`` and is the same for all."""
    learning_rate_factors: Annotated[list[Positive], CommandLineList] = Field(
        default=[0.5, 1.0, 2.0], min_length=1
    )
    """Times ``fit.learning_rate``: each method takes the best of these on its first seed."""
    references: Annotated[list[Method], CommandLineList] = Field(
        default=["balanced-softmax", "sharprecl"], min_length=1
    )
    """The methods that the others are tested against, each a family of tests of its own."""
    ablations: Annotated[list[str] | None, CommandLineList] = None
    """Names of the ablations and curve points that the ``ablate`` pipeline trains; all if not given."""
    bootstrap_samples: Annotated[int, Field(ge=100)] = 2000
    llm: LlmParameters = LlmParameters()

    @field_validator("ablations")
    @classmethod
    def _known(cls, names: list[str] | None) -> list[str] | None:
        variants = [*ABLATIONS, *curve_points()]
        for name in names or []:
            if name not in variants:
                near = get_close_matches(name, variants, n=1)
                mend = f"did you mean {near[0]}?" if near else f"choose from {', '.join(variants)}"
                raise ValueError(f"there is no {name!r}; {mend}")
        return names

    @model_validator(mode="after")
    def _complete(self) -> "CompareParameters":
        for name in ("methods", "seeds", "references"):
            values = getattr(self, name)
            if len(set(values)) < len(values):
                raise ValueError(f"{name} names the same one twice")
        if "llm" in self.methods and self.llm.model is None:
            raise ValueError("llm.model is not set, but methods names llm")
        return self
