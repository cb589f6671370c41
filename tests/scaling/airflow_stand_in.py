"""The two classes of Airflow that a DAG file of ours uses, as far as it uses them.

Tasks that wait for nothing run at the same time, as they do on Airflow.
"""

import os
import runpy
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from unittest.mock import patch


class DAG:
    """Collects the tasks that are made inside its ``with``."""

    current: "DAG"

    def __init__(self, dag_id: str, **settings: object) -> None:
        self.dag_id, self.settings = dag_id, settings
        self.tasks: dict[str, BashOperator] = {}

    def __enter__(self) -> "DAG":
        DAG.current = self
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def run(self, run_id: str, environment: dict[str, str]) -> dict[str, subprocess.CompletedProcess[str]]:
        """What each task's command left, in the order in which they ended.

        Raises:
            AssertionError: if a task fails, or waits for one that never comes.
        """
        context = {"AIRFLOW_CTX_DAG_ID": self.dag_id, "AIRFLOW_CTX_DAG_RUN_ID": run_id}
        ended: dict[str, subprocess.CompletedProcess[str]] = {}
        while waiting := [task for name, task in self.tasks.items() if name not in ended]:
            ready = [task for task in waiting if task.upstream <= ended.keys()]
            assert ready
            with ThreadPoolExecutor() as pool:
                results = list(pool.map(lambda task: task.execute({**environment, **context}), ready))
            for task, result in zip(ready, results, strict=True):
                assert result.returncode == 0, (task.task_id, result.stdout, result.stderr)
                ended[task.task_id] = result
        return ended


class BashOperator:
    """A command of the shell as a task of the DAG that is being made."""

    def __init__(self, task_id: str, bash_command: str, cwd: str) -> None:
        self.task_id, self.bash_command, self.cwd = task_id, bash_command, cwd
        self.upstream: set[str] = set()
        DAG.current.tasks[task_id] = self

    def __rshift__(self, other: "BashOperator") -> "BashOperator":
        other.upstream.add(self.task_id)
        return other

    def execute(self, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        return subprocess.run(
            ["bash", "-c", self.bash_command],
            cwd=self.cwd, env={**os.environ, **environment}, capture_output=True, text=True, check=False,
        )  # fmt: skip


def load_dag(file: Path) -> DAG:
    """The DAG of a file, which finds the stand-ins where it looks for Airflow."""
    names = ["airflow.sdk", "airflow.providers.standard.operators.bash"]
    parts = {name.rsplit(".", depth)[0] for name in names for depth in range(name.count(".") + 1)}
    modules = {name: ModuleType(name) for name in parts}
    modules["airflow.sdk"].DAG = DAG  # type: ignore[attr-defined]
    modules[names[1]].BashOperator = BashOperator  # type: ignore[attr-defined]
    with patch.dict(sys.modules, modules):
        runpy.run_path(str(file))
    return DAG.current
