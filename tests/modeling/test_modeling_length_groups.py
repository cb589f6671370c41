import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.modeling.length_groups import (
    MAX_PADDING,
    MIN_GROUP_TOKENS,
    encode_in_length_groups,
    group_sizes,
)


@given(lengths=st.lists(st.integers(1, 300), min_size=1, max_size=300))
@settings(max_examples=60, deadline=None)
def test_groups_hold_every_row_and_little_padding(lengths):
    lengths = sorted(lengths, reverse=True)
    sizes = group_sizes(lengths)
    assert sum(sizes) == len(lengths)
    start = 0
    for size in sizes:
        group = lengths[start : start + size]
        start += size
        # A row much shorter than the longest is let in only to fill a small group.
        last_needed = next((n for n in range(1, size + 1) if n * group[0] >= MIN_GROUP_TOKENS), size)
        assert all(length >= (1 - MAX_PADDING) * group[0] for length in group[last_needed:])


def test_few_long_texts_do_not_pad_many_short_ones():
    lengths = [100] * 4 + [12] * 124
    sizes = group_sizes(lengths)
    assert sizes == [4, 124]


@given(lengths=st.lists(st.integers(1, 40), min_size=1, max_size=60))
@settings(max_examples=40, deadline=None)
def test_rows_come_back_in_order_and_whole(lengths):
    width = max(lengths)
    mask = (torch.arange(width) < torch.tensor(lengths).unsqueeze(1)).long()
    input_ids = (torch.arange(len(lengths) * width).view(len(lengths), width) + 1) * mask
    seen_shapes = []

    def encode(ids, kept):
        seen_shapes.append(tuple(ids.shape))
        return torch.stack((ids.sum(1), kept.sum(1)), dim=1)

    states = encode_in_length_groups(encode, input_ids, mask)
    assert torch.equal(states[:, 0], input_ids.sum(1))
    assert states[:, 1].tolist() == lengths
    # Each group is as wide as its own longest row, and no wider.
    descending = sorted(lengths, reverse=True)
    starts = [0]
    for size in group_sizes(descending)[:-1]:
        starts.append(starts[-1] + size)
    assert [shape[1] for shape in seen_shapes] == [descending[start] for start in starts]


def test_grouped_model_equals_padded_model_with_gradients(tiny_model):
    torch.manual_seed(0)
    lengths = torch.randint(2, 20, (150,))
    mask = (torch.arange(20) < lengths.unsqueeze(1)).long()
    input_ids = torch.randint(1000, 2000, (150, 20)) * mask
    results = []
    for encode in (tiny_model.encode, tiny_model._encode_padded):
        tiny_model.zero_grad()
        states = encode(input_ids, mask)
        states.pow(2).sum().backward()
        results.append((states, tiny_model.encoder.embeddings.word_embeddings.weight.grad.clone()))
    torch.testing.assert_close(results[0][0], results[1][0], atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(results[0][1], results[1][1], atol=1e-3, rtol=1e-3)
