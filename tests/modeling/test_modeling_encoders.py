import os
import subprocess
import sys

import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModel,
    BertConfig,
    DebertaV2Config,
    DistilBertConfig,
    GPT2Config,
    ModernBertConfig,
    OPTConfig,
    RobertaConfig,
    T5Config,
)

from sharprecl.errors import EncoderError, ParameterError
from sharprecl.modeling.encoders import (
    POSITIONS_BEHIND_PADDING,
    check_max_length,
    default_pooling,
    has_dropout,
    load_encoder,
    load_tokenizer,
    resolve_encoder,
)
from tests.encoder_folders import make_encoder_folder


def test_packaged_encoder_loads_with_its_trained_weights():
    encoder = load_encoder("minilm")
    assert encoder.config.hidden_size == 384
    tokens = load_tokenizer("minilm")(
        ["a cat sat on the mat", "a kitten rested on the rug", "interest rates rose"],
        padding=True,
        return_tensors="pt",
    )
    with torch.no_grad():
        states = encoder.eval()(**tokens).last_hidden_state.mean(1)
    similarity = torch.nn.functional.cosine_similarity(states[:1], states[1:])
    assert similarity[0] > similarity[1] + 0.2


def test_packaged_encoder_is_pooled_by_the_mean_it_was_trained_with():
    assert default_pooling("minilm") == "mean"


def test_an_encoder_that_says_nothing_is_pooled_by_its_first_token(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    assert default_pooling(str(tmp_path)) == "first"


def test_dropout_replaces_the_encoders_own():
    assert load_encoder("minilm").config.hidden_dropout_prob == 0.1
    encoder = load_encoder("minilm", dropout=0.0)
    assert encoder.config.hidden_dropout_prob == 0.0
    assert encoder.config.attention_probs_dropout_prob == 0.0
    assert all(module.p == 0.0 for module in encoder.modules() if isinstance(module, torch.nn.Dropout))


@pytest.mark.parametrize(
    "config",
    [
        DistilBertConfig(vocab_size=50, dim=16, n_layers=1, n_heads=2, hidden_dim=16, attention_dropout=0.2),
        ModernBertConfig(
            vocab_size=50,
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=16,
            attention_dropout=0.2,
            **dict.fromkeys(
                ("pad_token_id", "bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"), 0
            ),
        ),
        GPT2Config(vocab_size=50, n_embd=16, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0),
    ],
    ids=lambda config: config.model_type,
)
def test_dropout_is_replaced_whatever_a_kind_of_encoder_calls_it(config, tmp_path):
    AutoModel.from_config(config).save_pretrained(tmp_path)
    encoder = load_encoder(str(tmp_path), dropout=0.0).train()
    assert all(module.p == 0.0 for module in encoder.modules() if isinstance(module, torch.nn.Dropout))
    input_ids = torch.tensor([[5, 6, 7, 8]])
    assert torch.equal(*(encoder(input_ids=input_ids).last_hidden_state for _ in range(2)))


def test_skipping_whole_layers_is_no_dropout(tmp_path):
    sizes = {
        "vocab_size": 50,
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "ffn_dim": 16,
    }
    AutoModel.from_config(OPTConfig(**sizes, word_embed_proj_dim=16, layerdrop=0.25)).save_pretrained(
        tmp_path
    )
    config = load_encoder(str(tmp_path), dropout=0.5).config
    assert (config.dropout, config.attention_dropout, config.layerdrop) == (0.5, 0.5, 0.25)


def test_a_folder_of_weights_loads(tmp_path):
    encoder = load_encoder("random-tiny")
    encoder.save_pretrained(tmp_path)
    load_tokenizer("random-tiny").save_pretrained(tmp_path)
    again = load_encoder(str(tmp_path))
    assert torch.equal(again.embeddings.word_embeddings.weight, encoder.embeddings.word_embeddings.weight)
    assert load_tokenizer(str(tmp_path)).is_fast


def test_pickled_weights_are_refused(tmp_path):
    encoder = load_encoder("random-tiny")
    encoder.config.save_pretrained(tmp_path)
    torch.save(encoder.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(EncoderError, match="cannot load"):
        load_encoder(str(tmp_path))


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(EncoderError, match=r"no folder .*nowhere; give 'minilm', a hub id or a model folder"):
        resolve_encoder(str(tmp_path / "nowhere"))


def test_what_ends_with_a_slash_is_no_hub_id(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EncoderError, match="no folder my_encoder/;"):
        resolve_encoder("my_encoder/")
    assert resolve_encoder("my_encoder") == "my_encoder"


def test_a_folder_without_configuration(tmp_path):
    with pytest.raises(EncoderError, match=r"has no config\.json"):
        resolve_encoder(str(tmp_path))


def test_a_hub_id_that_cannot_be_reached_is_one_clear_line(monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EncoderError, match="encoder: cannot load no-such-model-anywhere") as caught:
        load_tokenizer("no-such-model-anywhere")
    assert "\n" not in str(caught.value)


def test_hub_ids_pass_through():
    assert resolve_encoder("bert-base-uncased") == "bert-base-uncased"


def test_a_folder_is_read_without_asking_the_hub(tmp_path):
    # A tokenizer makes up for missing files by looking on the hub, and gives up where nobody answers.
    folder = make_encoder_folder(tmp_path / "encoder")
    program = """
import socket, sys

def refuse(*_, **__):
    raise AssertionError("somebody was asked")

socket.getaddrinfo = socket.create_connection = refuse
from sharprecl.modeling.encoders import check_max_length, load_encoder, load_tokenizer

load_tokenizer(sys.argv[1])
load_encoder(sys.argv[1])
check_max_length(sys.argv[1], 100)
"""
    environment = {key: value for key, value in os.environ.items() if key != "HF_HUB_OFFLINE"}
    subprocess.run([sys.executable, "-c", program, str(folder)], env=environment, check=True)


@pytest.mark.parametrize(
    ("config", "limit"),
    [
        (BertConfig(max_position_embeddings=20), 20),
        (RobertaConfig(max_position_embeddings=22, pad_token_id=1), 20),  # positions begin at 2
        (AutoConfig.for_model("data2vec-text", max_position_embeddings=22, pad_token_id=1), 20),
        (AutoConfig.for_model("xlm-roberta-xl", max_position_embeddings=22, pad_token_id=1), 20),
        (DebertaV2Config(max_position_embeddings=20, position_biased_input=True), 20),
    ],
)
def test_more_tokens_than_positions_are_refused(tmp_path, config, limit):
    config.save_pretrained(tmp_path)
    check_max_length(str(tmp_path), limit)
    with pytest.raises(ParameterError, match=rf"tokenize\.max_length: {limit + 1} tokens .* to {limit} or"):
        check_max_length(str(tmp_path), limit + 1)


def test_an_encoder_that_counts_distances_takes_any_length(tmp_path):
    DebertaV2Config(position_biased_input=False).save_pretrained(tmp_path)
    check_max_length(str(tmp_path), 100_000)


def test_a_model_with_a_decoder_is_refused_before_anything_is_tokenized(tmp_path):
    T5Config().save_pretrained(tmp_path)
    with pytest.raises(
        EncoderError, match=r"^encoder: .* has a decoder \(t5\), which reads no text by itself; give"
    ):
        check_max_length(str(tmp_path), 100)


def test_the_packaged_encoder_has_512_positions():
    check_max_length("minilm", 512)
    with pytest.raises(ParameterError, match="set it to 512 or less"):
        check_max_length("random-tiny", 513)


@pytest.mark.parametrize("kind", sorted(POSITIONS_BEHIND_PADDING))
def test_each_kind_counts_positions_from_behind_its_padding_token(kind):
    config = AutoConfig.for_model(
        kind, vocab_size=40, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        max_position_embeddings=22, pad_token_id=1,
    )  # fmt: skip
    if kind == "longformer":
        config.attention_window = 4
    embeddings = AutoModel.from_config(config).embeddings
    table = next(module for name, module in embeddings.named_modules() if name == "position_embeddings")
    assert table.padding_idx == 1


def test_a_tokenizer_without_a_padding_token_is_refused(tmp_path):
    tokenizer = load_tokenizer("random-tiny")
    tokenizer.pad_token = None
    tokenizer.save_pretrained(tmp_path)
    BertConfig().save_pretrained(tmp_path)
    with pytest.raises(EncoderError, match=r"'s tokenizer has no padding token; load it, set its pad_token"):
        load_tokenizer(str(tmp_path))


def test_an_encoder_says_whether_it_drops_anything():
    assert has_dropout(BertConfig())
    assert not has_dropout(ModernBertConfig())
    assert not has_dropout(BertConfig(hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0))
