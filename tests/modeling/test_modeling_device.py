import pytest
import torch

from sharprecl.errors import ParameterError
from sharprecl.modeling.device import select_bf16, select_device

no_cuda = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")


@no_cuda
def test_auto_takes_the_cpu_where_there_is_nothing_else(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert select_device("auto") == "cpu"


@no_cuda
def test_a_device_that_is_not_there_says_what_to_set():
    with pytest.raises(ParameterError, match=r"fit\.device: this machine has no cuda; set it to auto or cpu"):
        select_device("cuda")


@pytest.mark.parametrize(
    ("capabilities", "expected"),
    [({"avx512_bf16": True}, True), ({"amx_bf16": True}, True), ({"avx512_bf16": False}, False), ({}, False)],
)
def test_auto_takes_bf16_where_the_cpu_multiplies_it(monkeypatch, capabilities, expected):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    assert select_bf16("auto", "cpu") is expected
    assert select_bf16("bf16", "cpu") is True
    assert select_bf16("fp32", "cpu") is False


def test_bf16_on_mps_is_refused():
    assert select_bf16("auto", "mps") is False
    with pytest.raises(ParameterError, match=r"fit\.precision: bf16 is not supported on mps"):
        select_bf16("bf16", "mps")
