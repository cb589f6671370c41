"""A file's text, or one line on why it has none."""

import codecs
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TextIO

from sharprecl.corpora.messages import quote_line
from sharprecl.errors import CorpusError
from sharprecl.text_normalization import mend_surrogates

BYTE_ORDER_MARK = "\ufeff"
BLOCK_SIZE = 1 << 20


class TextFile(NamedTuple):
    """A file and how to decode it.

    A byte order mark that it begins with is passed over, and no lone surrogate comes out of it.

    Attributes:
        path: an existing file.
        encoding: any encoding Python knows.
        parameter: which sets the encoding, for messages.
    """

    path: Path
    encoding: str = "utf-8"
    parameter: str = "corpus.encoding"

    def blocks(self) -> Iterator[str]:
        """The text, a block at a time; line ends as they are.

        Raises:
            CorpusError: at once if the encoding is unknown; when reading comes to the place if some bytes are
                not of that encoding; at the end if the text is blank.
        """
        with self._open(newline="") as handle:
            yield from self._sound_parts(iter(lambda: handle.read(BLOCK_SIZE), ""))

    def lines(self, newline: str = "") -> Iterator[str]:
        """The text, a line at a time, with its end.

        Args:
            newline: what ends a line, as for :func:`open`.

        Raises:
            CorpusError: as for :meth:`blocks`.
        """
        with self._open(newline) as handle:
            yield from self._sound_parts(handle)

    def read(self) -> str:
        """The whole text.

        Raises:
            CorpusError: as for :meth:`blocks`.
        """
        return "".join(self.blocks())

    @contextmanager
    def _open(self, newline: str) -> Iterator[TextIO]:
        try:
            with self.path.open(encoding=self.encoding, newline=newline) as handle:
                yield handle
        except LookupError as error:
            raise CorpusError(
                f"{self.parameter}: Python knows no encoding {self.encoding!r}; try 'utf-8'"
            ) from error
        except ValueError as error:  # UnicodeError is one, and a name can hold what no name may
            raise self._undecodable(error) from error

    def _sound_parts(self, parts: Iterable[str]) -> Iterator[str]:
        is_blank = True
        for number, part in enumerate(parts):
            text = mend_surrogates(part if number else part.removeprefix(BYTE_ORDER_MARK))
            is_blank = is_blank and not text.strip()
            yield text
        if is_blank:
            raise CorpusError(f"{self.path}: the file is empty; give a file with a header or records")

    def _undecodable(self, error: ValueError) -> CorpusError:
        place = _undecodable_place(self.path, self.encoding)
        if place is None:
            return CorpusError(
                f"{self.parameter}: {self.encoding!r} cannot decode {self.path} ({quote_line(str(error))}); "
                "try 'utf-8'"
            )
        byte, line = place
        return CorpusError(
            f"{self.path}: byte {byte} (line {line}) is not {self.encoding}; "
            f"save the file as UTF-8 or name its encoding in {self.parameter}"
        )


def _undecodable_place(path: Path, encoding: str) -> tuple[int, int] | None:
    """Byte, from 0, and line, from 1, that are not of an encoding; None where its codec says no more."""
    done, line = 0, 1
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        with path.open("rb") as handle:
            for block in chain(iter(lambda: handle.read(BLOCK_SIZE), b""), (b"",)):
                decoder.decode(block, final=not block)
                done += len(block)
                line += block.count(b"\n")
    except UnicodeDecodeError as error:
        # What it could not decode begins with the bytes that it kept of the block before.
        start = len(block) - len(error.object) + error.start
        return done + start, line + block.count(b"\n", 0, max(start, 0))
    except (LookupError, ValueError):
        pass
    return None
