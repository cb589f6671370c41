"""What the machine lacks, told from whatever error it ended in."""

import errno
import re
from collections.abc import Iterable

_AGAIN = "then run the same command again; training goes on from its last checkpoint"

_MEMORY = re.compile(
    r"(?P<device>CUDA|HIP|XPU|MPS backend)( error:)? out of memory|(can't|[Cc]annot|Unable to) allocate"
    r"|not enough memory"
)
_FULL = re.compile(
    r"No space left on device|Disk quota exceeded|File too large|database or disk is full"
    r"|PytorchStreamWriter failed writing|os error (28|122|27)\b"
)
_READ_ONLY = re.compile(r"Read-only file system|attempt to write a readonly database|os error 30\b")
_DENIED = re.compile(r"Permission denied")
_LOCKED = re.compile(r"database (table )?is locked")
_NO_DATABASE = re.compile(r"unable to open database file")
_OTHER_SCHEMA = re.compile(r"out-of-date database schema|Can't locate revision")
_NO_SERVER = re.compile(r"API request to (?P<server>\w+://[^/\s]+)\S* failed with|Max retries exceeded")
_REASONS = {
    errno.ENOSPC: "no space left on the disk",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the file would be larger than this process may write",
}


def describe_starvation(chain: Iterable[BaseException]) -> str | None:
    """One line for an error that comes of too little memory, a full or read-only disk, a locked database or
    a silent server.

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
        (_LOCKED, _locked),
        (_NO_DATABASE, _no_database),
        (_OTHER_SCHEMA, _other_schema),
        (_NO_SERVER, _no_server),
    ):
        for link in links:
            match = pattern.search(str(link))
            if match is not None:
                return describe(links, match)
    return None


def _memory(links: list[BaseException], match: re.Match[str]) -> str:
    return _too_little(match["device"] or "the machine")


def _too_little(device: str) -> str:
    mend = "raise fit.micro_batches if that was training, else lower fit.eval_batch_size, or"
    mend += " evaluate.tokens_per_pass, predict.tokens_per_pass; or end what else uses it"
    return f"memory: {device} has too little; {mend}; {_AGAIN}"


def _full(links: list[BaseException], match: re.Match[str]) -> str:
    system = next((link for link in links if isinstance(link, OSError) and link.errno in _REASONS), None)
    reason = _REASONS[errno.ENOSPC] if system is None else _REASONS[system.errno or errno.ENOSPC]
    return f"{_file(links) or 'disk'}: {reason}; free some, {_AGAIN}"


def _read_only(links: list[BaseException], match: re.Match[str]) -> str:
    name = _file(links) or ("mlflow.db" if "database" in match[0] else "disk")
    return f"{name}: read-only; make it writable, or copy the project to where it is, {_AGAIN}"


def _denied(links: list[BaseException], match: re.Match[str]) -> str:
    return f"{_file(links) or 'file'}: permission denied; give this user leave, or run as one who has it"


def _locked(links: list[BaseException], match: re.Match[str]) -> str:
    return f"mlflow.db: another program keeps it locked; end that program or wait for it, {_AGAIN}"


def _no_database(links: list[BaseException], match: re.Match[str]) -> str:
    return "mlflow.db: cannot be opened or made; see that its folder is there and writable"


def _other_schema(links: list[BaseException], match: re.Match[str]) -> str:
    mend = (
        "copy it somewhere safe, then `mlflow db upgrade sqlite:///mlflow.db`, with the program in .venv/bin"
    )
    return f"mlflow.db: made by another version of MLflow; {mend}, and run the same command again"


def _no_server(links: list[BaseException], match: re.Match[str]) -> str:
    server = re.sub(r"//[^/@\s]*@", "//", match["server"] or "in server.mlflow_tracking_uri")
    mend = "start it, or name another one as server.mlflow_tracking_uri in mlflow.yml"
    return f"tracking server {server}: no answer; {mend}, {_AGAIN}"


def _file(links: list[BaseException]) -> str | None:
    """The file that could not be written: of a copy, where to."""
    names = (link.filename2 or link.filename for link in links if isinstance(link, OSError))
    return next((str(name) for name in names if name), None)
