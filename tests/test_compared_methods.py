"""Which methods a command of its own may train, and what it says of a preset's keys."""

import logging
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from sharprecl import comparison
from sharprecl.errors import ParameterError, SharpreclError
from sharprecl.hooks.parameters import ParameterHooks, check_comparison, check_namespaces
from sharprecl.parameter_check import check_parameters
from sharprecl.parameters import ABLATIONS, CompareParameters, ablation_arms, curve_points
from sharprecl.parameters.compare import METHODS
from sharprecl.pipelines.ablate import create_pipeline as create_ablate
from sharprecl.pipelines.compare import create_pipeline as create_compare
from sharprecl.pipelines.fit import create_pipeline


def test_a_method_by_itself_has_to_be_compared():
    compare = CompareParameters(methods="focal tfidf-svm")
    check_namespaces(["compare"], ["focal"], compare)
    with pytest.raises(ParameterError, match=r"--namespaces=llm: compare\.methods does not name it"):
        check_namespaces(["compare"], ["focal", "llm"], compare)


@pytest.mark.parametrize("namespace", ["one-view", "varied-temperature"])
def test_an_ablation_by_itself_has_to_be_asked_for(namespace):
    check_namespaces(["ablate"], [namespace], CompareParameters())  # all are
    check_namespaces(["compare"], [namespace], CompareParameters(ablations="without-contrast"))
    asked = "without-contrast one-view temperature=0.3"
    check_namespaces(["ablate"], ["ingest", "full-sharprecl", namespace], CompareParameters(ablations=asked))
    with pytest.raises(
        ParameterError, match=rf"--namespaces={namespace}: compare\.ablations does not name it"
    ):
        check_namespaces(
            ["ablate"], [namespace], CompareParameters(ablations="without-contrast mixup_alpha=2")
        )


def test_ablations_have_the_namespaces_of_the_pipeline():
    namespaces = {node.namespace for node in create_ablate().nodes if node.namespace}
    assert namespaces == {"ingest", "tokenize", "full-sharprecl", *ablation_arms()}


@pytest.mark.parametrize(
    ("pipeline", "parameters", "line"),
    [
        ("compare", {"fit": {"view": "none", "head_norm": "layer"}}, None),
        (
            "compare",
            {"fit": {"retrain_classifier": True, "classifier": "linear", "logit_scale": "raw"}},
            None,
        ),
        ("compare", {"compare": {"methods": ["llm"], "llm": {"model": "./nope"}}}, "no folder ./nope"),
        (
            "compare",
            {"compare": {"methods": ["llm"], "llm": {"model": "m", "endpoint": "localhost:8000"}}},
            "compare.llm.endpoint: not a web address",
        ),
        (
            "ablate",
            {"fit": {"head_norm": "batch"}, "compare": {"ablations": ["one-view"]}},
            "fit: one-view cannot be trained with these keys: head_norm: batch needs two rows",
        ),
    ],
)
def test_what_could_not_be_trained_is_refused_before_anything_is(pipeline, parameters, line):
    checked = check_parameters(parameters)
    if line is None:
        check_comparison([pipeline], checked)
        return
    with pytest.raises(SharpreclError, match=re.escape(line)):
        check_comparison([pipeline], checked)
    other = {"compare": "ablate", "ablate": "compare"}[pipeline]
    check_comparison([other], checked)


def test_a_method_that_the_users_keys_forbid_is_refused_before_the_first_is_trained(monkeypatch):
    def forbid(fit, method, *, has_aug_text):
        raise ParameterError(f"fit: {method} cannot be trained")

    monkeypatch.setattr(comparison, "method_parameters", forbid)
    with pytest.raises(ParameterError, match="fit: focal cannot be trained"):
        check_comparison(["compare"], check_parameters({"compare": {"methods": ["tfidf-svm", "focal"]}}))


def test_of_all_ablations_those_that_fit_rules_out_are_left_out(caplog):
    caplog.set_level(logging.INFO, "sharprecl")
    checked = check_parameters({"fit": {"head_norm": "batch"}})
    check_comparison(["ablate"], checked)
    assert caplog.messages == ["Left out, since fit's keys rule them out: one-view"]
    variants = comparison.variant_parameters(checked.fit, None)
    assert set(variants) == {*ABLATIONS, *curve_points()} - {"one-view"}
    assert variants["temperature=0.3"] == checked.fit.model_copy(update={"temperature": 0.3})


def test_a_preset_takes_no_part_in_a_comparison(caplog):
    begin(preset="focal")({"pipeline_names": ["compare"]}, create_compare())
    assert caplog.messages == [
        "preset focal takes no part here: compare.methods names the methods, and ablate is of sharprecl"
    ]


def test_stages_and_compared_methods_of_the_pipeline_run_by_themselves():
    compare = CompareParameters(methods=list(METHODS), llm={"model": "m"})
    namespaces = {node.namespace for node in create_compare().nodes if node.namespace}
    assert {"ingest", "tokenize", "llm", "focal"} <= namespaces
    check_namespaces(["compare"], sorted(namespaces), compare)


def test_an_engine_may_give_a_command_to_each_method(monkeypatch):
    monkeypatch.setenv("SHARPRECL_JOB", "nightly")
    options = {"pipeline_names": ["compare"], "namespaces": ["ldam-drw"]}
    begin(compare={"methods": ["focal"]})(options, create_pipeline())


def begin(**parameters):
    hooks = ParameterHooks()
    hooks.after_context_created(
        SimpleNamespace(config_loader={"parameters": parameters}, project_path=Path("project"))
    )
    return hooks.before_pipeline_run


def test_a_run_of_compare_asks_for_it():
    before_run = begin(compare={"methods": ["focal"]})
    options = {"pipeline_names": ["compare"], "namespaces": ["ldam-drw"]}
    with pytest.raises(ParameterError, match="--namespaces=ldam-drw"):
        before_run(options, create_pipeline())
    before_run({**options, "namespaces": None}, create_pipeline())
    before_run({**options, "pipeline_names": None}, create_pipeline())


def test_a_run_tells_which_keys_of_its_preset_are_overridden(caplog):
    caplog.set_level(logging.INFO, "sharprecl")
    begin(preset="sharprecl-published", fit={"epochs": 8})({"pipeline_names": None}, create_pipeline())
    assert caplog.messages == ["Preset sharprecl-published with fit keys as set: epochs 8 (the preset's: 30)"]
    begin(fit={"epochs": 8})({"pipeline_names": None}, create_pipeline())
    assert len(caplog.messages) == 1
