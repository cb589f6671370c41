import json

import pytest
import torch
from torch.nn.functional import normalize

from sharprecl.functional import balanced_softmax_loss
from sharprecl.modeling import SharpReCL, SharpReCLConfig

INPUT_IDS = torch.tensor([[101, 7592, 2088, 102], [101, 7592, 102, 0]])
MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 1, 0]])


def test_output_has_the_shapes_of_the_method(tiny_model):
    output = tiny_model(INPUT_IDS, MASK)
    assert output.loss is None
    assert output.logits.shape == (2, 3)
    assert output.embeddings.shape == (2, 100)
    assert output.prototypes is None
    assert tiny_model.train()(INPUT_IDS, MASK).prototypes.shape == (3, 100)


def test_embeddings_and_prototypes_are_unit_rows(tiny_model):
    for rows in (tiny_model(INPUT_IDS, MASK).embeddings, tiny_model.prototypes()):
        torch.testing.assert_close(rows.norm(dim=1), torch.ones(len(rows)))


def test_heads_compute_in_float32_under_mixed_precision(tiny_model):
    with torch.autocast("cpu", torch.bfloat16):
        output = tiny_model.train()(INPUT_IDS, MASK)
    assert {output.logits.dtype, output.embeddings.dtype, output.prototypes.dtype} == {torch.float32}
    for rows in (output.embeddings, output.prototypes):
        torch.testing.assert_close(rows.norm(dim=1), torch.ones(len(rows)))


def test_prototypes_are_the_projected_classifier_weights(tiny_model):
    head = tiny_model.prototype_head
    expected = normalize(head[3](torch.relu(head[1](head[0](tiny_model.classifier.weight)))), dim=1)
    torch.testing.assert_close(tiny_model.prototypes(), expected)


def test_the_two_projection_heads_are_separate(tiny_model):
    assert not torch.equal(tiny_model.embedding_head[0].weight, tiny_model.prototype_head[0].weight)


def test_loss_is_the_balanced_softmax_of_the_logits(tiny_model):
    labels = torch.tensor([0, 2])
    output = tiny_model(INPUT_IDS, MASK, labels=labels)
    expected = balanced_softmax_loss(output.logits, labels, torch.tensor([4, 2, 1]))
    torch.testing.assert_close(output.loss, expected.float())


def test_the_loss_counts_the_prior_once_whatever_is_taken_off_the_logits_later(tiny_model):
    labels = torch.tensor([0, 2])
    before = tiny_model(INPUT_IDS, MASK, labels=labels)
    tiny_model.config.logit_offset = [0.5, -1.0, 2.0]
    after = tiny_model(INPUT_IDS, MASK, labels=labels)
    torch.testing.assert_close(after.loss, before.loss)
    torch.testing.assert_close(after.logits, before.logits + torch.tensor([0.5, -1.0, 2.0]))


def test_loss_without_class_counts_says_what_is_missing(tiny_model):
    tiny_model.config.class_counts = None
    with pytest.raises(ValueError, match=r"config\.class_counts"):
        tiny_model(INPUT_IDS, MASK, labels=torch.tensor([0, 1]))


def test_padding_changes_nothing(tiny_model):
    alone = tiny_model(INPUT_IDS[1:, :3], MASK[1:, :3])
    padded = tiny_model(INPUT_IDS, MASK)
    torch.testing.assert_close(alone.logits[0], padded.logits[1], atol=1e-5, rtol=1e-5)


def test_a_missing_mask_means_no_padding(tiny_model):
    torch.testing.assert_close(tiny_model(INPUT_IDS[:1]).logits, tiny_model(INPUT_IDS[:1], MASK[:1]).logits)


def test_saved_model_loads_to_the_same_logits(tiny_model, tmp_path):
    tiny_model.save_pretrained(tmp_path)
    loaded = SharpReCL.from_pretrained(tmp_path).eval()
    assert torch.equal(loaded(INPUT_IDS, MASK).logits, tiny_model(INPUT_IDS, MASK).logits)
    assert loaded.config.label_names == ["a", "b", "c"]
    assert loaded.config.class_counts == [4, 2, 1]
    assert {path.name for path in tmp_path.iterdir()} == {"config.json", "model.safetensors"}


def test_saved_configuration_names_no_folder_of_this_machine(tiny_model, tmp_path):
    tiny_model.save_pretrained(tmp_path)
    encoder = json.loads((tmp_path / "config.json").read_text())["encoder"]
    assert "/" not in encoder.get("_name_or_path", "")


def test_configuration_without_encoder_is_a_bert(tmp_path):
    config = SharpReCLConfig()
    assert config.encoder.model_type == "bert"
    assert config.hidden_size == config.encoder.hidden_size
