"""Texts a second from a saved model, against transformers' own pipeline.

Usage: ``python benchmarks/prediction.py``.
"""

import tempfile
from pathlib import Path

import numpy as np
from material import Corpus, load_corpus, median_seconds
from rows import Row, print_rows
from sklearn.metrics import f1_score
from transformers import pipeline

from sharprecl.modeling import Predictor, TrainedModel, load_tokenizer
from sharprecl.parameters import FitParameters
from sharprecl.training import fit_model

CORPUS = "trec"
PRECISIONS = ("fp32", "bf16", "int8")


def save_model(corpus: Corpus, folder: Path) -> None:
    """Train two epochs on the corpus and save the model."""
    result = fit_model(
        corpus.token_table,
        corpus.label_names,
        load_tokenizer("minilm"),
        "minilm",
        parameters=FitParameters(epochs=2),
        seed=0,
        checkpoint_folder=folder / "checkpoints",
    )
    result.trained_model.save(folder / "model")


def measure() -> list[Row]:
    """Rows of the table."""
    corpus = load_corpus(CORPUS)
    texts = corpus.texts
    truth = [corpus.label_names[label] for label in corpus.token_table["label_id"].to_pylist()]
    case = f"{CORPUS}, {len(texts):,} texts"
    with tempfile.TemporaryDirectory() as folder:
        save_model(corpus, Path(folder))
        classify = pipeline("text-classification", f"{folder}/model", device="cpu")
        trained = TrainedModel.load(Path(folder, "model"))
        theirs = [row["label"] for row in classify(texts, batch_size=32, truncation=True)]
        their_seconds = median_seconds(lambda: classify(texts, batch_size=32, truncation=True), 3, 0)
    rows = [Row("prediction", case, "texts/s, transformers' pipeline, batch 32", len(texts) / their_seconds)]
    their_f1 = f1_score(truth, theirs, average="macro")
    for precision in PRECISIONS:
        predictor = Predictor(trained, precision)
        names = np.array(trained.label_names)
        ours = names[predictor.score(trained.token_rows(texts), progress=False).logits.argmax(axis=1)]
        seconds = median_seconds(lambda p=predictor: p.score(trained.token_rows(texts), progress=False), 3, 0)
        bar = "≥ 4" if precision == "bf16" else ""
        rows += [
            Row("prediction", case, f"texts/s, {precision}", len(texts) / seconds),
            Row("prediction", case, f"times the pipeline's speed, {precision}", their_seconds / seconds, bar),
            Row(
                "prediction",
                case,
                f"labels that differ, {precision}",
                int((ours != np.array(theirs)).sum()),
                "" if precision == "int8" else "0",
            ),
            Row(
                "prediction",
                case,
                f"change of macro-F1, points, {precision}",
                100 * (f1_score(truth, ours, average="macro") - their_f1),
            ),
        ]
    return rows


if __name__ == "__main__":
    print_rows(measure())
