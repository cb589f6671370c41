"""Packed rows: the padded result without padding."""

import json
import os

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModel, DebertaV2Config, EuroBertConfig, ModernBertConfig, RobertaConfig

from sharprecl.modeling.cpu_path import CACHED_KERNELS, prepare_for_cpu
from sharprecl.modeling.dropout import BitDropout
from sharprecl.modeling.encoders import load_encoder
from sharprecl.modeling.packed_attention import PACKED, packed_attention
from sharprecl.modeling.packing import MAX_PADDING, encode_packed, group_lengths, pack
from sharprecl.modeling.pooling import pool_tokens


def make_batch(lengths: list[int], seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    width = max(lengths)
    mask = (torch.arange(width) < torch.tensor(lengths).unsqueeze(1)).long()
    draws = torch.randint(1000, 2000, mask.shape, generator=torch.Generator().manual_seed(seed))
    return draws * mask, mask


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=60))
@settings(max_examples=40, deadline=None)
def test_every_token_is_packed_once_and_comes_back(lengths):
    input_ids, mask = make_batch(lengths)
    packed_ids, places, packing = pack(input_ids, mask)
    padding = packed_ids.numel() - sum(lengths)
    assert places.shape == packed_ids.shape == (1, packed_ids.numel())
    assert 0 <= padding <= MAX_PADDING * sum(lengths)
    rows = [row for group in packing.split(packed_ids[0]) for row in group]
    row_places = [row for group in packing.split(places[0]) for row in group]
    kept = [
        row.bool().tolist()
        for group, mask in zip(packing.split(packed_ids[0]), packing.masks, strict=True)
        for row in (torch.ones_like(group) if mask is None else mask)
    ]
    for batch_row, row, place, real in zip(packing.order.tolist(), rows, row_places, kept, strict=True):
        length = lengths[batch_row]
        assert torch.equal(row[:length], input_ids[batch_row, :length])
        assert real == [True] * length + [False] * (len(row) - length)
        assert torch.equal(place, torch.arange(len(row)))
    sums = torch.stack([row.sum() for row in rows])
    assert torch.equal(packing.unpack(sums), input_ids.sum(dim=1))


def test_lengths_are_joined_where_that_costs_least_padding():
    # Of 1200 tokens 48 may be added: joining 9 to 10 costs 20, 30 to 31 costs 1, the rest is too dear.
    lengths, num_rows = [31, 30, 10, 9], [1, 1, 95, 20]
    tokens = 31 + 30 + 950 + 180
    assert MAX_PADDING * tokens == pytest.approx(47.64)
    assert group_lengths(lengths, num_rows) == [2, 2]
    assert group_lengths([20, 10], [5, 5]) == [1, 1]
    assert group_lengths([7], [3]) == [1]


@pytest.mark.parametrize("pooling", ["first", "mean"])
@pytest.mark.parametrize("training", [False, True])
def test_states_and_gradients_equal_the_padded_ones(pooling, training):
    # Without dropout, so that training mode (its own attention code) can be compared, too.
    encoder = load_encoder("random-tiny", dropout=0.0).train(training)
    # 38 and 39 share a group, the others do not.
    input_ids, mask = make_batch([3, 17, 3, 39, 1, 38, 30])
    probe = torch.randn(7, 32, generator=torch.Generator().manual_seed(1))
    results = []
    for implementation in ("eager", PACKED):
        encoder.set_attn_implementation(implementation)
        encoder.zero_grad()
        if implementation == PACKED:
            states = encode_packed(encoder, input_ids, mask, pooling)
        else:
            states = pool_tokens(encoder(input_ids=input_ids, attention_mask=mask)[0], mask, pooling)
        (states * probe).sum().backward()
        results.append((states.detach(), [p.grad.clone() for p in encoder.encoder.parameters()]))
    (padded, padded_gradients), (packed, packed_gradients) = results
    torch.testing.assert_close(packed, padded, atol=1e-5, rtol=0)
    for gradient, expected in zip(packed_gradients, padded_gradients, strict=True):
        torch.testing.assert_close(gradient, expected, atol=2e-4, rtol=1e-3)


@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_attention_has_the_gradients_of_finite_differences(dropout):
    input_ids, mask = make_batch([3, 40, 3, 1, 39])  # 39 and 40 share a group, one of them padded
    packing = pack(input_ids, mask)[2]
    assert any(part is not None for part in packing.masks)
    draws = torch.Generator().manual_seed(0)
    parts = [
        torch.randn(1, 2, len(packing), 2, dtype=torch.float64, generator=draws, requires_grad=True)
        for _ in range(3)
    ]

    def attend(*parts):
        torch.manual_seed(0)  # the same weights are dropped each time
        return packed_attention(None, *parts, None, scaling=0.7, packing=packing, dropout=dropout)[0]

    assert torch.autograd.gradcheck(attend, parts, fast_mode=True)


def test_without_gradients_a_fused_kernel_gives_the_same():
    input_ids, mask = make_batch([3, 40, 3, 1, 39])
    packing = pack(input_ids, mask)[2]
    parts = [torch.randn(1, 2, len(packing), 4) for _ in range(3)]
    plain = packed_attention(None, *parts, None, scaling=0.7, packing=packing)[0]
    with torch.no_grad():
        fused = packed_attention(None, *parts, None, scaling=0.7, packing=packing)[0]
    torch.testing.assert_close(fused, plain, atol=1e-5, rtol=0)


def test_texts_do_not_see_their_neighbours():
    encoder = load_encoder("random-tiny").eval()
    encoder.set_attn_implementation(PACKED)
    input_ids, mask = make_batch([5, 5, 8])
    together = encode_packed(encoder, input_ids, mask, "mean")
    alone = [encode_packed(encoder, input_ids[i : i + 1], mask[i : i + 1], "mean") for i in range(3)]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-5, rtol=0)


def test_attention_weights_are_dropped_in_training_only():
    encoder = load_encoder("random-tiny", dropout=0.0)
    for layer in encoder.encoder.layer:
        layer.attention.self.dropout.p = 0.5
    encoder.set_attn_implementation(PACKED)
    input_ids, mask = make_batch([6, 4])
    first, second = (encode_packed(encoder.train(), input_ids, mask, "mean") for _ in range(2))
    assert not torch.equal(first, second)
    first, second = (encode_packed(encoder.eval(), input_ids, mask, "mean") for _ in range(2))
    assert torch.equal(first, second)


def test_bert_takes_packed_rows_and_cheap_dropout():
    encoder = load_encoder("random-tiny")
    prepare_for_cpu(encoder)
    assert encoder.config._attn_implementation == PACKED
    assert any(isinstance(module, BitDropout) for module in encoder.modules())


def test_the_mode_of_the_encoder_stays():
    for training in (True, False):
        encoder = load_encoder("random-tiny").train(training)
        prepare_for_cpu(encoder)
        assert encoder.training is training


SMALL = {
    "vocab_size": 50,
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
}
SPECIAL = {"pad_token_id": 0, "bos_token_id": 0, "eos_token_id": 0}


@pytest.mark.parametrize(
    ("config", "attention"),
    [
        (RobertaConfig(**SMALL), PACKED),
        # Relative places: the encoder counts them by itself.
        (
            DebertaV2Config(
                **SMALL, relative_attention=True, pos_att_type=["c2p", "p2c"], position_biased_input=False
            ),
            "eager",
        ),
        (EuroBertConfig(**SMALL, **SPECIAL, num_key_value_heads=2), PACKED),
        # Two heads of queries for each of keys.
        (EuroBertConfig(**SMALL, **SPECIAL, num_key_value_heads=1), "eager"),
    ],
    ids=["roberta", "deberta", "eurobert", "grouped heads"],
)
def test_only_an_encoder_with_the_same_states_takes_packed_rows(config, attention):
    torch.manual_seed(0)
    encoder = AutoModel.from_config(config).eval()
    input_ids, mask = make_batch([3, 7, 7])
    input_ids = input_ids % 40 + 5 * mask
    expected = pool_tokens(encoder(input_ids=input_ids, attention_mask=mask)[0], mask, "mean")
    prepare_for_cpu(encoder)
    assert encoder.config._attn_implementation == attention
    if attention == PACKED:
        torch.testing.assert_close(
            encode_packed(encoder, input_ids, mask, "mean"), expected, atol=1e-5, rtol=0
        )


def make_modern_bert(window):
    torch.manual_seed(0)
    special = dict.fromkeys(
        ("pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"), 0
    )
    sizes = SMALL | {"num_hidden_layers": 2, "hidden_size": 32}
    config = ModernBertConfig(**sizes, **special, local_attention=window, global_attn_every_n_layers=2)
    return AutoModel.from_config(config).eval()


def test_an_encoder_that_sees_neighbours_alone_keeps_its_window():
    # Two short rows do not show it: the window is wider than both.
    encoder = make_modern_bert(window=8)
    input_ids, mask = make_batch([30, 12])
    input_ids = input_ids % 40 + 5 * mask
    expected = encoder(input_ids=input_ids, attention_mask=mask)[0]
    prepare_for_cpu(encoder)
    assert encoder.config._attn_implementation == "eager"
    states = encoder(input_ids=input_ids, attention_mask=mask)[0]
    torch.testing.assert_close(states[mask.bool()], expected[mask.bool()], atol=1e-5, rtol=0)


@pytest.mark.parametrize(("kind", "attention"), [("full_attention", PACKED), ("sliding_attention", "eager")])
def test_layers_that_the_configuration_names_are_believed(kind, attention):
    encoder = load_encoder("random-tiny")
    encoder.config.layer_types = [kind] * 2
    prepare_for_cpu(encoder)
    assert encoder.config._attn_implementation == attention


def test_packed_attention_does_not_widen_a_window():
    # As a kind of encoder would have it whose configuration does not tell layers apart.
    encoder = make_modern_bert(window=8)
    encoder.set_attn_implementation(PACKED)
    input_ids, mask = make_batch([6, 4])
    with pytest.raises(ValueError, match="not in a sliding window"):
        encode_packed(encoder, input_ids % 40 + 5 * mask, mask, "mean")


def test_a_saved_model_does_not_name_our_attention(tiny_model, tmp_path):
    prepare_for_cpu(tiny_model.encoder)
    tiny_model.save_pretrained(tmp_path)
    assert PACKED not in json.dumps(json.loads((tmp_path / "config.json").read_text("utf-8")))


@pytest.mark.parametrize(("set_to", "kept"), [(None, CACHED_KERNELS), ("7", "7")])
def test_kernels_of_few_shapes_are_kept_unless_the_user_says_otherwise(monkeypatch, set_to, kept):
    monkeypatch.setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", set_to or "")
    if set_to is None:
        monkeypatch.delenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY")
    prepare_for_cpu(load_encoder("random-tiny"))
    assert os.environ["ONEDNN_PRIMITIVE_CACHE_CAPACITY"] == kept
