"""An encoder in a folder of its own, and other weights in the same place."""

from pathlib import Path

from safetensors.torch import load_file, save_file

from sharprecl.modeling.encoders import load_encoder, load_tokenizer


def make_encoder_folder(folder: Path) -> Path:
    """The tiny encoder and its tokenizer, as ``save_pretrained`` writes them."""
    load_encoder("random-tiny").save_pretrained(folder)
    load_tokenizer("random-tiny").save_pretrained(folder)
    return folder


def change_weights(folder: Path) -> None:
    """Other weights under the same name and of the same size."""
    path = folder / "model.safetensors"
    weights = load_file(path)
    save_file({name: value + 1 for name, value in weights.items()}, path, metadata={"format": "pt"})
