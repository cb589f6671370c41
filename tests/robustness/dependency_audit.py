"""Is what is installed what was locked? Needs no network.

``python -m tests.robustness.dependency_audit`` prints one line a difference and fails where there is one.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.distributions import closure

PROJECT_ROOT = Path(__file__).parents[2]
UNLOCKED = {"pip", "setuptools", "wheel", "sharprecl"}
"""What makes environments, and the project itself."""
TORCH_PARTS = ("nvidia-", "triton", "cuda-")
"""torch's own accelerator packages, which differ from machine to machine."""


def read_lock(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Locked versions by name, as far as they are for this Python, and what is wrong with the lines."""
    locked, problems = {}, []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        requirement = Requirement(line)
        pins = [specifier.operator for specifier in requirement.specifier]
        if pins != ["=="] or "*" in str(requirement.specifier) or requirement.url:
            problems.append(f"{line}: not pinned to one version; write name==version")
            continue
        if requirement.marker is None or requirement.marker.evaluate():
            name = canonicalize_name(requirement.name)
            if name in locked:
                problems.append(f"{name}: locked twice; remove a line")
            locked[name] = str(requirement.specifier)[2:]
    return locked, problems


def compare(locked: Mapping[str, str], installed: Mapping[str, str]) -> Iterator[str]:
    """One line for each difference between two tables of versions by name."""
    for name in sorted(locked.keys() | installed.keys()):
        if name not in locked:
            yield f"{name} {installed[name]}: installed, but not locked; lock it or remove it"
        elif name not in installed:
            yield f"{name} {locked[name]}: locked, but not installed; run make"
        elif Version(locked[name]).public != Version(installed[name]).public:
            yield f"{name}: {installed[name]} is installed, {locked[name]} is locked; run make"


def installed_versions() -> dict[str, str]:
    """Versions by name of all that this environment has and the lock should."""
    found = {canonicalize_name(dist.metadata["Name"]): dist.version for dist in distributions()}
    return {
        name: version
        for name, version in found.items()
        if name not in UNLOCKED and not name.startswith(TORCH_PARTS)
    }


def optional_parts(project: str = "sharprecl") -> set[str]:
    """Names of what a distribution's extras have brought, as far as it is installed."""
    extras = (line.partition(";") for line in requires(project) or [] if "extra ==" in line)
    return closure(requirement for requirement, _, _ in extras)


def find_problems() -> list[str]:
    """All differences; what an extra brought may be there without being locked."""
    lines = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    locked, problems = read_lock(lines)
    optional = optional_parts() - locked.keys()
    installed = {name: version for name, version in installed_versions().items() if name not in optional}
    return [*problems, *compare(locked, installed)]


if __name__ == "__main__":
    found = find_problems()
    print("\n".join(found) or "every installed distribution is the locked one")
    sys.exit(bool(found))
