"""What an arm is trained with, and how its result is named."""

import pytest

from sharprecl.comparison import ABLATIONS, CURVES, Arm, curve_points, method_parameters, with_changes
from sharprecl.comparison.arms import BUDGET, arm_key, data_digest
from sharprecl.parameters import PRESETS, FitParameters
from tests.comparison.conftest import make_data

FIT = FitParameters(epochs=3, learning_rate=1e-3, consistency_weight=0.5)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_method_has_the_same_budget_and_the_users_extras(preset):
    block = method_parameters(FIT, preset, has_aug_text=True)
    assert {key: getattr(block, key) for key in BUDGET} == {key: getattr(FIT, key) for key in BUDGET}
    assert block.consistency_weight == 0.5
    own = {key: value for key, value in PRESETS[preset].items() if key not in BUDGET}
    assert {key: getattr(block, key) for key in own} == own


def test_a_baseline_stays_a_baseline_when_the_user_sets_the_contrastive_weight():
    fit = with_changes(FIT, {"contrastive_weight": 0.7})
    assert method_parameters(fit, "balanced-softmax", has_aug_text=True).contrastive_weight == 0.0
    assert method_parameters(fit, "sharprecl", has_aug_text=True).contrastive_weight == 0.7


@pytest.mark.parametrize(("has_aug_text", "view"), [(True, "aug_text"), (False, "word_dropout")])
def test_word_dropout_stands_in_for_a_second_wording(has_aug_text, view):
    assert method_parameters(FIT, "sharprecl-published", has_aug_text=has_aug_text).view == view


@pytest.mark.parametrize("name", [*ABLATIONS, *curve_points()])
def test_every_ablation_changes_the_block(name):
    changes = (ABLATIONS | curve_points())[name]
    block = with_changes(FitParameters(), changes)
    assert {key: getattr(block, key) for key in changes} == changes


@pytest.mark.parametrize("key", CURVES)
def test_every_curve_passes_through_another_value_than_the_default(key):
    assert len({*CURVES[key], getattr(FitParameters(), key)}) >= 3


def test_key_changes_with_what_the_result_depends_on_and_with_nothing_else(data):
    arm = Arm("focal", 0, FIT)
    key = arm_key(arm, data.digest)
    assert arm_key(arm._replace(seed=1), data.digest) != key
    assert arm_key(arm._replace(fit=with_changes(FIT, {"epochs": 4})), data.digest) != key
    assert arm_key(arm, make_data(seed=1).digest) != key
    assert arm_key(arm._replace(fit=with_changes(FIT, {"resume": False})), data.digest) == key
    assert arm_key(arm._replace(method="another-name"), data.digest) == key


def test_digest_sees_labels_and_encoder(data):
    names = [*data.label_names[:-1], "other"]
    assert data_digest(data.token_table, names, data.encoder) != data.digest
    assert data_digest(data.token_table, data.label_names, "minilm") != data.digest
