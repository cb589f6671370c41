import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sharprecl.modeling.length_groups import encode_in_length_groups


@given(lengths=st.lists(st.integers(1, 12), min_size=1, max_size=20), group_size=st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_rows_come_back_in_order_and_whole(lengths, group_size):
    width = max(lengths)
    mask = (torch.arange(width) < torch.tensor(lengths).unsqueeze(1)).long()
    input_ids = (torch.arange(len(lengths) * width).view(len(lengths), width) + 1) * mask
    seen_widths = []

    def encode(ids, kept):
        seen_widths.append(ids.shape[1])
        return torch.stack((ids.sum(1), kept.sum(1)), dim=1)

    states = encode_in_length_groups(encode, input_ids, mask, group_size)
    assert torch.equal(states[:, 0], input_ids.sum(1))
    assert states[:, 1].tolist() == lengths
    # Each group is as wide as its own longest row, and no wider.
    expected = sorted(lengths)
    assert seen_widths == [max(expected[i : i + group_size]) for i in range(0, len(lengths), group_size)]


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
