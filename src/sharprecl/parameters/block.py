"""What all parameter blocks share."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Policy = Literal["keep", "drop", "fail"]
Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
NonNegative = Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0, lt=2**32)]
"""NumPy's older generators take no larger one."""


def _as_name(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError("is no name as YAML reads it; quote it twice, as in \"--params=corpus.label='yes'\"")
    return str(value) if isinstance(value, int) else value


Name = Annotated[str, BeforeValidator(_as_name)]
"""Of a column or a label. On the command line one such as ``0`` comes as a number."""


def _as_list(value: Any) -> Any:
    if isinstance(value, str):
        return value.split()
    return [value] if isinstance(value, int | float) else value


CommandLineList = BeforeValidator(_as_list)
"""On the command line, where commas part parameters, a list's items are parted by blanks."""


def dotted_values(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Nested values by dotted key, as ``--params`` spells them.

    Args:
        values: blocks and single keys.
        prefix: of the keys.

    Yields:
        Key and value, in order.
    """
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from dotted_values(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


class Block(BaseModel):
    """A parameter block: immutable, and a misspelt key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
