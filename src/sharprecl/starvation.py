"""What the machine lacks, told from whatever error it ended in."""

import errno
import re
from collections.abc import Iterable

TRY_AGAIN = "then run the same command again; a training goes on from its last checkpoint"

_MEMORY = re.compile(
    r"(?P<device>CUDA|HIP|XPU|MPS backend)( error:)? out of memory|(can't|[Cc]annot|Unable to) allocate"
    r"|not enough memory"
)
_FULL = re.compile(
    r"No space left on device|Disk quota exceeded|File too large|database or disk is full"
    r"|PytorchStreamWriter failed writing|unexpected pos \d+ vs \d+|os error (28|122|27)\b"
)
_READ_ONLY = re.compile(r"Read-only file system|os error 30\b")
_DENIED = re.compile(r"Permission denied")
_REASONS = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than this process may write",
}


def describe_starvation(chain: Iterable[BaseException]) -> str | None:
    """One line for an error that comes of too little memory, or of a disk that is full or may not be written.

    Libraries wrap such errors in their own and keep the text at best, so the text is what is looked at.

    Args:
        chain: the error and what it was raised from.

    Returns:
        The line; None if it is another error.
    """
    links = list(chain)
    if any(isinstance(link, MemoryError) or getattr(link, "errno", None) == errno.ENOMEM for link in links):
        return _too_little("the machine")
    for pattern, describe in (
        (_MEMORY, _memory),
        (_FULL, _full),
        (_READ_ONLY, _read_only),
        (_DENIED, _denied),
    ):
        for link in links:
            match = pattern.search(str(link))
            if match is not None:
                return describe(links, match)
    return None


def lacks_memory(text: str) -> bool:
    """Whether an error's text says that memory ran out, a device's or the machine's."""
    return _MEMORY.search(text) is not None


def _memory(links: list[BaseException], match: re.Match[str]) -> str:
    return _too_little(match["device"] or "the machine")


def _too_little(device: str) -> str:
    mend = "raise fit.micro_batches if that was training, else lower fit.eval_batch_size, or"
    mend += " evaluate.tokens_per_pass, predict.tokens_per_pass; or end what else uses it"
    return f"memory: {device} has too little; {mend}; {TRY_AGAIN}"


def _full(links: list[BaseException], match: re.Match[str]) -> str:
    system = next((link for link in links if isinstance(link, OSError) and link.errno in _REASONS), None)
    reason = _REASONS[errno.ENOSPC] if system is None else _REASONS[system.errno or errno.ENOSPC]
    return f"{_file(links) or 'disk'}: {reason}; free some, {TRY_AGAIN}"


def _read_only(links: list[BaseException], match: re.Match[str]) -> str:
    name = _file(links) or "disk"
    return f"{name}: read-only; make it writable, or copy the project to where it is, {TRY_AGAIN}"


def _denied(links: list[BaseException], match: re.Match[str]) -> str:
    return f"{_file(links) or 'file'}: permission denied; let this user write there, or run as one who may"


def _file(links: list[BaseException]) -> str | None:
    """The file that could not be written: of a copy, where to."""
    names = (link.filename2 or link.filename for link in links if isinstance(link, OSError))
    return next((str(name) for name in names if name), None)
