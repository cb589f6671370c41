import pytest

from sharprecl.modeling import SharpReCL
from sharprecl.parameters import FitParameters
from sharprecl.training.build import build_model


@pytest.fixture
def tiny_model() -> SharpReCL:
    """Random two-layer encoder, three classes."""
    import torch

    torch.manual_seed(0)
    return build_model("random-tiny", ["a", "b", "c"], [4, 2, 1], FitParameters()).eval()
