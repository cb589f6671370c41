"""SIGKILL at random points of a run, then the same command again; twenty points by default, a table of them.

Too long for the test suite: ``python -m tests.robustness.kill_twenty [POINTS [SEED]]`` in the project's
folder. The stages take turns; within its stage a point is drawn from as long as the stage takes when nobody
kills it. The exit status is 0 if every run finished with the bits of one that was left alone.
"""

import random
import re
import sys
import tempfile
import time
from pathlib import Path

import mlflow

from sharprecl.datasets.run_folder import runs_folder
from sharprecl.tracking.registered_model import RegisteredModelDataset
from tests.robustness.run_process import RunProcess, make_project, open_store, tracked_runs
from tests.robustness.small_corpora import curves, damaged_files, outcome

STAGES = {
    "ingest": "clean_texts",
    "tokenize": "tokenize_corpus",
    "fit": "fit_sharprecl",
    "evaluate": "score_texts",
    "registration": "write_report",
}
END = "Done in"
CHECKPOINT = re.compile(r"Going on from checkpoint-(\d+)")


def time_stages(run: RunProcess) -> dict[str, float]:
    """Seconds that each stage takes in a run that is left alone."""
    begun = {}
    for name, line in [*STAGES.items(), ("end", END)]:
        run.wait_for_line(line)
        begun[name] = time.monotonic()
    run.succeed()
    moments = list(begun.values())
    return {name: after - at for name, at, after in zip(STAGES, moments, moments[1:], strict=False)}


def kill_within(run: RunProcess, stage: str, delay: float) -> bool:
    """Kill some seconds after a stage began; tells whether the run was still going on."""
    run.wait_for_line(STAGES[stage])
    time.sleep(delay)
    alive = run.process.poll() is None
    run.kill()
    return alive


def faults(project: Path, alone: dict[str, object], alone_curves: object) -> list[str]:
    """What is wrong after the second run."""
    client = open_store(project)
    *earlier, last = tracked_runs(client)
    found = [] if last.info.status == "FINISHED" else [f"last run is {last.info.status}"]
    found += [f"killed run is {run.info.status}" for run in earlier if run.info.status != "KILLED"]
    this = outcome(project, last.data.tags["kedro_save_version"])
    found += [f"other {name}" for name, value in this.items() if value != alone[name]]
    found += [] if curves(client, last) == alone_curves else ["other curves"]
    found += damaged_files(project)
    found += [f"left: {path.name}" for path in runs_folder(project).iterdir() if path.is_dir()]
    mlflow.set_tracking_uri(f"sqlite:///{project / 'mlflow.db'}")
    for version in client.search_model_versions("name = 'sharprecl'"):
        RegisteredModelDataset(model=str(version.version), project_root=str(project)).load()
    return found


def main(points: int, seed: int) -> int:
    """Print a table with one line a point."""
    folder = Path(tempfile.mkdtemp(prefix="kill "))
    (folder / "alone").mkdir()
    alone = RunProcess(make_project(folder / "alone"))
    seconds = time_stages(alone)
    print("left alone:", {name: round(value, 1) for name, value in seconds.items()}, flush=True)
    client = open_store(alone.project)
    (run,) = tracked_runs(client)
    whole, whole_curves = outcome(alone.project, run.data.tags["kedro_save_version"]), curves(client, run)
    draw, finished = random.Random(seed), 0  # noqa: S311 - moments, not secrets
    for number in range(points):
        stage = list(STAGES)[number % len(STAGES)]
        (folder / str(number)).mkdir()
        project, fraction, late = make_project(folder / str(number)), draw.random(), 0
        while not kill_within(RunProcess(project), stage, fraction * seconds[stage]):
            fraction, late = fraction * 0.7, late + 1  # the run was quicker than the one left alone
        half = damaged_files(project)
        again = RunProcess(project)
        status = again.end()
        found = half + ([f"exit status {status}"] if status else faults(project, whole, whole_curves))
        if late:  # runs that ended before they were killed are no killed runs
            found = [fault for fault in found if fault != "killed run is FINISHED"]
        finished += not found
        checkpoint = CHECKPOINT.search(again.output)
        begun = f"from checkpoint {checkpoint[1]:>2s}" if checkpoint else "from the start   "
        delay = f"+{fraction * seconds[stage]:.2f} s"
        print(
            f"{number + 1:2d}  {stage:12s} {delay:>8s}  {begun}  {'; '.join(found) or 'as left alone'}",
            flush=True,
        )
    print(f"{finished} of {points} finished with the bits of the run left alone", flush=True)
    return finished != points


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*given, *(20, 0)[len(given) :]))
