"""What distributions require, and a folder with nothing else, as pip would install them."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def link_distributions(requirements: Iterable[str], folder: Path) -> None:
    """Link the installed files of requirements, and of all that these require, into a folder.

    Args:
        requirements: as in a requirements file.
        folder: made; on the module path it is an environment of its own.
    """
    folder.mkdir()
    for name in closure(requirements):
        installed = distribution(name)
        for top in {file.parts[0] for file in installed.files or ()} - {"..", "__pycache__"}:
            link = folder / top
            if not link.exists():
                link.symlink_to(Path(str(installed.locate_file(top))))


def closure(requirements: Iterable[str]) -> set[str]:
    """Names of the installed distributions among requirements and theirs; extras of these are left out.

    Args:
        requirements: as in a requirements file.
    """
    found: set[str] = set()
    waiting = [Requirement(line) for line in requirements]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        try:
            required = distribution(name).requires or []
        except PackageNotFoundError:  # for another system
            continue
        found.add(name)
        waiting += [Requirement(line) for line in required]
    return found
