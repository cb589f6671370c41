"""What an arm is trained with, and how its result is named."""

import pytest

from sharprecl.comparison import Arm, method_parameters, variant_of
from sharprecl.comparison.arms import BUDGET, arm_key, data_digest, with_changes
from sharprecl.errors import ParameterError
from sharprecl.parameters import ABLATIONS, CURVES, PRESETS, FitParameters, curve_points
from sharprecl.training.objective import contrastive_weight_at
from tests.comparison.conftest import make_data
from tests.encoder_folders import change_weights, make_encoder_folder

FIT = FitParameters(epochs=3, learning_rate=1e-3, consistency_weight=0.5)


@pytest.mark.parametrize("preset", PRESETS)
def test_every_method_has_the_same_budget_and_the_users_extras(preset):
    block = method_parameters(FIT, preset, has_aug_text=True)
    assert {key: getattr(block, key) for key in BUDGET} == {key: getattr(FIT, key) for key in BUDGET}
    # By name, since the list of what is shared could lose one.
    assert (block.epochs, block.batch_size, block.learning_rate) == (3, FIT.batch_size, 1e-3)
    assert block.early_stopping_patience == FIT.early_stopping_patience
    assert block.selection_tolerance == FIT.selection_tolerance
    assert block.consistency_weight == (0.0 if preset == "sharprecl-published" else 0.5)
    own = {key: value for key, value in PRESETS[preset].items() if key not in BUDGET}
    assert {key: getattr(block, key) for key in own} == own


USERS_KEYS = [
    {"contrastive_weight": 0.7},
    {"final_contrastive_weight": 0.3},
    {"contrastive_loss": "supervised"},
    {"classification_loss": "cross_entropy"},
    {"retrain_classifier": True, "classifier": "linear", "logit_scale": "raw"},
]


def losses(fit):
    """What tells methods apart: the losses, μ along the way, and the second stage."""
    weights = [contrastive_weight_at(fit, progress) for progress in (0.0, 0.5, 0.9)]
    contrasts = any(weights)
    return (
        fit.classification_loss,
        fit.contrastive_loss if contrasts else None,
        contrasts,
        fit.retrain_classifier,
    )


@pytest.mark.parametrize("keys", USERS_KEYS, ids=lambda keys: next(iter(keys)))
@pytest.mark.parametrize("preset", [name for name in PRESETS if name != "sharprecl"])
def test_a_baseline_stays_what_it_is_whatever_the_user_sets_for_sharprecl(preset, keys):
    usual = method_parameters(FitParameters(), preset, has_aug_text=True)
    assert losses(method_parameters(FitParameters(**keys), preset, has_aug_text=True)) == losses(usual)


def test_the_published_contrast_stays_as_published():
    changed = FitParameters(
        class_averaged=True,
        prototype_anchors=False,
        effective_number_beta=0.9,
        embedding_dim=16,
        head_norm="batch",
    )
    usual = method_parameters(FitParameters(), "sharprecl-published", has_aug_text=True)
    assert method_parameters(changed, "sharprecl-published", has_aug_text=True) == usual


@pytest.mark.parametrize("keys", USERS_KEYS, ids=lambda keys: next(iter(keys)))
def test_sharprecl_takes_what_the_user_sets(keys):
    block = method_parameters(FitParameters(**keys), "sharprecl", has_aug_text=True)
    assert {key: getattr(block, key) for key in keys} == keys


def test_without_contrast_there_is_none_at_any_step():
    fit = variant_of(FitParameters(final_contrastive_weight=0.3), ABLATIONS["without-contrast"], "x")
    assert losses(fit) == ("balanced_softmax", None, False, False)


def test_a_variant_that_the_users_keys_forbid_is_named():
    fit = FitParameters(retrain_classifier=True, classifier="linear", logit_scale="raw")
    with pytest.raises(ParameterError, match="unit-logits cannot be trained with these keys: retrain_class"):
        variant_of(fit, ABLATIONS["unit-logits"], "unit-logits")


@pytest.mark.parametrize(("has_aug_text", "view"), [(True, "aug_text"), (False, "word_dropout")])
def test_word_dropout_stands_in_for_a_second_wording(has_aug_text, view):
    assert method_parameters(FIT, "sharprecl-published", has_aug_text=has_aug_text).view == view


@pytest.mark.parametrize("name", [*ABLATIONS, *curve_points()])
def test_every_ablation_changes_the_block(name):
    changes = (ABLATIONS | curve_points())[name]
    block = with_changes(FitParameters(), changes)
    assert {key: getattr(block, key) for key in changes} == changes


@pytest.mark.parametrize("name", ABLATIONS)
def test_every_ablation_is_another_method_than_the_full_one(name):
    block = with_changes(FitParameters(), ABLATIONS[name])
    assert block.dump_decisive() != FitParameters().dump_decisive()


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


def test_digest_sees_the_weights_in_an_encoders_folder(data, tmp_path):
    folder = make_encoder_folder(tmp_path / "encoder")
    before = data_digest(data.token_table, data.label_names, str(folder))
    moved = folder.rename(tmp_path / "moved")
    assert data_digest(data.token_table, data.label_names, str(moved)) == before
    change_weights(moved)
    assert data_digest(data.token_table, data.label_names, str(moved)) != before


def test_digest_sees_labels_and_encoder(data):
    names = [*data.label_names[:-1], "other"]
    assert data_digest(data.token_table, names, data.encoder) != data.digest
    assert data_digest(data.token_table, data.label_names, "minilm") != data.digest
