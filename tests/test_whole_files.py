"""Files and folders that appear whole or not at all."""

from pathlib import Path

import pytest

from sharprecl.whole_files import replacing


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_keeps_its_old_content_until_the_new_one_is_whole(tmp_path: Path) -> None:
    final = tmp_path / "table.csv"
    final.write_text("old")
    with replacing(final) as file:
        file.write_text("new")
        assert final.read_text() == "old"
    assert final.read_text() == "new"
    assert _names(tmp_path) == ["table.csv"]


def test_folders_above_are_made(tmp_path: Path) -> None:
    with replacing(tmp_path / "a" / "b" / "file") as file:
        file.write_text("text")
    assert (tmp_path / "a" / "b" / "file").read_text() == "text"


def test_a_folder_takes_the_place_of_the_old_one_with_all_that_was_in_it(tmp_path: Path) -> None:
    final = tmp_path / "model"
    final.mkdir()
    (final / "old").write_text("")
    with replacing(final) as folder:
        folder.mkdir()
        (folder / "new").write_text("")
        assert _names(final) == ["old"]
    assert _names(final) == ["new"]
    assert _names(tmp_path) == ["model"]


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_a_failure_leaves_the_old_content_and_nothing_else(kind: str, tmp_path: Path) -> None:
    final = tmp_path / "model"
    final.mkdir()
    (final / "old").write_text("")

    def write_half() -> None:
        with replacing(final) as partial:
            if kind == "folder":
                partial.mkdir()
                (partial / "half").write_text("")
            else:
                partial.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert _names(final) == ["old"]
    assert _names(tmp_path) == ["model"]


def test_what_a_killed_process_of_the_same_number_left_is_not_taken_over(tmp_path: Path) -> None:
    with replacing(tmp_path / "model") as folder:
        folder.mkdir()
        name = folder.name
    (tmp_path / name).mkdir()
    (tmp_path / name / "half").write_text("")
    with replacing(tmp_path / "model") as folder:
        folder.mkdir()
    assert _names(tmp_path / "model") == []


@pytest.mark.parametrize("sole_writer", [True, False])
def test_what_other_processes_left_goes_where_nobody_else_writes(sole_writer: bool, tmp_path: Path) -> None:
    other = tmp_path / ".model.1.partial"
    other.mkdir()
    (tmp_path / ".model2.1.partial").write_text("")
    with replacing(tmp_path / "model", sole_writer=sole_writer) as folder:
        folder.mkdir()
    assert other.exists() is not sole_writer
    assert (tmp_path / ".model2.1.partial").exists()
