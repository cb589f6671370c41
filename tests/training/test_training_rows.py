import numpy as np
import pyarrow as pa
import pytest
import torch

from sharprecl.errors import CorpusError
from sharprecl.modeling.list_column import ListColumn
from sharprecl.parameters import FitParameters
from sharprecl.training.collation import ViewCollator
from sharprecl.training.token_rows import EvaluationRows, TrainingRows, select_split

TABLE = pa.table(
    {
        "split": ["train", "test", "train"],
        "label_id": pa.array([0, 1, 1], pa.int32()),
        "input_ids": pa.array([[1, 5, 6, 7, 2], [1, 2], [1, 8, 2]], pa.list_(pa.int32())),
        "word_ids": pa.array([[-1, 0, 1, 2, -1], [-1, -1], [-1, 0, -1]], pa.list_(pa.int32())),
        "aug_input_ids": pa.array([[1, 9, 2], [1, 2], [1, 3, 2]], pa.list_(pa.int32())),
    }
)


def second_views(view, seed=0, epoch=0):
    rows = TrainingRows(select_split(TABLE, "train"), FitParameters(view=view, word_dropout=0.5), seed)
    rows.set_epoch(epoch)
    return [rows[index]["views"][1].tolist() for index in range(len(rows))]


def test_a_split_keeps_its_rows_in_order():
    assert EvaluationRows(select_split(TABLE, "train")).input_ids[1].tolist() == [1, 8, 2]


def test_list_column_reads_sliced_and_chunked_columns():
    chunked = pa.chunked_array([TABLE["input_ids"].chunk(0).slice(1), TABLE["input_ids"].chunk(0)])
    column = ListColumn(chunked)
    assert [column[index].tolist() for index in range(len(column))] == chunked.to_pylist()
    assert [row.tolist() for row in column.rows()] == chunked.to_pylist()


def test_list_column_skips_chunks_without_rows():
    ids = TABLE["input_ids"].chunk(0)
    column = ListColumn(pa.chunked_array([ids[:0], ids[:1], ids[:0], ids[1:]]))
    assert [column[index].tolist() for index in range(len(column))] == ids.to_pylist()
    assert [row.tolist() for row in column.rows()] == ids.to_pylist()
    assert len(ListColumn(pa.chunked_array([], ids.type))) == 0


def test_a_split_lies_on_the_disk():
    before = pa.total_allocated_bytes()
    table = pa.concat_tables([TABLE] * 5000)
    train = select_split(table, "train")
    assert train.num_rows == 10_000
    assert pa.total_allocated_bytes() - before < 100_000


def test_dropout_view_is_the_same_text():
    assert second_views("dropout") == [[1, 5, 6, 7, 2], [1, 8, 2]]


def test_aug_text_view_is_the_other_wording():
    assert second_views("aug_text") == [[1, 9, 2], [1, 3, 2]]


def test_word_dropout_view_depends_on_seed_epoch_and_row_alone():
    views = {
        (seed, epoch): second_views("word_dropout", seed, epoch) for seed in range(4) for epoch in range(4)
    }
    assert views[1, 2] == second_views("word_dropout", 1, 2)
    assert len({tuple(map(tuple, rows)) for rows in views.values()}) > 3


def test_equal_texts_of_an_epoch_lose_other_words():
    ids = pa.array([list(range(1, 41))] * 2, pa.list_(pa.int32()))
    words = pa.array([[-1, *range(38), -1]] * 2, pa.list_(pa.int32()))
    table = pa.table({"label_id": pa.array([0, 0], pa.int32()), "input_ids": ids, "word_ids": words})
    rows = TrainingRows(table, FitParameters(view="word_dropout", word_dropout=0.5), 0)
    rows.set_epoch(0)
    first, second = (rows[index]["views"][1].tolist() for index in range(2))
    assert first != second


def test_aug_text_view_without_such_a_column_says_how_to_mend_it():
    with pytest.raises(CorpusError, match=r"name it with corpus\.aug_text, or set fit\.view"):
        TrainingRows(TABLE.drop_columns("aug_input_ids"), FitParameters(view="aug_text"), 0)
    with pytest.raises(CorpusError, match=r"or set fit\.view to word_dropout$"):
        TrainingRows(TABLE.drop_columns("aug_input_ids"), FitParameters(view="aug_text", dropout=0.0), 0)


def test_collator_stacks_first_views_then_second_views():
    rows = TrainingRows(select_split(TABLE, "train"), FitParameters(view="aug_text"), 0)
    batch = ViewCollator(pad_token_id=0)([rows[0], rows[1]])
    assert batch["input_ids"].tolist() == [[1, 5, 6, 7, 2], [1, 8, 2, 0, 0], [1, 9, 2, 0, 0], [1, 3, 2, 0, 0]]
    assert batch["attention_mask"].tolist() == (batch["input_ids"] != 0).long().tolist()
    assert batch["labels"].tolist() == [0, 1, 0, 1]
    assert batch["input_ids"].dtype == batch["labels"].dtype == torch.long


def test_collator_takes_one_view():
    rows = EvaluationRows(select_split(TABLE, "train"))
    batch = ViewCollator(pad_token_id=9)([rows[1], rows[0]])
    assert batch["input_ids"].tolist() == [[1, 8, 2, 9, 9], [1, 5, 6, 7, 2]]
    assert batch["labels"].tolist() == [1, 0]
    assert isinstance(rows[0]["views"][0], np.ndarray)


def test_list_column_lists_its_rows():
    column = ListColumn(TABLE["input_ids"].slice(1))
    assert [row.tolist() for row in column.rows()] == [[1, 2], [1, 8, 2]]
