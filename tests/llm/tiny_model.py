"""Small random causal models with a tokenizer trained on the spot."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedTokenizerFast,
)

CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
TOKENIZER_TEXTS = [
    "You classify texts. Each text stands between double quotes as a JSON string.",
    "Answer with exactly one class name from this list, spelled as here, and with nothing else:",
    "Text: Class: Text Processing Concurrent Execution Internet Protocols Networking",
]
# Far wider than models are made, so that a wrong position or mask shows.
WIDE = 0.4
BEGINNING, END = "<s>", "<|end|>"


def make_tokenizer(*, chat=False, begins=False):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = [BEGINNING, "<|user|>", "<|assistant|>", END]
    trainer = trainers.BpeTrainer(
        vocab_size=340, special_tokens=special, initial_alphabet=pre_tokenizers.ByteLevel.alphabet()
    )
    tokenizer.train_from_iterator(TOKENIZER_TEXTS, trainer)
    if begins:
        tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 0)])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=BEGINNING,
        eos_token=END,
        additional_special_tokens=["<|user|>", "<|assistant|>"],
    )
    if chat:
        fast.chat_template = CHAT_TEMPLATE
    return fast


def make_model(kind, vocab_size, context, window=24):
    torch.manual_seed(5)
    if kind == "gpt2":
        return GPT2LMHeadModel(
            GPT2Config(
                vocab_size=vocab_size,
                n_positions=context,
                n_embd=16,
                n_layer=2,
                n_head=2,
                initializer_range=WIDE,
                bos_token_id=0,
                eos_token_id=3,
            )
        )
    shape = {
        "vocab_size": vocab_size,
        "max_position_embeddings": context,
        "hidden_size": 16,
        "intermediate_size": 24,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "initializer_range": WIDE,
        "bos_token_id": 0,
        "eos_token_id": 3,
    }
    if kind == "llama":
        return LlamaForCausalLM(LlamaConfig(**shape))
    return MistralForCausalLM(MistralConfig(**shape, sliding_window=window))


def save_tiny_model(folder, *, kind="llama", chat=False, begins=False, context=1024):
    tokenizer = make_tokenizer(chat=chat, begins=begins)
    make_model(kind, len(tokenizer), context).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return str(folder)
