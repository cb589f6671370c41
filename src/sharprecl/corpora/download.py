"""Downloads of files whose content is known in advance."""

import hashlib
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from sharprecl.errors import CorpusError
from sharprecl.whole_files import replacing

TIMEOUT_SECONDS = 60.0
MAX_BYTES = 1 << 27
"""Several times the largest file; more than that is not read, and then has another digest."""


@dataclass(frozen=True)
class PinnedFile:
    """A file's name where it is published, and the SHA-256 of its content in hexadecimal."""

    name: str
    sha256: str


def verify(content: bytes, pinned: PinnedFile, origin: Path | str, mend: str) -> None:
    """Make sure that a content is the expected one.

    Args:
        content: all bytes.
        pinned: what is expected.
        origin: where the content came from, for the message.
        mend: what to do about another content, for the message.

    Raises:
        CorpusError: if the digests differ.
    """
    digest = hashlib.sha256(content).hexdigest()
    if digest != pinned.sha256:
        raise CorpusError(
            f"{origin}: sha256 is {digest[:12]}…, the released file's is {pinned.sha256[:12]}…; {mend}"
        )


def download(address: str, target: Path, pinned: PinnedFile) -> None:
    """Fetch a file; the target appears whole and verified, or not at all.

    Args:
        address: URL.
        target: where to put it; folders are made.
        pinned: the content expected.

    Raises:
        CorpusError: if the address cannot be read or serves something else.
    """
    content = _fetch(address, target)
    verify(content, pinned, address, f"fetch the released file by hand to {target}")
    with replacing(target) as file:
        file.write_bytes(content)


def _fetch(address: str, target: Path) -> bytes:
    try:
        # The addresses are ours, not a user's.
        with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310
            content: bytes = response.read(MAX_BYTES)
    except (urllib.error.URLError, HTTPException, OSError) as error:
        raise CorpusError(
            f"{address}: cannot download ({error}); fetch it by hand to {target}, "
            f"or name the folder that has {target.parent.name}/{target.name} in SHARPRECL_DATA"
        ) from error
    return content
