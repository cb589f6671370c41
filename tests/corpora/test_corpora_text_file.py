"""Text of files: what it leaves out and where it cannot be decoded."""

from pathlib import Path

import pytest

from sharprecl.corpora import text_file
from sharprecl.corpora.text_file import TextFile
from sharprecl.errors import CorpusError


def _write(folder: Path, content: bytes) -> Path:
    file = folder / "rows.csv"
    file.write_bytes(content)
    return file


def test_a_byte_order_mark_is_passed_over_at_the_beginning_alone(tmp_path):
    file = TextFile(_write(tmp_path, "\ufeffa\n\ufeffb\n".encode()))
    assert file.read() == "a\n\ufeffb\n"
    assert list(file.lines()) == ["a\n", "\ufeffb\n"]


def test_line_ends_stay_as_they_are(tmp_path):
    file = TextFile(_write(tmp_path, b"a\r\nb\rc\n"))
    assert file.read() == "a\r\nb\rc\n"
    assert list(file.lines()) == ["a\r\n", "b\r", "c\n"]
    assert list(file.lines(newline="\n")) == ["a\r\n", "b\rc\n"]


@pytest.mark.parametrize("block_size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("content", "encoding", "byte", "line"),
    [
        (b"ab\ncd\n\xffe\n", "utf-8", 6, 3),
        ("é\né".encode() + b"\xc3(", "utf-8", 5, 2),  # a first byte without its second
        ("é\né".encode()[:-1], "utf-8", 3, 2),  # cut within a letter
        (b"a\nb\x81c", "cp1252", 3, 2),
        ("ab\n".encode("utf-16-le") + b"\x00\xdc", "utf-16-le", 6, 2),
    ],
)
def test_the_place_of_a_wrong_byte_is_named_wherever_blocks_end(
    content, encoding, byte, line, block_size, tmp_path, monkeypatch
):
    monkeypatch.setattr(text_file, "BLOCK_SIZE", block_size)
    file = TextFile(_write(tmp_path, content), encoding, "predict.encoding")
    message = (
        rf"rows\.csv: byte {byte} \(line {line}\) is not {encoding}; "
        r"save the file as UTF-8 or name its encoding in predict\.encoding$"
    )
    for read in (file.read, lambda: list(file.lines())):
        with pytest.raises(CorpusError, match=message):
            read()


@pytest.mark.parametrize("encoding", ["undefined", "utf-8\0"])
def test_an_encoding_that_names_no_place(encoding, tmp_path):
    file = TextFile(_write(tmp_path, b"a..b"), encoding)
    with pytest.raises(CorpusError, match=r"corpus\.encoding: .* cannot decode .*; try 'utf-8'"):
        file.read()


@pytest.mark.parametrize("content", [b"", b"\n \n", "\ufeff".encode()])
def test_a_blank_file(content, tmp_path):
    with pytest.raises(CorpusError, match="the file is empty; give a file with a header or records"):
        TextFile(_write(tmp_path, content)).read()
