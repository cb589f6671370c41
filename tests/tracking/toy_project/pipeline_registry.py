import pandas as pd
import torch
from kedro.pipeline import Node, Pipeline
from plotly.graph_objects import Figure, Scatter

from sharprecl.errors import CorpusError
from sharprecl.modeling import TrainedModel
from sharprecl.modeling.encoders import load_tokenizer
from sharprecl.parameters import CorpusParameters, FitParameters
from sharprecl.tracking.live_metrics import log_metrics
from sharprecl.training.build import build_model


def label(corpus: CorpusParameters) -> pd.DataFrame:
    if corpus.text == "nowhere":
        raise CorpusError("corpus.text: there is no column nowhere;\nchoose one of text, title")
    if corpus.text == "interrupt":
        raise KeyboardInterrupt
    splits = ["train", "train", "validation", "test"]
    return pd.DataFrame(
        {"row_id": range(4), "text": [corpus.text, "b", "c", "d"], "label": list("xyxy"), "split": splits}
    )


def train(labelled_corpus: pd.DataFrame, fit: FitParameters, seed: int):
    torch.manual_seed(seed)
    for step in range(3):
        log_metrics({"train/loss": 1.0 - step / 10}, step)
    tokenizer = load_tokenizer("random-tiny")
    return TrainedModel(build_model("random-tiny", ["x", "y"], [1, 1], fit).eval(), tokenizer)


def score(model: TrainedModel, fit: FitParameters):
    # The learning rate stands in for how good the model is.
    metrics = {
        "validation": {"macro_f1": fit.learning_rate},
        "test": {"macro_f1": 0.25, "accuracy": 0.5, "labels": ["x", "y"]},
    }
    return metrics, Figure(Scatter(y=[1, 2]))


def measure(corpus: CorpusParameters):
    return {"num_classes": 2, "imbalance_ratio": 3.0, "note": "toy"}


def describe(metrics):
    return f"macro-F1 {metrics['test']['macro_f1']}"


def crash(model: TrainedModel):
    raise ZeroDivisionError("a fault in the program")


def register_pipelines() -> dict[str, Pipeline]:
    fit = Pipeline(
        [
            Node(label, "params:corpus", "labelled_corpus"),
            Node(measure, "params:corpus", "imbalance_profile"),
            Node(train, ["labelled_corpus", "params:fit", "params:seed"], "model"),
        ]
    )
    assess = Pipeline(
        [
            Node(score, ["model", "params:fit"], ["metrics", "reliability_plot"]),
            Node(describe, "metrics", "model_card"),
        ],
        namespace="assess",
        prefix_datasets_with_namespace=False,
    )
    broken = Pipeline([Node(crash, "model", "predictions")])
    whole = fit + assess
    return {"__default__": whole, "train": whole, "fit": fit, "assess": assess, "evaluate": broken}
