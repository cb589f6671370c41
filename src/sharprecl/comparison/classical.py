"""Methods that train no encoder: TF-IDF or frozen states under a linear classifier."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC
from transformers import set_seed

from sharprecl.comparison.corpus_splits import ComparisonData
from sharprecl.errors import CorpusError
from sharprecl.modeling import TrainedModel, load_tokenizer
from sharprecl.modeling.device import select_device
from sharprecl.parameters import FitParameters
from sharprecl.parameters.compare import ClassicalMethod
from sharprecl.training.build import build_model
from sharprecl.training.post_hoc import INVERSE_PENALTIES, Split, balanced_regression, macro_f1

SplitScorer = Callable[[str], np.ndarray]
"""Takes a split's name and gives its scores, shape [N, C]."""
Features: TypeAlias = np.ndarray | csr_matrix


def fit_classical(
    method: ClassicalMethod, data: ComparisonData, *, fit: FitParameters, seed: int
) -> SplitScorer:
    """Fit one of the methods, its penalty chosen by validation macro-F1.

    Args:
        method: its name.
        data: the corpus.
        fit: the ``fit`` block, which says how an encoder pools its states and where it runs.
        seed: of the support vector machine's order of texts, and of an encoder with random weights.

    Returns:
        Scores any split.
    """
    features = _frozen_states(data, fit, seed) if method == "frozen-logistic-regression" else _tfidf(data)
    train = Split(features("train"), data.labels("train"))
    validation = Split(features("validation"), data.labels("validation"))
    if method == "tfidf-svm":
        model: LinearSVC | LogisticRegression = _support_vectors(train, validation, seed)
    else:
        model = balanced_regression(train, validation)
    return lambda split: _class_scores(model, features(split))


def _tfidf(data: ComparisonData) -> Callable[[str], Features]:
    """TF-IDF of words and word pairs, learnt from the training texts."""
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode")
    try:
        vectorizer.fit(data.split_texts("train"))
    except ValueError as error:
        if "empty vocabulary" not in str(error):
            raise
        raise CorpusError(
            "compare.methods: no training text has a word of two letters, of which TF-IDF is made; "
            "name methods without tfidf"
        ) from error
    return lambda split: vectorizer.transform(data.split_texts(split))


def _frozen_states(data: ComparisonData, fit: FitParameters, seed: int) -> Callable[[str], Features]:
    """The encoder's pooled states as it was delivered."""
    set_seed(seed)  # an encoder may have random weights
    tokenizer = load_tokenizer(data.encoder)
    block = FitParameters(pooling=fit.pooling)
    device = select_device(fit.device)
    model = build_model(data.encoder, data.label_names, data.class_counts.tolist(), block, device)
    model.to(device)  # type: ignore[arg-type] # transformers' decorator hides the signature
    frozen = TrainedModel(model, tokenizer)
    return lambda split: frozen.encode(data.token_rows(split))


def _support_vectors(train: Split, validation: Split, seed: int) -> LinearSVC:
    candidates = [
        LinearSVC(C=penalty, class_weight="balanced", random_state=seed).fit(train.values, train.labels)
        for penalty in INVERSE_PENALTIES
    ]
    return max(candidates, key=lambda model: macro_f1(model.predict(validation.values), validation.labels))


def _class_scores(model: LinearSVC | LogisticRegression, features: Features) -> np.ndarray:
    scores = np.asarray(model.decision_function(features))
    # scikit-learn gives one column for two classes: the second one's.
    return scores if scores.ndim == 2 else np.column_stack((-scores, scores)) / 2
