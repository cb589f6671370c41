"""The command that makes a run again."""

import shlex
from collections.abc import Mapping
from typing import Any

import yaml

from sharprecl.parameters import dotted_values


def training_command(settings: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """What to type so that the same data are trained on and evaluated with the same parameters.

    Kedro parts parameters at commas and reads each value as YAML: one that would not come back as it is,
    such as a path with a comma or a column called ``1``, belongs into ``conf/local/parameters.yml``.

    Args:
        settings: values by parameter; a block is a mapping, such as ``{"seed": 0, "fit": {"epochs": 3}}``.

    Returns:
        The command, quoted for a POSIX shell, and the values by dotted key that it cannot carry.
    """
    typed, left_over = [], {}
    for key, value in dotted_values(settings):
        text = _command_line_value(value)
        if _comes_back(text, value):
            typed.append(f"{key}={text}")
        else:
            left_over[key] = value
    command = ["kedro", "run", "--pipeline=train"]
    if typed:
        command.append(f"--params={','.join(typed)}")
    return shlex.join(command), left_over


def _command_line_value(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    # On the command line a list's items are parted by blanks.
    return " ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _comes_back(text: str, value: Any) -> bool:
    if not isinstance(value, str):
        return "," not in text
    if "," in text or _is_number(text):
        return False
    try:
        return bool(yaml.safe_load(text) == value)
    except yaml.YAMLError:
        return False


def _is_number(text: str) -> bool:
    """Whether Kedro's reader would make a number of it; it takes more for one than YAML does, such as 1e5."""
    try:
        float(text)
    except ValueError:
        return False
    return True
