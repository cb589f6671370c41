"""What was made for one run is not taken for that of another."""

from types import SimpleNamespace

import pandas as pd
import pyarrow as pa
import pytest

from sharprecl.datasets.arrow_frame import ArrowFrameDataset
from sharprecl.datasets.arrow_table import ArrowTableDataset
from sharprecl.datasets.made_with import (
    check_made_with,
    corpus_settings,
    read_stamp,
    stamp_frame,
    stamp_table,
    token_settings,
    training_settings,
)
from sharprecl.errors import CorpusError, ModelError
from sharprecl.hooks.saved_tables import SavedTableHooks
from sharprecl.parameters import CorpusParameters, FitParameters, ProfileParameters, TokenizeParameters
from sharprecl.pipelines.ingest.nodes import clean_texts, split_texts
from sharprecl.pipelines.profile.nodes import measure_imbalance
from sharprecl.pipelines.tokenize.nodes import tokenize_corpus

TREC = CorpusParameters(name="trec")
TOKENIZE = TokenizeParameters(max_length=64)
ROWS = pd.DataFrame(
    {"row_id": range(40), "text": [f"t {i}" for i in range(40)], "label": ["a", "b"] * 20, "split": "train"}
)


def settings_of(corpus=TREC, encoder="minilm", seed=0, preset="sharprecl", fit=None):
    """Those of a run."""
    return {
        **token_settings(corpus_settings(corpus), encoder, TOKENIZE),
        **training_settings(encoder, preset, fit or FitParameters(), seed),
    }


def corpus_of(corpus: CorpusParameters, seed: int = 0) -> pd.DataFrame:
    return stamp_frame(pd.DataFrame({"text": ["a"]}), {**corpus_settings(corpus), "seed": seed})


def tokens_of(corpus: CorpusParameters, encoder: str = "minilm", max_length: int = 64) -> pa.Table:
    tokenize = TokenizeParameters(max_length=max_length)
    return stamp_table(pa.table({"x": [1]}), token_settings(corpus_settings(corpus), encoder, tokenize))


def profile_of(corpus: pd.DataFrame) -> dict:
    near = {"pairs": dict.fromkeys(("train_test", "train_train", "validation_test", "train_validation"), 0)}
    lengths = {"token_lengths": {}, "text_lengths": {}}
    fit = FitParameters()
    return measure_imbalance(corpus, lengths, near, ProfileParameters(), fit, "sharprecl")[0]


def test_the_nodes_of_the_pipelines_stamp_what_the_run_checks(tmp_path, monkeypatch):
    monkeypatch.setattr("sharprecl.profiling.advise", lambda _: [])
    corpus = CorpusParameters(train="x.csv", validation_fraction=0.2)
    clean, report = clean_texts(ROWS, corpus)
    labelled, _ = split_texts(clean, report, corpus, 3)
    file = ArrowFrameDataset(str(tmp_path / "labelled_corpus.arrow"))
    file.save(labelled)
    tokens, _ = tokenize_corpus(file.load(), ["a", "b"], "minilm", TOKENIZE)
    token_file = ArrowTableDataset(str(tmp_path / "token_table.arrow"))
    token_file.save(tokens)
    made = {
        "clean_corpus": clean,
        "labelled_corpus": file.load(),
        "token_table": token_file.load(),
        "imbalance_profile": profile_of(file.load()),
    }
    for name, artifact in {**made, "metrics": {}}.items():
        check_made_with(name, artifact, settings_of(corpus, seed=3))
    assert read_stamp(made["token_table"])["corpus.train"] == "x.csv"
    # Splits are drawn with the seed; the cleaned texts are not.
    check_made_with("clean_corpus", clean, settings_of(corpus, seed=4))
    for name in ("labelled_corpus", "token_table", "imbalance_profile"):
        with pytest.raises(CorpusError, match=f"^{name}: made with seed=3, this run has seed=4; "):
            check_made_with(name, made[name], settings_of(corpus, seed=4))


@pytest.mark.parametrize("name", ["clean_corpus", "labelled_corpus", "imbalance_profile"])
def test_a_corpus_of_another_name(name):
    made = corpus_of(CorpusParameters(name="ohsumed"))
    artifact = {"made_with": read_stamp(made)} if name == "imbalance_profile" else made
    with pytest.raises(CorpusError) as refused:
        check_made_with(name, artifact, settings_of())
    pipelines = "ingest,profile" if name == "imbalance_profile" else "ingest"
    assert str(refused.value) == (
        f"{name}: made with corpus.name=ohsumed, this run has corpus.name=trec; "
        f"run `kedro run --pipelines={pipelines}` with this run's --env and --params first"
    )


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (tokens_of(CorpusParameters(name="ohsumed")), "corpus.name=ohsumed, this run has corpus.name=trec"),
        (tokens_of(CorpusParameters(train="x.csv")), "corpus.train=x.csv, this run has corpus.name=trec"),
        (tokens_of(TREC, encoder="./mine"), "encoder=./mine, this run has encoder=minilm"),
        (tokens_of(TREC, max_length=32), "tokenize.max_length=32, this run has tokenize.max_length=64"),
        (
            tokens_of(CorpusParameters(name="trec", long_tail={"imbalance_ratio": 10})),
            "corpus.long_tail.profile=exponential, corpus.long_tail.imbalance_ratio=10.0, "
            "corpus.long_tail.step_fraction=0.5, this run has no corpus.long_tail.profile",
        ),
    ],
)
def test_tokens_made_with_something_else(table, expected):
    with pytest.raises(CorpusError) as refused:
        check_made_with("token_table", table, settings_of())
    assert str(refused.value) == (
        f"token_table: made with {expected}; "
        "run `kedro run --pipelines=ingest,profile,tokenize` with this run's --env and --params first"
    )


def test_a_corpus_of_the_users_own_pipeline_passes_and_its_tokens_are_held_to_the_encoder():
    corpus = pd.DataFrame({"text": ["a"]})
    check_made_with("labelled_corpus", corpus, settings_of())
    check_made_with("token_table", pa.table({"x": [1]}), settings_of())
    check_made_with("imbalance_profile", {"num_classes": 2}, settings_of())
    tokens = stamp_table(pa.table({"x": [1]}), token_settings(read_stamp(corpus), "minilm", TOKENIZE))
    check_made_with("token_table", tokens, settings_of())
    with pytest.raises(
        CorpusError, match=r"token_table: made with encoder=minilm, this run has encoder=\./mine;"
    ):
        check_made_with("token_table", tokens, settings_of(encoder="./mine"))


def model_with(made_with):
    return SimpleNamespace(made_with=made_with)


@pytest.mark.parametrize(
    ("trained", "expected"),
    [
        ({"encoder": "models/mine"}, "encoder=mine, this run has encoder=minilm"),
        ({"preset": "focal"}, "preset=focal, this run has preset=sharprecl"),
        ({"seed": 2}, "seed=2, this run has seed=0"),
        ({"fit": FitParameters(epochs=2)}, "fit.epochs=2, this run has fit.epochs=6"),
    ],
)
def test_a_model_of_another_training(trained, expected):
    made = training_settings(
        **{"encoder": "minilm", "preset": "sharprecl", "fit": FitParameters(), "seed": 0, **trained}
    )
    with pytest.raises(ModelError) as refused:
        check_made_with("model", model_with(made), settings_of())
    assert str(refused.value) == (
        f"model: trained with {expected}; give it the --env and --params of that training, or train with "
        "this run's by `kedro run --pipeline=train`"
    )


def test_a_model_may_be_evaluated_in_another_place_or_by_another_version():
    made = training_settings("minilm", "sharprecl", FitParameters(device="cuda", precision="bf16"), 0)
    check_made_with("model", model_with(made), settings_of(fit=FitParameters(device="cpu")))
    made["encoder"] = "/elsewhere/mine"
    check_made_with("model", model_with(made), settings_of(encoder="here/mine"))
    made["encoder"] = "minilm"
    check_made_with("model", model_with({**made, "fit.given_up": 1}), settings_of())
    del made["fit.max_margin"]  # a key that came later
    check_made_with("model", model_with(made), settings_of())
    check_made_with("model", model_with(None), settings_of())


def test_the_run_compares_the_preset_as_it_takes_effect():
    hooks = SavedTableHooks()
    parameters = {"preset": "focal", "seed": 1, "fit": {"epochs": 2}}
    hooks.after_context_created(SimpleNamespace(config_loader={"parameters": parameters}))
    fit = FitParameters(epochs=2, classification_loss="focal", contrastive_weight=0.0)
    made = training_settings("minilm", "focal", fit, 1)
    hooks.after_dataset_loaded("model", model_with(made))
    with pytest.raises(
        ModelError, match=r"trained with fit\.classification_loss=cross_entropy, this run has"
    ):
        hooks.after_dataset_loaded("model", model_with({**made, "fit.classification_loss": "cross_entropy"}))


@pytest.mark.parametrize(
    ("changes", "is_drawn"),
    [({}, False), ({"long_tail": {"imbalance_ratio": 2}}, True), ({"validation": None}, True)],
)
def test_the_seed_counts_where_it_has_drawn(changes, is_drawn):
    splits = ["train"] * 28 + ["validation"] * (8 if "validation" not in changes else 0) + ["test"] * 4
    rows = ROWS[: len(splits)].assign(split=splits)
    corpus = CorpusParameters(**{"train": "x.csv", "validation": "y.csv", "test": "z.csv", **changes})
    labelled, _ = split_texts(rows, {}, corpus, 3)
    assert ("seed" in read_stamp(labelled)) == is_drawn


def test_a_stamp_leaves_other_metadata_alone():
    table = pa.table({"x": [1]}).replace_schema_metadata({"mine": "1"})
    assert stamp_table(table, {"encoder": "minilm"}).schema.metadata[b"mine"] == b"1"
