"""The classifier that starts from the pretrained encoder's class means."""

import numpy as np
import pyarrow as pa
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.functional import class_mean_directions
from sharprecl.modeling import TrainedModel
from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.parameters import FitParameters
from sharprecl.training.build import build_model
from sharprecl.training.class_mean_start import sample_per_class, start_from_class_means

TEXTS = {"a": "cheap flights to rome", "b": "my printer does not print", "c": "read this contract twice"}


@pytest.fixture
def trained() -> TrainedModel:
    torch.manual_seed(0)
    model = build_model("random-tiny", [*TEXTS, "d"], [3, 3, 3, 1], FitParameters())
    return TrainedModel(model.train(), load_tokenizer("random-tiny"))


def token_rows(tokenizer) -> tuple[pa.Table, list[str], np.ndarray]:
    texts = [f"{text} {index}" for index in range(3) for text in TEXTS.values()]
    labels = np.tile([0, 1, 2], 3)
    rows = pa.array(tokenizer(texts)["input_ids"], pa.list_(pa.int32()))
    return pa.table({"label_id": pa.array(labels, pa.int32()), "input_ids": rows}), texts, labels


def test_rows_point_to_their_classes_and_keep_their_length(trained):
    table, _, labels = token_rows(trained.tokenizer)
    before = trained.model.classifier.weight.detach().clone()
    start_from_class_means(trained.model, table, trained.tokenizer.pad_token_id, seed=0)
    weight = trained.model.classifier.weight.detach()
    assert trained.model.training  # as it was, and dropout took no part:
    states = torch.from_numpy(trained.encode(table["input_ids"].to_numpy(), progress=False))
    expected = class_mean_directions(states, torch.from_numpy(labels), 4)[:3]
    torch.testing.assert_close(weight[:3] / weight[:3].norm(dim=1, keepdim=True), expected, atol=1e-4, rtol=0)
    torch.testing.assert_close(weight.norm(dim=1), before.norm(dim=1))
    assert torch.equal(weight[3], before[3])  # a class without texts


def test_it_draws_nothing_from_the_global_generator(trained):
    table, _, _ = token_rows(trained.tokenizer)
    state = torch.get_rng_state()
    start_from_class_means(trained.model, table, trained.tokenizer.pad_token_id, seed=0)
    assert torch.equal(torch.get_rng_state(), state)


@settings(max_examples=40, deadline=None)
@given(labels=st.lists(st.integers(0, 3), max_size=30), limit=st.integers(1, 5), seed=st.integers(0, 9))
def test_a_sample_has_the_limit_of_each_class_at_most_and_no_less_than_it_can(labels, limit, seed):
    array = np.array(labels, dtype=np.int64)
    chosen = sample_per_class(array, limit, seed)
    assert (np.diff(chosen) > 0).all()
    assert chosen.tolist() == sample_per_class(array, limit, seed).tolist()
    for label in set(labels):
        assert (array[chosen] == label).sum() == min(limit, labels.count(label))


def test_another_seed_takes_other_texts():
    labels = np.zeros(50, dtype=np.int64)
    assert sample_per_class(labels, 5, 0).tolist() != sample_per_class(labels, 5, 1).tolist()
