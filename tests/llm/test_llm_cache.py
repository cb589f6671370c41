"""Answers on disk: what is kept, and what a kill leaves."""

import json
import threading

import pytest

from sharprecl.errors import ParameterError
from sharprecl.llm.cache import NO_ANSWER, Answer, AnswerCache, answer_key

SCORED = Answer("", [-1.25, -0.1, 1e-30], 12, 5)
WRITTEN = Answer("Tëxt\n\u2028<x>", None, 100, 2)
MESSAGES = [{"role": "user", "content": "a"}]


def test_answers_come_back(tmp_path):
    folder = tmp_path / "a" / "b"
    with AnswerCache(folder) as cache:
        assert "one" not in cache
        cache.keep("one", SCORED)
        cache.keep("two", WRITTEN)
        assert cache.get("one", NO_ANSWER) == SCORED
    with AnswerCache(folder) as cache:
        assert (cache.get("one", NO_ANSWER), cache.get("two", NO_ANSWER)) == (SCORED, WRITTEN)
    assert [path.name for path in folder.iterdir()] == ["answers.jsonl"]


def test_an_answer_is_on_disk_as_soon_as_it_is_kept(tmp_path):
    cache = AnswerCache(tmp_path)
    cache.keep("one", SCORED)
    assert json.loads(cache.path.read_text()) == {"key": "one", **SCORED._asdict()}
    cache.__exit__(None, None, None)


@pytest.mark.parametrize("num_bytes", [1, 20, -1])
def test_a_torn_last_line_is_asked_again(tmp_path, num_bytes, caplog):
    with AnswerCache(tmp_path) as cache:
        cache.keep("one", SCORED)
        whole = cache.path.read_bytes()
        cache.keep("two", WRITTEN)
    line = cache.path.read_bytes()[len(whole) :].removesuffix(b"\n")
    cache.path.write_bytes(whole + line[:num_bytes])
    for _ in range(2):
        with AnswerCache(tmp_path) as cache:
            assert "two" not in cache
            assert cache.get("one", NO_ANSWER) == SCORED
    assert "answers.jsonl: 1 lines cannot be read; asking again" in caplog.text
    with AnswerCache(tmp_path) as cache:
        cache.keep("two", WRITTEN)
    with AnswerCache(tmp_path) as cache:
        assert (cache.get("one", NO_ANSWER), cache.get("two", NO_ANSWER)) == (SCORED, WRITTEN)


def test_a_line_that_lacks_only_its_end_is_whole(tmp_path):
    with AnswerCache(tmp_path) as cache:
        cache.keep("one", SCORED)
    cache.path.write_bytes(cache.path.read_bytes().removesuffix(b"\n"))
    with AnswerCache(tmp_path) as cache:
        cache.keep("two", WRITTEN)
    with AnswerCache(tmp_path) as cache:
        assert (cache.get("one", NO_ANSWER), cache.get("two", NO_ANSWER)) == (SCORED, WRITTEN)


@pytest.mark.parametrize(
    "change",
    [
        {"text": 3},
        {"scores": "none"},
        {"scores": [1.0, None]},
        {"prompt_tokens": "12"},
        {"answer_tokens": None},
        {"key": 1},
    ],
)
def test_strange_records_are_asked_again(tmp_path, change):
    record = {"key": "one", **SCORED._asdict(), **change}
    (tmp_path / "answers.jsonl").write_text(
        json.dumps(record) + '\n[]\n3\n{}\n\xff\n\n{"key":"x"}\n', "latin-1"
    )
    with AnswerCache(tmp_path) as cache:
        assert "one" not in cache
        assert 1 not in cache
        assert "x" not in cache


def test_threads_write_whole_lines(tmp_path):
    with AnswerCache(tmp_path) as cache:
        long = Answer("x" * 20_000, None, 1, 1)
        threads = [
            threading.Thread(target=lambda name=name: [cache.keep(f"{name}-{i}", long) for i in range(20)])
            for name in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with AnswerCache(tmp_path) as cache:
        assert all(cache.get(f"{name}-{i}", NO_ANSWER) == long for name in range(6) for i in range(20))


def test_the_key_depends_on_everything():
    keys = {
        answer_key("m", None, MESSAGES, {"a": 1, "b": 2}),
        answer_key("n", None, MESSAGES, {"a": 1, "b": 2}),
        answer_key("m", "http://h", MESSAGES, {"a": 1, "b": 2}),
        answer_key("m", None, [{"role": "user", "content": "b"}], {"a": 1, "b": 2}),
        answer_key("m", None, MESSAGES, {"a": 1, "b": 3}),
    }
    assert len(keys) == 5
    assert all(len(key) == 64 for key in keys)
    assert answer_key("m", None, MESSAGES, {"b": 2, "a": 1}) in keys


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        ParameterError, match=r"answers.jsonl: cannot keep answers there \(.+\); name a folder"
    ):
        AnswerCache(tmp_path / "file")
