import pyarrow as pa
import pytest
from kedro.io import DatasetError

from sharprecl.corpora.row_stream import RowStream
from sharprecl.datasets import RowStreamDataset, TextFileDataset
from sharprecl.error_lines import describe_error
from sharprecl.errors import ParameterError

PARTS = [pa.table({"text": ["a", "b"], "n": [1, 2]}), pa.table({"text": ["c"], "n": [3]})]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_parts_become_one_file(tmp_path, suffix):
    dataset = RowStreamDataset(filepath=f"out/rows{suffix}", project_root=str(tmp_path))
    assert not dataset.exists()
    dataset.save(RowStream(iter(PARTS), 3))
    assert dataset.exists()
    assert dataset.load().to_pydict() == {"text": ["a", "b", "c"], "n": [1, 2, 3]}


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("nrows", [1, 2, 10])
def test_the_preview_is_the_first_rows(tmp_path, suffix, nrows):
    dataset = RowStreamDataset(filepath=f"rows{suffix}", project_root=str(tmp_path))
    dataset.save(RowStream(iter(PARTS), 3))
    rows = [["a", 1], ["b", 2], ["c", 3]][:nrows]
    assert dataset.preview(nrows) == {"index": list(range(len(rows))), "columns": ["text", "n"], "data": rows}


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_without_rows_has_a_preview(tmp_path, suffix):
    dataset = RowStreamDataset(filepath=f"rows{suffix}", project_root=str(tmp_path))
    dataset.save(RowStream(iter([PARTS[0].slice(0, 0)]), 0))
    assert dataset.preview() == {"index": [], "columns": ["text", "n"], "data": []}


def test_a_failure_midway_leaves_the_earlier_file_and_nothing_half_written(tmp_path):
    dataset = RowStreamDataset(filepath="rows.parquet", project_root=str(tmp_path))
    dataset.save(RowStream(iter(PARTS), 3))

    def failing():
        yield PARTS[1]
        raise OSError("the disk is gone")

    with pytest.raises(DatasetError, match="the disk is gone"):
        dataset.save(RowStream(failing(), 3))
    assert [file.name for file in tmp_path.iterdir()] == ["rows.parquet"]
    assert dataset.load().num_rows == 3


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(ParameterError, match=r"predict\.output: rows\.xlsx must end in \.csv or \.parquet"):
        RowStreamDataset(filepath="rows.xlsx", project_root=str(tmp_path))


def test_a_folder_is_refused_before_anything_is_scored(tmp_path):
    (tmp_path / "rows.csv").mkdir()
    with pytest.raises(ParameterError, match=r"predict\.output: rows\.csv is a folder; name a file"):
        RowStreamDataset(filepath="rows.csv", project_root=str(tmp_path))


def test_the_file_that_is_scored_is_not_replaced(tmp_path):
    with pytest.raises(ParameterError, match=r"predict\.output: .*rows\.csv is predict\.input; name"):
        RowStreamDataset(filepath=str(tmp_path / "rows.csv"), project_root=str(tmp_path), source="./rows.csv")


def test_the_input_is_read_as_the_block_says_and_never_written(tmp_path):
    (tmp_path / "in.csv").write_text("body\nx\ny\nz\n", encoding="utf-8")
    source = {"input": "in.csv", "text": "body", "chunk_rows": 2}
    dataset = TextFileDataset(source=source, project_root=str(tmp_path))
    assert [part.num_rows for part in dataset.load().tables] == [2, 1]
    with pytest.raises(DatasetError, match="read-only"):
        dataset.save(pa.table({}))


def test_no_input_named(tmp_path):
    dataset = TextFileDataset(source={}, project_root=str(tmp_path))
    with pytest.raises(DatasetError, match="name the file to score") as error:
        dataset.load()
    assert isinstance(error.value.__cause__, ParameterError)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([["x", "y"]]), "list<"),
        (pa.array([b"\xff"]), "binary"),
        (pa.array([b"\xff"], pa.large_binary()), "large_binary"),
        (pa.array([b"\xff\xff"], pa.binary(2)), "fixed_size_binary"),
    ],
)
def test_a_column_that_csv_cannot_hold_is_named_before_anything_is_written(tmp_path, values, kind):
    table = pa.table({"text": ["a"], "tags": values})
    dataset = RowStreamDataset(filepath="out.csv", project_root=str(tmp_path))
    with pytest.raises(DatasetError) as caught:
        dataset.save(RowStream(iter([table]), 1))
    line = describe_error(caught.value)
    assert line.startswith(f"predict.output: column 'tags' holds {kind}")
    assert line.endswith("values, which CSV cannot; name a .parquet file")
    assert list(tmp_path.iterdir()) == []
    parquet = RowStreamDataset(filepath="out.parquet", project_root=str(tmp_path))
    parquet.save(RowStream(iter([table]), 1))
    assert parquet.load().equals(table)
