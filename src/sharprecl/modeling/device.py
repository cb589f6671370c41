"""Which device to train on, and in which precision."""

import torch

from sharprecl.errors import ParameterError


def select_device(device: str) -> str:
    """The device that ``fit.device`` means here.

    Args:
        device: ``auto`` takes CUDA, then MPS, then the CPU; or a device's name.

    Returns:
        ``cuda``, ``mps`` or ``cpu``.

    Raises:
        ParameterError: if the device asked for is not on this machine.
    """
    available = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if device == "auto":
        return next(name for name, is_there in available.items() if is_there)
    if not available[device]:
        raise ParameterError(f"fit.device: this machine has no {device}; set it to auto or cpu")
    return device


def select_bf16(precision: str, device: str, parameter: str = "fit.precision") -> bool:
    """Whether to train in bfloat16 mixed precision.

    Args:
        precision: ``auto`` takes bfloat16 where the hardware multiplies it (CUDA from Ampere on, CPUs with
            avx512_bf16 or AMX); ``bf16`` and ``fp32`` decide.
        device: ``cuda``, ``mps`` or ``cpu``.
        parameter: whose value the precision is, for the error.

    Returns:
        True for bfloat16.

    Raises:
        ParameterError: if bfloat16 is asked for on mps; a CPU or GPU without it emulates it.
    """
    if precision == "fp32":
        return False
    if device == "cuda":
        supported = torch.cuda.is_bf16_supported(including_emulation=False)
    elif device == "cpu":
        supported = _cpu_multiplies_bf16()
    else:
        supported = False
    if precision == "bf16" and device == "mps":
        raise ParameterError(f"{parameter}: bf16 is not supported on mps; set it to auto or fp32")
    return supported or precision == "bf16"


def _cpu_multiplies_bf16() -> bool:
    # torch.cpu.get_capabilities came with torch 2.13.
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
