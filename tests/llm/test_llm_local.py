"""Class names scored by a small random model, against reading every prompt with every name."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    BertConfig,
    BertForMaskedLM,
    MambaConfig,
    MambaForCausalLM,
    PreTrainedConfig,
)

from sharprecl.errors import ModelError, ParameterError
from sharprecl.llm import LocalModel, choose_examples, classify_with_llm, local_model
from sharprecl.llm.likelihood import answer_log_likelihoods, pad_left
from sharprecl.llm.prompt import Prompt, build_prompts
from sharprecl.llm.token_prompt import encode_names, encode_prompt
from tests.llm.tiny_model import make_model, make_tokenizer, save_tiny_model

NAMES = ["Text", "Text Processing", "Concurrent Execution", "C++"]
TEXTS = [
    "join the words",
    "b",
    "Start a thread, and wait until it has ended. " * 3,
    "ä 漢字 <|end|>",
    "open a socket",
]
EXAMPLES = [("split a string", 1), ("lock", 2), ("headers", 3), ("plain", 0)]


@pytest.fixture(autouse=True)
def on_cpu(monkeypatch):
    monkeypatch.setattr(local_model, "select_device", lambda _: "cpu")


def classify(model, cache_folder, texts=TEXTS, **changes):
    settings = {
        "examples": EXAMPLES,
        "shots_per_class": 0,
        "batch_size": 2,
        "max_answer_tokens": 8,
        "seed": 0,
    }
    return classify_with_llm(
        texts, NAMES, model=model, cache_folder=cache_folder, progress=False, **{**settings, **changes}
    )


def naive_score(model, head, answer):
    """Σ_t log P(a_t | x, a_<t), one token at a time and without a cache."""
    total = 0.0
    for position, token in enumerate(answer):
        with torch.no_grad():
            logits = model(torch.tensor([head + answer[:position]])).logits[0, -1].double()
        total += float(logits[token] - torch.logsumexp(logits, 0))
    return total


def naive_scores(folder, rendered, end):
    """Every prompt, rendered, with every name as strings of their own."""
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    special = not tokenizer.chat_template
    scores = []
    for prompt in rendered:
        head = tokenizer(prompt, add_special_tokens=special)["input_ids"]
        row = []
        for name in NAMES:
            whole = tokenizer(prompt + end.format(name), add_special_tokens=special)["input_ids"]
            assert whole[: len(head)] == head
            row.append(naive_score(model, head, whole[len(head) :]))
        scores.append(row)
    return np.array(scores)


@pytest.mark.parametrize("batch_size", [1, 2, 5])
@pytest.mark.parametrize("kind", ["gpt2", "llama", "mistral"])
def test_scores_equal_a_plain_loop(tmp_path, kind, batch_size):
    folder = save_tiny_model(tmp_path / "model", kind=kind, begins=kind == "llama")
    result = classify(folder, tmp_path / "cache", batch_size=batch_size)
    rendered = [prompt.plain() for prompt in build_prompts(TEXTS, NAMES, [])]
    expected = naive_scores(folder, rendered, " {}\n")
    assert result.scores.dtype == np.float32
    np.testing.assert_allclose(result.scores, expected, rtol=2e-6, atol=2e-4)
    assert np.ptp(expected, axis=0).min() > 0.1  # the text matters, by far more than the tolerance
    np.testing.assert_array_equal(result.predicted, expected.argmax(axis=1))


def test_chat_form_and_examples_equal_a_plain_loop(tmp_path):
    folder = save_tiny_model(tmp_path / "model", chat=True)
    result = classify(folder, tmp_path / "cache", shots_per_class=1, seed=3)
    order = choose_examples(EXAMPLES, len(NAMES), 1, 3)
    assert sorted(order) == sorted(EXAMPLES)
    rendered = []
    for text in TEXTS:
        system, *turns = build_prompts([text], NAMES, order)[0].messages()
        turns[0] = {"role": "user", "content": f"{system['content']}\n\n{turns[0]['content']}"}
        rendered.append("".join(f"<|{t['role']}|>{t['content']}<|end|>" for t in turns) + "<|assistant|>")
    expected = naive_scores(folder, rendered, "{}<|end|>")
    np.testing.assert_allclose(result.scores, expected, rtol=2e-6, atol=2e-4)


def test_one_prompt_and_one_token(tmp_path):
    folder = save_tiny_model(tmp_path / "model")
    local = LocalModel.load(folder)
    ((chosen, scores),) = answer_log_likelihoods(local.model, [[7]], [[9], [9, 4]], batch_size=4)
    assert chosen == [0]
    expected = [naive_score(local.model, [7], [9]), naive_score(local.model, [7], [9, 4])]
    np.testing.assert_allclose(scores[0].numpy(), expected, rtol=1e-5)
    assert expected[1] < expected[0]


def test_prompts_without_a_common_beginning(tmp_path):
    """The padding is then at the very beginning, and the shorter row's first columns see nothing."""
    local = LocalModel.load(save_tiny_model(tmp_path / "model", kind="gpt2"))
    rows = [[5, 6, 7, 8, 9], [10], [11, 5]]
    scores = torch.empty(3, 2)
    for chosen, part in answer_log_likelihoods(local.model, rows, [[20, 21, 22], [23]], batch_size=3):
        scores[chosen] = part
    expected = [[naive_score(local.model, row, answer) for answer in ([20, 21, 22], [23])] for row in rows]
    np.testing.assert_allclose(scores.numpy(), expected, rtol=1e-5)


def test_the_common_beginning_is_read_once(tmp_path, monkeypatch):
    local = LocalModel.load(save_tiny_model(tmp_path / "model"))
    widths = []
    forward = local.model.forward
    monkeypatch.setattr(
        local.model,
        "forward",
        lambda *args, **kwargs: (widths.append(tuple(kwargs["input_ids"].shape)), forward(*args, **kwargs))[
            1
        ],
    )
    rows = [[1] * 50 + [2, 3], [1] * 50 + [4], [1] * 50 + [4, 4]]
    list(answer_log_likelihoods(local.model, rows, [[9, 8, 7], [9]], batch_size=2))
    assert widths == [(1, 50), (2, 2), (2, 2), (1, 1), (1, 2)]


@pytest.mark.parametrize(("window", "shared"), [(54, False), (55, True)])
def test_layers_that_see_less_than_all_read_whole_prompts(window, shared, monkeypatch):
    model = make_model("mistral", 340, 100, window=window).eval()
    rows = [[1] * 50 + [2, 3], [1] * 50 + [4]]
    widths = []
    forward = model.forward
    monkeypatch.setattr(
        model,
        "forward",
        lambda *args, **kwargs: (widths.append(kwargs["input_ids"].shape[1]), forward(*args, **kwargs))[1],
    )
    ((_, scores),) = answer_log_likelihoods(model, rows, [[9, 8, 7]], batch_size=2)
    assert widths == ([50, 2, 2] if shared else [50, 52, 2])
    monkeypatch.undo()
    expected = [[naive_score(model, row, [9, 8, 7])] for row in rows]
    np.testing.assert_allclose(scores.numpy(), expected, rtol=1e-5)


def test_pad_left():
    ids, mask = pad_left([[5], [6, 7]], torch.device("cpu"))
    assert ids.tolist() == [[0, 5], [6, 7]]
    assert mask.tolist() == [[0, 1], [1, 1]]


def test_the_end_makes_names_that_begin_others_comparable(tmp_path):
    tokenizer = make_tokenizer()
    text, processing = encode_names(tokenizer, ["Text", "Text Processing"])
    assert tokenizer.decode(text) == " Text\n"
    assert tokenizer.decode(processing) == " Text Processing\n"
    assert processing[: len(text)] != text
    chat = encode_names(make_tokenizer(chat=True), ["Text"])[0]
    assert (chat[-1], tokenizer.decode(chat)) == (3, "Text<|end|>")


def test_the_prompt_begins_once_and_does_not_end():
    prompt = Prompt(("A", "B"), (), "x")
    tokens = encode_prompt(make_tokenizer(begins=True), prompt, 500)
    assert tokens[0] == 0
    assert tokens[1:] == encode_prompt(make_tokenizer(), prompt, 500)
    ending = make_tokenizer(begins=True)
    ending.eos_token = ending.bos_token
    ending.backend_tokenizer.post_processor = TemplateProcessing(single="$A <s>", special_tokens=[("<s>", 0)])
    assert encode_prompt(ending, prompt, 500) == tokens[1:]


@pytest.mark.parametrize("chat", [False, True])
def test_long_texts_are_cut_to_fit(tmp_path, chat):
    tokenizer = make_tokenizer(chat=chat)
    empty = len(encode_prompt(tokenizer, Prompt(tuple(NAMES), (), ""), 10_000))
    text = "".join(f'line {index}\n"' for index in range(400))
    tokens = encode_prompt(tokenizer, Prompt(tuple(NAMES), (), text), empty + 300)
    assert empty + 290 <= len(tokens) <= empty + 300
    shown = tokenizer.decode(tokens)
    quoted = shown[shown.rindex('"line 0') :].split("<|end|>" if chat else "\nClass:")[0]
    assert text.startswith(json.loads(quoted))
    assert shown.endswith("<|assistant|>" if chat else "Class:")


def test_a_model_of_short_context_still_scores_long_texts(tmp_path):
    folder = save_tiny_model(tmp_path / "model", kind="gpt2", context=512)
    result = classify(folder, tmp_path / "cache", texts=["word " * 5000, "b"])
    assert np.isfinite(result.scores).all()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    longest = max(len(tokenizer(f" {name}\n")["input_ids"]) for name in NAMES)
    kept = [json.loads(line) for line in (tmp_path / "cache" / "answers.jsonl").read_text().splitlines()]
    assert 490 < max(record["prompt_tokens"] for record in kept) <= 512 - longest


def test_no_room_for_the_text(tmp_path):
    folder = save_tiny_model(tmp_path / "model", kind="gpt2", context=256)
    message = (
        r"4 class names and 4 examples take [\d,]+ tokens, the model has room for 2\d\d; lower it or choose"
    )
    with pytest.raises(ParameterError, match=message):
        classify(folder, tmp_path / "cache", shots_per_class=1)


def test_context(tmp_path):
    local = LocalModel.load(save_tiny_model(tmp_path / "model", context=300))
    assert local.context == 300
    local.tokenizer.model_max_length = 200
    assert local.context == 200
    silent = local._replace(model=SimpleNamespace(config=PreTrainedConfig()))
    assert silent.context == 200
    local.tokenizer.model_max_length = int(1e30)
    assert (local.context, silent.context) == (300, 2048)


def test_again_is_the_same_and_from_the_cache(tmp_path, monkeypatch):
    folder = save_tiny_model(tmp_path / "model")
    first = classify(folder, tmp_path / "cache")
    elsewhere = classify(folder, tmp_path / "other")
    np.testing.assert_array_equal(first.scores, elsewhere.scores)
    assert (first.cost.asked, first.cost.cached) == (5, 0)
    assert first.cost.prompt_tokens > 5 * 50
    tokenizer = AutoTokenizer.from_pretrained(folder)
    num_name_tokens = sum(len(tokenizer(f" {name}\n")["input_ids"]) for name in NAMES)
    assert first.cost.answer_tokens == 5 * num_name_tokens
    monkeypatch.setattr(LocalModel, "load", lambda name: pytest.fail("nothing is left to ask"))
    second = classify(folder, tmp_path / "cache")
    np.testing.assert_array_equal(first.scores, second.scores)
    np.testing.assert_array_equal(first.predicted, second.predicted)
    assert second.cost == (0, 0, None, 5, 0)


def test_another_model_in_the_same_folder_is_asked_anew(tmp_path):
    folder = save_tiny_model(tmp_path / "model")
    first = classify(folder, tmp_path / "cache")
    save_tiny_model(tmp_path / "model", kind="gpt2")
    second = classify(folder, tmp_path / "cache")
    assert second.cost.asked == 5
    assert not np.allclose(first.scores, second.scores)


def test_no_texts_need_no_model(tmp_path):
    result = classify("some/model", tmp_path / "cache", texts=[])
    assert (result.predicted.shape, result.scores.shape) == ((0,), (0, 4))
    assert result.predicted.dtype == np.int64


def test_batches_done_before_an_error_are_kept(tmp_path, monkeypatch):
    folder = save_tiny_model(tmp_path / "model")

    def broken(*args, **kwargs):
        for number, (chosen, scores) in enumerate(answer_log_likelihoods(*args, **kwargs)):
            yield chosen, scores if number == 0 else torch.full_like(scores, math.nan)

    monkeypatch.setattr(local_model, "answer_log_likelihoods", broken)
    with pytest.raises(
        ModelError, match=r"compare\.llm\.model: llama gives scores that are not numbers; choose"
    ):
        classify(folder, tmp_path / "cache")
    monkeypatch.undo()
    monkeypatch.setattr(local_model, "select_device", lambda _: "cpu")
    assert classify(folder, tmp_path / "cache").cost[3:] == (2, 3)


def load_error(name):
    with pytest.raises(ModelError) as caught:
        LocalModel.load(str(name))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_no_such_folder(tmp_path):
    message = load_error(tmp_path / "nowhere")
    assert message == f"compare.llm.model: no folder {tmp_path / 'nowhere'}; give a model folder or a hub id"
    assert "no folder ./x;" in load_error("./x")


def test_an_unreachable_hub_id():
    assert "cannot load nobody/nothing (" in load_error("nobody/nothing")


def test_pickled_weights_are_refused(tmp_path):
    folder = tmp_path / "model"
    save_tiny_model(folder)
    (folder / "model.safetensors").unlink()
    torch.save({}, folder / "pytorch_model.bin")
    assert "or a folder with config.json, tokenizer.json and model.safetensors" in load_error(folder)


def test_torn_weights(tmp_path):
    folder = tmp_path / "model"
    save_tiny_model(folder)
    weights = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    assert f"cannot load {folder} (" in load_error(folder)


def test_a_configuration_of_nonsense(tmp_path):
    folder = tmp_path / "model"
    save_tiny_model(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "hidden_size": "wide"}))
    assert f"cannot load {folder} (" in load_error(folder)
    (folder / "config.json").write_text("{")
    assert f"cannot load {folder} (" in load_error(folder)


def test_code_in_a_folder_is_not_run(tmp_path):
    folder = tmp_path / "model"
    save_tiny_model(folder)
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "mine", "auto_map": {"AutoConfig": "m.C", "AutoModelForCausalLM": "m.M"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "m.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert "cannot load" in load_error(folder)
    assert not (tmp_path / "ran").exists()


def test_an_encoder_is_refused(tmp_path):
    config = BertConfig(
        vocab_size=340, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
    )
    BertForMaskedLM(config).save_pretrained(tmp_path)
    make_tokenizer().save_pretrained(tmp_path)
    assert load_error(tmp_path).endswith("is a BertForMaskedLM; choose a causal language model")


def test_missing_weights_are_refused(tmp_path):
    save_tiny_model(tmp_path)
    weights = load_file(tmp_path / "model.safetensors")
    del weights["model.norm.weight"]
    save_file(weights, tmp_path / "model.safetensors", metadata={"format": "pt"})
    assert "lacks the weights model.norm.weight; choose" in load_error(tmp_path)


def test_a_recurrent_model_is_refused(tmp_path):
    config = MambaConfig(vocab_size=340, hidden_size=8, num_hidden_layers=1, state_size=4)
    MambaForCausalLM(config).save_pretrained(tmp_path)
    make_tokenizer().save_pretrained(tmp_path)
    assert "cannot go on from what it has read; choose a causal language model with attention" in load_error(
        tmp_path
    )
