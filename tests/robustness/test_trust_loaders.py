"""Files that carry programs: none is run, whoever loads them."""

import json
import os
import pickle
import shutil
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from sharprecl import modeling, training
from sharprecl.corpora import WantedColumns, read_table
from sharprecl.errors import EncoderError, ModelError, SharpreclError
from sharprecl.llm.local_model import LocalModel
from sharprecl.modeling import TrainedModel
from sharprecl.modeling.encoders import load_encoder, load_tokenizer
from sharprecl.parameters import FitParameters, TokenizeParameters
from sharprecl.pipelines.tokenize.nodes import list_label_names, tokenize_corpus
from tests.robustness.laws import assert_one_line

ENCODER = "random-tiny"
LABELS = ["a", "b"]


class Program:
    """A pickle of it makes a file when it is loaded without restriction."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self):
        return os.mkdir, (str(self.marker),)


@pytest.fixture
def marker(tmp_path) -> Path:
    return tmp_path / "ran"


@pytest.fixture(scope="module")
def tokens() -> pa.Table:
    rows = [(f"word{place % 2} text {place}", LABELS[place % 2]) for place in range(24)]
    corpus = pd.DataFrame(rows, columns=["text", "label"], dtype="str")
    corpus["split"] = ["validation" if place < 6 else "train" for place in range(24)]
    corpus.insert(0, "row_id", range(24))
    table, _ = tokenize_corpus(corpus, list_label_names(corpus), ENCODER, TokenizeParameters(max_length=16))
    return table


def fit(tokens: pa.Table, folder: Path):
    return training.fit_model(
        tokens,
        LABELS,
        modeling.load_tokenizer(ENCODER),
        ENCODER,
        parameters=FitParameters(epochs=2, batch_size=8),
        seed=0,
        checkpoint_folder=folder,
    )


@pytest.fixture(scope="module")
def trained(tokens, tmp_path_factory) -> tuple[TrainedModel, Path]:
    """A trained model and the folder in which its checkpoints still lie."""
    folder = tmp_path_factory.mktemp("checkpoints")
    return fit(tokens, folder).trained_model, folder


def test_the_program_runs_where_nothing_restrains_it(marker):
    pickle.loads(pickle.dumps(Program(marker)))  # noqa: S301 - what the other tests must not do
    assert marker.is_dir()


def test_a_resumed_training_loads_its_state_with_weights_only(tokens, trained, tmp_path, monkeypatch):
    shutil.copytree(trained[1], tmp_path / "run", dirs_exist_ok=True)
    loaded = []
    load = torch.load

    def record(file, *arguments, **named):
        loaded.append((Path(str(file)).name, named.get("weights_only")))
        return load(file, *arguments, **named)

    monkeypatch.setattr(torch, "load", record)
    fit(tokens, tmp_path / "run")
    assert {name for name, _ in loaded} >= {"optimizer.pt", "scheduler.pt"}
    assert {restricted for _, restricted in loaded} == {True}


@pytest.mark.parametrize("name", ["optimizer.pt", "scheduler.pt", "rng_state.pth", "training_args.bin"])
@pytest.mark.parametrize("save", [torch.save, lambda program, file: file.write_bytes(pickle.dumps(program))])
def test_a_program_in_a_checkpoint_is_not_run(tokens, trained, tmp_path, marker, name, save):
    run = tmp_path / "run"
    shutil.copytree(trained[1], run)
    files = list(run.rglob(name))
    assert files
    for file in files:
        save(Program(marker), file)
    with suppress(SharpreclError, pickle.UnpicklingError):  # refusing is as good as passing over
        fit(tokens, run)
    assert not marker.exists()


def write_encoder(folder: Path, marker: Path) -> None:
    """An encoder that asks to be loaded by a program of its own."""
    folder.mkdir()
    names = {"AutoConfig": "program.C", "AutoModel": "program.M", "AutoModelForCausalLM": "program.M"}
    config = {"model_type": "unheard-of", "auto_map": names, "architectures": ["M"]}
    tokenizer = {"auto_map": {"AutoTokenizer": ["program.T", "program.T"]}, "tokenizer_class": "T"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    (folder / "program.py").write_text(f"import os\nos.mkdir({str(marker)!r})\n", encoding="utf-8")


@pytest.mark.parametrize("load", [load_encoder, load_tokenizer, LocalModel.load])
def test_a_program_beside_an_encoder_is_not_run(tmp_path, marker, load):
    write_encoder(tmp_path / "encoder", marker)
    with pytest.raises((EncoderError, ModelError)) as caught:
        load(str(tmp_path / "encoder"))
    assert_one_line(caught.value)
    assert not marker.exists()


def pickle_weights(folder: Path, marker: Path) -> None:
    """Put pickled weights in the place of safetensors."""
    for file in folder.glob("*.safetensors"):
        file.unlink()
    torch.save({"weight": Program(marker)}, folder / "pytorch_model.bin")


def test_pickled_weights_of_an_encoder_are_refused(tmp_path, marker):
    load_encoder(ENCODER).save_pretrained(tmp_path / "encoder")
    pickle_weights(tmp_path / "encoder", marker)
    with pytest.raises(EncoderError) as caught:
        load_encoder(str(tmp_path / "encoder"))
    assert_one_line(caught.value)
    assert not marker.exists()


def test_pickled_weights_and_programs_of_a_model_folder_are_refused(trained, tmp_path, marker):
    folder = tmp_path / "model"
    trained[0].save(folder)
    assert TrainedModel.load(folder).label_names == LABELS
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    classes = ("AutoConfig", "AutoModel", "AutoModelForSequenceClassification")
    config["auto_map"] = config["encoder"]["auto_map"] = dict.fromkeys(classes, "program.M")
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "program.py").write_text(f"import os\nos.mkdir({str(marker)!r})\n", encoding="utf-8")
    assert TrainedModel.load(folder).label_names == LABELS
    pickle_weights(folder, marker)
    with pytest.raises(ModelError) as caught:
        TrainedModel.load(folder)
    assert_one_line(caught.value)
    assert not marker.exists()


def test_a_program_in_a_parquet_files_types_is_not_run(tmp_path, marker):
    """Old releases of Arrow unpickled this."""
    named = {"ARROW:extension:name": "arrow.py_extension_type"}
    named["ARROW:extension:metadata"] = pickle.dumps(Program(marker))
    schema = pa.schema([pa.field("text", pa.string(), metadata=named), pa.field("label", pa.string())])
    pq.write_table(pa.table({"text": ["x"], "label": ["y"]}, schema=schema), tmp_path / "rows.parquet")
    assert read_table(tmp_path / "rows.parquet", WantedColumns(["text"]))["text"].tolist() == ["x"]
    assert not marker.exists()
