import math

import pytest
from pydantic import ValidationError

from sharprecl.errors import ParameterError
from sharprecl.parameter_check import check_parameters
from sharprecl.parameters import (
    PRESETS,
    CompareParameters,
    CorpusParameters,
    FitParameters,
    ProfileParameters,
    apply_preset,
    overridden_keys,
)
from sharprecl.parameters.compare import LlmParameters


def test_default_preset_is_the_block_itself():
    assert apply_preset(FitParameters(), "sharprecl") == FitParameters()


def test_published_preset_is_section_5_with_the_marked_rows_as_released():
    published = apply_preset(FitParameters(), "sharprecl-published")
    assert (published.learning_rate, published.weight_decay, published.epochs) == (5e-5, 4e-5, 30)
    assert (published.batch_size, published.temperature, published.contrastive_weight) == (128, 0.3, 1.0)
    assert (published.num_positives, published.num_negatives) == (0, 0)  # row 1
    assert published.class_weights == "first"  # row 2
    assert published.dropout == 0.0  # row 3
    assert published.logit_scale == "unit"  # row 4
    assert published.exclude_own_copies  # rows without a mark are done right
    assert published.head_norm == "layer"
    assert (published.early_stopping_patience, published.selection_tolerance) == (
        30,
        0.0,
    )  # 30 epochs, the best


def test_what_the_user_sets_goes_before_the_preset():
    fit = apply_preset(FitParameters(epochs=2, num_positives=20), "sharprecl-published")
    assert (fit.epochs, fit.num_positives, fit.num_negatives) == (2, 20, 0)


def test_keys_with_another_value_than_the_presets_are_told_apart():
    fit = FitParameters(epochs=8, num_positives=0, focal_gamma=1.0)
    assert overridden_keys(fit, "sharprecl-published") == {"epochs": (8, 30)}
    assert overridden_keys(fit, "sharprecl") == {}


def test_a_corpus_is_called_by_its_file_or_its_name():
    assert CorpusParameters(train="some/where/tickets.csv").display_name == "tickets"
    assert CorpusParameters(name="ohsumed").display_name == "ohsumed"


@pytest.mark.parametrize(
    ("preset", "fit", "reason"),
    [
        ("classifier-retraining", {"classifier": "cosine"}, "classifier: cosine needs logit_scale: learned"),
        (
            "ldam-drw",
            {"logit_scale": "learned"},
            "classification_loss: ldam_drw needs classifier: cosine and",
        ),
    ],
)
def test_keys_that_the_preset_cannot_have_are_one_line(preset, fit, reason):
    with pytest.raises(ParameterError, match=f"^fit: {reason}"):
        check_parameters({"preset": preset, "fit": fit})


@pytest.mark.parametrize(("typed", "read"), [(1, "1"), ("yes", "yes"), (0, "0")])
def test_a_label_may_look_like_a_number(typed, read):
    assert check_parameters({"fit": {"first_class": typed}}).fit.first_class == read


@pytest.mark.parametrize("typed", [True, 1.0])
def test_what_yaml_takes_for_something_else_than_a_name_is_said(typed):
    with pytest.raises(ParameterError, match=r"^corpus\.label: is no name as YAML reads it; quote it twice"):
        check_parameters({"corpus": {"train": "x.csv", "label": typed}})


def test_a_key_that_does_nothing_decides_nothing():
    unused = FitParameters(first_class="x")
    assert unused.dump_decisive() == FitParameters().dump_decisive()
    used = FitParameters(class_weights="first", first_class="x")
    assert used.dump_decisive() != FitParameters(class_weights="first").dump_decisive()


@pytest.mark.parametrize(
    "values",
    [
        {"epoch": 3},
        {"epochs": 0},
        {"temperature": 0.0},
        {"temperature": math.inf},
        {"contrastive_weight": math.inf},
        {"mixup_alpha": 0.001},  # the draws behind λ underflow
        {"hard_ratio": 1.1},
        {"warmup_ratio": 1.0},  # the Trainer would take it for one step
        {"logit_scale": -1.0},
        {"view": "x"},
    ],
)
def test_unknown_keys_and_values_out_of_range_are_refused(values):
    with pytest.raises(ValidationError):
        FitParameters(**values)


def test_tail_cannot_reach_above_head():
    with pytest.raises(ValidationError, match="tail_below must not exceed head_above"):
        ProfileParameters(head_above=10, tail_below=20)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_a_valid_block_that_keeps_what_the_user_sets(preset):
    assert apply_preset(FitParameters(epochs=7), preset).epochs == 7


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"classifier": "cosine", "logit_scale": "raw"}, "cosine needs logit_scale: learned or a number"),
        (
            {"classification_loss": "ldam_drw", "classifier": "cosine", "logit_scale": "learned"},
            "ldam_drw needs classifier: cosine and a number as logit_scale",
        ),
        ({"view": "none", "consistency_weight": 1.0}, "consistency_weight needs two views"),
        ({"dropout": 0.0, "consistency_weight": 1.0}, "consistency_weight needs two views that differ"),
        ({"view": "none", "head_norm": "batch"}, "head_norm: batch needs two rows at least"),
        (
            {"retrain_classifier": True, "classifier": "cosine", "logit_scale": 16.0},
            "retrain_classifier needs classifier: linear and logit_scale: raw",
        ),
    ],
)
def test_values_that_do_not_fit_together_are_refused(values, reason):
    with pytest.raises(ValidationError, match=reason):
        FitParameters(**values)


def test_lists_of_a_comparison_can_be_written_on_the_command_line():
    compare = CompareParameters(methods="focal llm", seeds="3 4", learning_rate_factors=2, llm={"model": "m"})
    assert compare.methods == ["focal", "llm"]
    assert compare.seeds == [3, 4]
    assert compare.learning_rate_factors == [2.0]
    assert CompareParameters(ablations="one-view mixup_alpha=2").ablations == ["one-view", "mixup_alpha=2"]
    assert LlmParameters(price_per_million_tokens="0.15 0.6").price_per_million_tokens == (0.15, 0.6)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("temprature=0.3", "there is no 'temprature=0.3'; did you mean temperature=0.3"),
        ("xyz", "there is no 'xyz'; choose from without-contrast, .*, contrastive_weight=3"),
    ],
)
def test_an_ablation_that_does_not_exist_is_refused_before_any_stage(name, reason):
    with pytest.raises(ValidationError, match=reason):
        CompareParameters(ablations=f"one-view {name}")


def test_a_column_that_is_called_by_a_number_can_be_named():
    corpus = CorpusParameters(text=0, label=1)
    assert (corpus.text, corpus.label) == ("0", "1")
    with pytest.raises(ValidationError):
        CorpusParameters(text=True)


def test_a_seed_fits_into_32_bits():
    with pytest.raises(ParameterError, match="seed: input should be less than 4294967296"):
        check_parameters({"seed": 2**32})
    assert check_parameters({"seed": 2**32 - 1}).seed == 2**32 - 1
