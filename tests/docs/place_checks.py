"""Whether the links, paths and parameter keys that a document names are there."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from sharprecl.cli import cli
from sharprecl.parameter_check import ProjectParameters
from tests.docs.command_checks import PROJECT_ROOT, DocumentError
from tests.docs.markdown import anchors

PACKAGE = PROJECT_ROOT / "src" / "sharprecl"
FILE_SUFFIX = re.compile(r"\.(md|py|yml|toml|csv|json|html|png|parquet|arrow|css|js|lock)$")
PATH = re.compile(r"[\w.@{}<>,*-]+(/[\w.@{}<>,*-]+)*/?")
USERS_OWN = ("conf/local", ".venv")
"""Folders that a clean checkout does not fill."""
WRITTEN_BY_BENCHMARKS = "data/08_reporting/bench.csv"
RUNS_FOLDER = "data/.runs"


def check_link(target: str, document: Path, text: str) -> None:
    """A file or folder beside the document, and a heading in it or in the document's own text.

    Raises:
        DocumentError: if there is none.
    """
    if re.match(r"[a-z]+:", target):
        return
    path, _, fragment = target.partition("#")
    file = document.parent / path
    if not file.exists():
        raise DocumentError(f"link {target}: there is no {path}")
    if fragment and fragment not in anchors(file.read_text(encoding="utf-8") if path else text):
        raise DocumentError(f"link {target}: {path or 'the document'} has no such heading")


def looks_like_path(code: str) -> bool:
    """Whether inline code means a file or folder of the project; a bare file name may be anywhere."""
    if "/" not in code or not PATH.fullmatch(code) or code.startswith(USERS_OWN):
        return False
    first = code.split("/", maxsplit=1)[0]
    return bool(FILE_SUFFIX.search(code)) or any((base / first).is_dir() for base in (PROJECT_ROOT, PACKAGE))


def check_path(code: str, document: Path) -> None:
    """A path that is there from the project's folder, the package's or the document's on.

    A path under ``data/`` has to be one that the catalog knows.

    Raises:
        DocumentError: if it is not.
    """
    if code.startswith("data/"):
        if not any(
            _is_same_place(code, known) for known in (*catalog_paths(), WRITTEN_BY_BENCHMARKS, RUNS_FOLDER)
        ):
            raise DocumentError(f"{code}: no catalog entry is there")
        return
    for pattern in _patterns(code.rstrip("/")):
        bases = (PROJECT_ROOT, PACKAGE, document.parent)
        if not any(next(base.glob(pattern), None) for base in bases):
            raise DocumentError(f"{code}: there is no such file or folder")


def _patterns(path: str) -> Iterator[str]:
    """``a/<name>/{b,c}.py`` as the globs ``a/*/b.py`` and ``a/*/c.py``."""
    path = re.sub(r"<[^>]*>", "*", path)
    braces = re.search(r"\{([^}]*)\}", path)
    if braces is None:
        yield path
        return
    for choice in braces[1].split(","):
        yield from _patterns(path[: braces.start()] + choice + path[braces.end() :])


def _is_same_place(path: str, known: str) -> bool:
    """Whether one path leads to or through the other; ``<…>`` and ``{…}`` stand for any name."""
    pairs = zip(path.rstrip("/").split("/"), known.split("/"), strict=False)
    return all(one == other or "<" in one or "{" in other for one, other in pairs)


@cache
def catalog_paths() -> list[str]:
    """Where the catalog's entries lie, and where ``predict`` writes."""
    files = (PROJECT_ROOT / "conf" / "base").glob("catalog*.yml")
    entries = "\n".join(file.read_text(encoding="utf-8") for file in files)
    return [*re.findall(r"filepath: (data/\S+)", entries), ProjectParameters().predict.output]


def run_options(code: str) -> list[str] | None:
    """Options of ``kedro run`` that inline code means.

    Returns:
        The options for ``--env=trec --params=seed=1``, ``fit.epochs=2,seed=1``, ``fit.epochs: 2`` or the bare
        key ``fit.epochs``; None for other code.
    """
    blocks = "|".join(ProjectParameters.model_fields)
    if code.startswith("--"):
        return shlex.split(code) if "=" in code and not _is_for_another_command(code) else None
    if FILE_SUFFIX.search(code):
        return None
    if re.match(rf"({blocks})(\.\w+)*=", code):
        return [f"--params={code}"]
    if setting := re.fullmatch(rf"((?:{blocks})(?:\.\w+)+)(?:: (\S+))?", code):
        return [f"--params={setting[1]}={setting[2] or '<value>'}"]
    return None


def _is_for_another_command(option: str) -> bool:
    """Whether a command of the project other than ``run`` has an option."""
    others = (command for name, command in cli.commands.items() if name != "run")
    names = {name for command in others for parameter in command.params for name in parameter.opts}
    return re.split("[= ]", option)[0] in names
