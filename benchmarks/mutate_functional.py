"""Mutation check of the functional layer: break one term at a time and see a test fail.

Usage: ``python benchmarks/mutate_functional.py > table.md``. Each mutation is applied to a copy of ``src``;
the exit status is 1 if the tests pass on any of them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from functional_mutations import MUTATIONS, Mutation

PROJECT_ROOT = Path(__file__).parents[1]


def run_python(arguments: list[str], source: Path) -> subprocess.CompletedProcess[str]:
    """Run this interpreter in the project's root with a source tree first on its path."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(source),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(source.parent / "hypothesis"),
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def run_tests(source: Path) -> str | None:
    """Run the functional tests against a source tree.

    Args:
        source: folder that holds the package.

    Returns:
        The first failing test, or None if all pass.

    Raises:
        RuntimeError: if the tests would import another copy of the package, or cannot run.
    """
    imported = run_python(["-c", "import sharprecl; print(sharprecl.__file__)"], source).stdout.strip()
    if not imported.startswith(str(source)):
        raise RuntimeError(f"the tests would import {imported or 'nothing'}, not {source}")
    tests = run_python(["-m", "pytest", "tests/functional", "-x", "-q", "-p", "no:cacheprovider"], source)
    if tests.returncode == 0:
        return None
    failed = re.search(r"^FAILED \S*/(\S+\.py::\w+)", tests.stdout, re.MULTILINE)
    if failed is None:
        raise RuntimeError(f"pytest could not run: {tests.stdout[-500:]}{tests.stderr[-500:]}")
    return failed.group(1)


def first_failing_test(mutation: Mutation) -> str | None:
    """Apply a mutation to a copy of the source tree and run the tests there.

    Args:
        mutation: what to break.

    Returns:
        The first failing test, or None if the mutation survives.

    Raises:
        RuntimeError: if the text to replace does not stand exactly once in the module.
    """
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "src")
        shutil.copytree(PROJECT_ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
        path = source / "sharprecl" / "functional" / f"{mutation.module}.py"
        code = path.read_text(encoding="utf-8")
        if code.count(mutation.old) != 1:
            raise RuntimeError(
                f"{mutation.name}: the text to replace must stand once in {mutation.module}.py"
            )
        path.write_text(code.replace(mutation.old, mutation.new), encoding="utf-8")
        return run_tests(source)


def main() -> int:
    """Print one table row a mutation; 1 if one survives."""
    survivors = 0
    print("| mutation | module | first failing test |\n| --- | --- | --- |")
    for mutation in MUTATIONS:
        caught_by = first_failing_test(mutation)
        survivors += caught_by is None
        print(f"| {mutation.name} | {mutation.module} | {caught_by or 'SURVIVED'} |", flush=True)
    return int(survivors > 0)


if __name__ == "__main__":
    sys.exit(main())
