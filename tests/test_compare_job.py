"""Comparisons as a user runs them: real processes, a real MLflow database."""

import subprocess
from pathlib import Path

import pandas as pd
import pytest
import yaml
from mlflow.tracking import MlflowClient

from tests.llm.tiny_model import save_tiny_model
from tests.test_main_job import assert_one_line, kedro_run, project, write_tickets  # noqa: F401 - a fixture

pytestmark = pytest.mark.slow
METHODS = ["tfidf-logistic-regression", "sharprecl", "balanced-softmax"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("comparison")


@pytest.fixture(scope="module")
def compare(folder, project):  # noqa: F811
    """Run a pipeline on the tickets with small arms."""
    write_tickets(folder / "tickets.csv")
    block = {
        "corpus": {"train": str(folder / "tickets.csv"), "text": "Ticket text", "label": "Team"},
        "fit": {"epochs": 1, "batch_size": 16, "learning_rate": 0.01},
        "compare": {"methods": METHODS, "seeds": [0, 1], "learning_rate_factors": [1.0]},
    }
    file = project / "conf" / "test" / "parameters_tickets.yml"
    file.write_text(yaml.safe_dump({"compare": block["compare"], "corpus": block["corpus"]}))
    settings = project / "conf" / "test" / "parameters.yml"
    values = yaml.safe_load(settings.read_text()) | {"fit": block["fit"]}
    settings.write_text(yaml.safe_dump({key: values[key] for key in values if key != "compare"}))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return kedro_run(project, *arguments)

    return run


@pytest.fixture(scope="module")
def finished(compare):
    return compare("--pipeline=compare")


def newest(project, name):  # noqa: F811
    return max(project.glob(f"data/08_reporting/*/{name}/*/{name}"))


def test_one_command_trains_all_methods(finished, project):  # noqa: F811
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert "sharprecl, seed 1, learning rate 0.01: 3 of 4 trainings done, 1 left, about 0:00:" in (
        finished.stdout + finished.stderr
    )
    outcomes = pd.read_csv(newest(project, "method_outcomes.csv"))
    assert list(zip(outcomes["method"], outcomes["seed"], strict=True)) == [
        (method, seed) for method in METHODS for seed in (0, 1)
    ]
    summary = pd.read_csv(newest(project, "method_summary.csv"))
    assert set(summary["method"]) == set(METHODS)
    differences = pd.read_csv(newest(project, "method_differences.csv"))
    for reference in ("balanced-softmax", "sharprecl"):
        held_against = differences.loc[differences["reference"] == reference, "method"]
        assert sorted(held_against) == sorted(set(METHODS) - {reference})
    assert len(differences) == 4
    said = pd.read_parquet(newest(project, "method_predictions.parquet"))
    accuracies = [
        (said[f"{row.method} seed {row.seed}"] == said["label"]).mean() for row in outcomes.itertuples()
    ]
    assert accuracies == pytest.approx(outcomes["accuracy"].tolist())
    assert "Δ macro-F1 to balanced-softmax" in newest(project, "method_table.md").read_text("utf-8")
    assert "<table>" in newest(project, "method_page.html").read_text("utf-8")


def test_arms_are_children_of_one_run(finished, project):  # noqa: F811
    address = f"sqlite:///{project / 'mlflow.db'}"
    client = MlflowClient(address, address)
    runs = client.search_runs([client.get_experiment_by_name("sharprecl").experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = [run for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id]
    results = [run for run in children if run.data.tags["kind"] == "result"]
    trainings = [run for run in children if run.data.tags["kind"] == "training"]
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert len(results) == 6
    assert all({"test/macro_f1", "val/macro_f1", "seconds"} <= set(run.data.metrics) for run in results)
    assert {run.data.params["seed"] for run in results} == {"0", "1"}
    chosen = {run.data.tags["method"]: run.data.params.get("fit.learning_rate") for run in results}
    assert {method for method, rate in chosen.items() if rate is None} == {"tfidf-logistic-regression"}
    assert all(float(rate) > 0 for rate in chosen.values() if rate is not None)
    assert "preset" not in parent.data.tags.keys() | parent.data.params.keys()
    assert len({run.data.params["fit.contrastive_weight"] for run in trainings}) == 2
    assert all("val/macro_f1" in run.data.metrics for run in trainings)
    artifacts = {file.path for file in client.list_artifacts(parent.info.run_id, "compare")}
    assert {
        "compare/method_table.md",
        "compare/method_page.html",
        "compare/method_ranking_plot.json",
    } <= artifacts
    assert not client.search_registered_models()


def test_a_second_run_trains_only_what_is_missing(finished, compare, project):  # noqa: F811
    before = pd.read_csv(newest(project, "method_outcomes.csv"))
    lost = max((project / "data" / "06_models" / "arms").glob("*-test.safetensors"))
    lost.unlink()
    lost.with_name(lost.name.replace("-test", "-validation")).unlink()
    again = compare("--pipeline=compare")
    assert again.returncode == 0, again.stdout + again.stderr
    assert (again.stdout + again.stderr).count("trainings done") == 1
    after = pd.read_csv(newest(project, "method_outcomes.csv"))
    measured = [column for column in before if column not in ("seconds", "peak_memory_gib")]
    pd.testing.assert_frame_equal(before[measured], after[measured])


def test_one_arm_can_run_by_itself(finished, compare):
    alone = compare("--pipeline=compare", "--namespaces=balanced-softmax")
    assert alone.returncode == 0, alone.stdout + alone.stderr
    assert "[1/1] balanced-softmax.train" in alone.stdout + alone.stderr


def test_ablations_are_held_against_the_full_method(finished, compare, project):  # noqa: F811
    ablated = compare(
        "--pipeline=ablate", "--params=compare.ablations=without-contrast temperature=0.3,compare.seeds=0"
    )
    assert ablated.returncode == 0, ablated.stdout + ablated.stderr
    # The full method and the one without contrast are arms of the comparison, too.
    assert (ablated.stdout + ablated.stderr).count("trainings done") == 1
    outcomes = pd.read_csv(newest(project, "variant_outcomes.csv"))
    assert list(outcomes["method"]) == ["sharprecl", "without-contrast", "temperature=0.3"]
    differences = pd.read_csv(newest(project, "variant_differences.csv"))
    assert set(differences["reference"]) == {"sharprecl"}


def test_a_method_by_itself_that_is_not_compared_is_one_line(finished, project, run_here):  # noqa: F811
    failed = run_here(project, "--env=test", "--pipeline=compare", "--namespaces=llm")
    assert_one_line(failed, "--namespaces=llm: compare.methods does not name it")


@pytest.mark.parametrize(
    ("pipeline", "parameters", "line"),
    [
        ("compare", "compare.methods=focl", "compare.methods: input should be"),
        ("compare", "compare.seeds=1 1", "compare: seeds names the same one twice"),
        ("compare", "compare.methods=llm", "compare: llm.model is not set, but methods names llm"),
        (
            "ablate",
            "compare.ablations=one-veiw",
            "compare.ablations: there is no 'one-veiw'; did you mean one-view",
        ),
    ],
)
def test_what_is_wrong_is_one_line(finished, project, run_here, pipeline, parameters, line):  # noqa: F811
    failed = run_here(project, "--env=test", f"--pipeline={pipeline}", f"--params={parameters}")
    assert_one_line(failed, line)


def test_a_language_model_is_an_arm_like_the_others(compare, finished, project, tmp_path):  # noqa: F811
    model = save_tiny_model(tmp_path / "model")
    arguments = f"compare.methods=tfidf-svm llm,compare.llm.model={model},compare.llm.shots_per_class=1"
    asked = compare("--pipeline=compare", f"--params={arguments},compare.seeds=0 1")
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert "test split: 51 texts: 51 asked, 0 from the cache" in asked.stdout + asked.stderr
    outcomes = pd.read_csv(newest(project, "method_outcomes.csv")).set_index("method")
    assert list(outcomes.loc["llm", "seed"]) == [0, 1]
    # Random weights know nothing; a classifier of words knows these words.
    assert outcomes.loc["llm", "macro_f1"].max() < outcomes.loc["tfidf-svm", "macro_f1"].min()
    again = compare("--pipeline=compare", f"--params={arguments},compare.seeds=0 1")
    assert "test split: 51 texts: 0 asked, 51 from the cache" in again.stdout + again.stderr
