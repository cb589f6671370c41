"""Batches in parts: the same loss and gradients in less memory, and by itself where memory runs out."""

import gc
import logging
import weakref
from unittest.mock import patch

import pytest
import torch

from sharprecl.errors import DeviceMemoryError
from sharprecl.modeling import SharpReCL
from sharprecl.modeling.cpu_path import prepare_for_cpu
from sharprecl.parameters import FitParameters
from sharprecl.training import run
from sharprecl.training.build import build_model
from sharprecl.training.memory import halve_micro_batches, is_out_of_memory
from tests.training.shared_cases import make_job

PARTS = [2, 3, 11, 50]
NUM_ROWS = 11


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    lengths = torch.randint(3, 20, (NUM_ROWS,), generator=generator)
    mask = (torch.arange(20) < lengths.unsqueeze(1)).long()
    return torch.randint(5, 200, mask.shape, generator=generator) * mask, mask


def make_model(dropout: float, attention: str) -> SharpReCL:
    torch.manual_seed(1)
    model = build_model("random-tiny", ["a", "b", "c"], [4, 2, 1], FitParameters(dropout=dropout)).double()
    if attention == "packed":
        prepare_for_cpu(model.encoder)
    return model.train()


def gradients(model: SharpReCL, batch) -> list[torch.Tensor]:
    """Of a loss that ties every row to every other, as the contrast does."""
    model.zero_grad()
    output = model(*batch)
    (output.embeddings @ output.embeddings.T).exp().sum().backward()
    return [parameter.grad for parameter in model.encoder.parameters() if parameter.grad is not None]


@pytest.mark.parametrize("attention", ["packed", "sdpa"])
@pytest.mark.parametrize("num_parts", PARTS)
def test_parts_give_the_states_and_gradients_of_the_whole(batch, num_parts, attention):
    model = make_model(0.0, attention)
    states, whole = model.encode(*batch), gradients(model, batch)
    model.num_micro_batches = num_parts
    torch.testing.assert_close(model.encode(*batch), states, rtol=0, atol=1e-12)
    for part, expected in zip(gradients(model, batch), whole, strict=True):
        torch.testing.assert_close(part, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("attention", ["packed", "sdpa"])
def test_the_backward_pass_drops_what_the_forward_pass_dropped(batch, attention):
    """Against the same parts in the same order, their activations kept."""
    model = make_model(0.3, attention)
    torch.manual_seed(5)
    states = torch.cat(
        [model.encode(*rows) for rows in zip(*(t.tensor_split(3) for t in batch), strict=True)]
    )
    expected = torch.autograd.grad(states.pow(3).sum(), list(model.encoder.parameters()), allow_unused=True)
    model.num_micro_batches = 3
    torch.manual_seed(5)
    in_parts = model.encode(*batch)
    torch.testing.assert_close(in_parts, states, rtol=0, atol=1e-12)
    found = torch.autograd.grad(in_parts.pow(3).sum(), list(model.encoder.parameters()), allow_unused=True)
    for part, whole in zip(found, expected, strict=True):
        assert (part is None) == (whole is None)
        if part is not None:
            torch.testing.assert_close(part, whole, rtol=0, atol=1e-10)


def test_the_forward_pass_keeps_no_activations_of_the_parts(batch):
    model, kept = make_model(0.0, "sdpa"), []
    layer = model.encoder.encoder.layer[0]
    layer.register_forward_hook(lambda *call: kept.append(weakref.ref(call[2])))
    for num_parts, expected in ((1, 1), (2, 0)):
        kept.clear()
        model.num_micro_batches = num_parts
        states = model.encode(*batch)
        gc.collect()
        assert sum(reference() is not None for reference in kept) == expected
        del states


def test_scoring_is_not_cut(batch):
    model = make_model(0.0, "sdpa")
    model.num_micro_batches = 3
    with patch.object(model, "_encode_rows", wraps=model._encode_rows) as encode, torch.no_grad():
        model.encode(*batch)
    assert encode.call_count == 1


def train(fails, **options):
    """Train in float64; ``fails`` says of a number of rows whether they do not fit."""

    class Small(SharpReCL):
        def _encode_rows(self, input_ids, attention_mask):
            if self.training and fails(len(input_ids)):
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
            return super()._encode_rows(input_ids, attention_mask)

    def build(job, device):
        model = original(job, device).double()
        model.__class__ = Small
        return model

    original, folder = run.build_model_of, options.pop("folder")
    with patch.object(run, "build_model_of", build):
        trained = run.run_training(make_job(epochs=2, **options), folder, None, None)
    losses = [line["contrastive_loss"] for line in trained.state.log_history if "contrastive_loss" in line]
    return trained.model, losses


@pytest.mark.parametrize("view", ["none", "word_dropout"])
def test_where_memory_runs_out_training_goes_on_with_the_same_weights(tmp_path, caplog, view):
    """Batches of 16 texts, of which no more than five rows fit."""
    plain, plain_losses = train(lambda rows: False, folder=tmp_path / "plain", view=view)
    with caplog.at_level(logging.WARNING, logger="sharprecl.training.memory"):
        small, losses = train(lambda rows: rows > 5, folder=tmp_path / "small", view=view)
    parts = [2, 4] if view == "none" else [2, 4, 8]
    assert small.num_micro_batches == parts[-1]
    assert [record.args[0] for record in caplog.records] == parts
    assert f"fit.micro_batches={parts[0]} begins so" in caplog.messages[0]
    assert losses == pytest.approx(plain_losses, abs=1e-9)
    for name, weight in plain.state_dict().items():
        torch.testing.assert_close(small.state_dict()[name], weight, rtol=0, atol=1e-9)


def test_a_failure_in_the_backward_pass_leaves_no_gradient_behind(tmp_path):
    """The first part of the fourth pass fits in the forward pass and no more in the backward pass."""
    plain, plain_losses = train(lambda rows: False, folder=tmp_path / "plain")
    calls = []

    def fails(rows):
        calls.append(rows)
        return len(calls) == 4

    small, losses = train(fails, folder=tmp_path / "small", micro_batches=2)
    assert small.num_micro_batches == 4
    assert losses == pytest.approx(plain_losses, abs=1e-9)  # the broken step is not told twice
    for name, weight in plain.state_dict().items():
        torch.testing.assert_close(small.state_dict()[name], weight, rtol=0, atol=1e-9)


def test_the_parameter_begins_in_parts(tmp_path):
    rows = []
    model, _ = train(lambda count: bool(rows.append(count)), folder=tmp_path, micro_batches=4)
    assert model.num_micro_batches == 4
    assert max(rows) == 8  # 2 views of 16 texts in four parts


def test_a_single_text_that_does_not_fit_is_an_error_with_the_mend(tmp_path):
    with pytest.raises(DeviceMemoryError, match=r"one text at a time .* tokenize\.max_length"):
        train(lambda rows: True, folder=tmp_path)


def test_what_counts_as_too_little_memory():
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB."))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"))
    assert not is_out_of_memory(RuntimeError("shapes cannot be multiplied"))


def test_parts_double_up_to_one_a_row():
    model = make_model(0.0, "sdpa")
    for parts in (2, 4, 6):
        halve_micro_batches(model, num_rows=6)
        assert model.num_micro_batches == parts
    with pytest.raises(DeviceMemoryError):
        halve_micro_batches(model, num_rows=6)
