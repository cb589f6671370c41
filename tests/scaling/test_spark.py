"""The registered model as a function of Spark gives what ``predict`` gives."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from tests.scaling.conftest import make_project
from tests.test_main_job import kedro_run

pytestmark = pytest.mark.slow

COLUMN = "Ticket text"
PROGRAM = Path(__file__).with_name("spark_labels.py")


@pytest.fixture(scope="module")
def project(spark_installed, tmp_path_factory) -> Path:
    """A trained project, with scored.csv by ``predict``.

    Two epochs, so that the labels are of several kinds and not all probabilities near 1.
    """
    project = make_project(tmp_path_factory.mktemp("spark"))
    corpus = f"corpus.train=tickets.csv,corpus.text={COLUMN},corpus.label=Team,fit.epochs=2"
    trained = kedro_run(project, "--pipeline=train", f"--params={corpus}")
    assert trained.returncode == 0, trained.stderr
    wanted = f"predict.input=tickets.csv,predict.text={COLUMN},predict.output=scored.csv"
    scored = kedro_run(project, "--pipeline=predict", f"--params={wanted}")
    assert scored.returncode == 0, scored.stderr
    return project


@pytest.fixture(scope="module")
def answers(project) -> dict:
    """What Spark's program printed."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "SPARK_LOCAL_IP": "127.0.0.1"}
    environment |= {"PYSPARK_PYTHON": sys.executable, "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), "tickets.csv", COLUMN, "5"],
        cwd=project, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_every_row_of_every_partition_has_the_label_that_predict_gives(project, answers):
    scored = pd.read_csv(project / "scored.csv", keep_default_na=False)
    assert answers["partitions"] == 5
    assert [row for row, _, _ in answers["answers"]] == list(range(len(scored)))
    assert [label for _, label, _ in answers["answers"]] == scored["predicted"].tolist()
    assert len(set(scored["predicted"])) > 2


def test_the_probabilities_are_those_of_predict(project, answers):
    scored = pd.read_csv(project / "scored.csv", keep_default_na=False)
    probabilities = [probability for _, _, probability in answers["answers"]]
    assert probabilities == pytest.approx(scored["probability"].tolist(), abs=0.02)
