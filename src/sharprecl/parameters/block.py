"""What all parameter blocks share."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Policy = Literal["keep", "drop", "fail"]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]
NonNegative = Annotated[float, Field(ge=0.0)]
Count = Annotated[int, Field(ge=1)]


def _as_list(value: Any) -> Any:
    if isinstance(value, str):
        return value.split()
    return [value] if isinstance(value, int | float) else value


CommandLineList = BeforeValidator(_as_list)
"""On the command line, where commas part parameters, a list's items are parted by blanks."""


class Block(BaseModel):
    """A parameter block: immutable, and a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
