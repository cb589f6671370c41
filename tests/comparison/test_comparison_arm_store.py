"""Results on disk."""

import numpy as np
import pytest

from sharprecl.comparison.arm_store import ArmStore, StoredScores
from sharprecl.modeling import TrainedModel, load_tokenizer
from sharprecl.parameters import FitParameters
from sharprecl.training.build import build_model

SCORES = StoredScores(np.arange(6, dtype=np.float32).reshape(2, 3), {"seconds": 1.5})


@pytest.fixture
def store(tmp_path):
    return ArmStore(tmp_path / "arms")


def test_scores_come_back_as_they_were(store):
    store.save("key", "validation", SCORES)
    loaded = store.load("key", "validation")
    np.testing.assert_array_equal(loaded.logits, SCORES.logits)
    assert loaded.facts == SCORES.facts
    assert store.load_facts("key", "validation") == SCORES.facts
    assert store.load_facts("other", "validation") is None
    assert store.load("key", "test") is None
    assert store.load("other", "validation") is None
    assert [path.name for path in store.folder.iterdir()] == ["key-validation.safetensors"]


@pytest.mark.parametrize("content", [b"", b"torn", b"\x08\x00\x00\x00\x00\x00\x00\x00{}      "])
def test_a_broken_file_counts_as_none_and_is_named(store, content, caplog):
    store.save("key", "test", SCORES)
    path = store.folder / "key-test.safetensors"
    path.write_bytes(content)
    assert store.load_facts("key", "test") is None
    assert not caplog.records
    assert store.load("key", "test") is None
    assert caplog.records[0].args[0] == path


def test_a_model_is_kept_until_it_is_discarded(store):
    model = build_model("random-tiny", ["a", "b"], [3, 2], FitParameters()).eval()
    trained = TrainedModel(model, load_tokenizer("random-tiny"))
    assert store.load_model("key") is None
    store.save_model("key", trained)
    store.save_model("key", trained)  # a second time takes the first one's place
    texts = ["cat and dog", "truck"]
    np.testing.assert_allclose(
        store.load_model("key").predict_logits(texts), trained.predict_logits(texts), atol=1e-6
    )
    store.discard_model("key")
    assert store.load_model("key") is None
    assert list(store.folder.iterdir()) == []
    store.discard_model("key")
