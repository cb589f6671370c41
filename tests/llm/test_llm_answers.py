"""Which class an answer names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharprecl.llm import match_answer

NAMES = ["Text", "Text Processing", "Internet Protocols", "C++", "sci_fi", "NUM"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Text", 0),
        ("Text Processing", 1),
        ("  text   PROCESSING. ", 1),
        ("**Internet Protocols**", 2),
        ('"Internet\nProtocols"', 2),
        ("C++", 3),
        ("c++.", 3),
        ("Sci-Fi", 4),
        ("- sci fi", 4),
        ("ＮＵＭ", 5),
        # The first line.
        ("Text\n\nIt is not about Internet Protocols.", 0),
        # Cut off.
        ("Internet Pro", 2),
        ("Int", 2),
        # Mentioned.
        ("Class: Internet Protocols", 2),
        ("The class is Text Processing, I think.", 1),
        ("It is text", 0),
        ("<think>Text? No.</think>\n\nInternet Protocols", 2),
        # None, or more than one.
        ("", -1),
        ("   ", -1),
        ("In", -1),
        ("I cannot tell", -1),
        ("Texts", -1),
        ("Hypertext", -1),
        ("Text or Internet Protocols", -1),
        ("Text, or Text Processing", -1),
        ("<think>Text", -1),  # cut off before the answer
        ("Networking? <think>Text", -1),
        ("Text <think>Internet Protocols", 0),
    ],
)
def test_answers(answer, expected):
    assert match_answer(answer, NAMES) == expected


def test_the_beginning_of_two_names_is_neither():
    assert match_answer("Text Pro", ["Text Processing", "Text Production"]) == -1


def test_names_that_differ_in_case_only():
    assert match_answer("c", ["C", "c"]) == 1
    assert match_answer("c.", ["C", "c"]) == -1
    assert match_answer("it is c.", ["C", "c"]) == -1


def test_an_empty_name_is_never_mentioned():
    assert match_answer("something", ["", "B"]) == -1
    assert match_answer("a b", ["", "B"]) == 1


@pytest.mark.parametrize("answer", ["", "...", "?", "* *"])
def test_an_answer_without_a_word_is_no_name_of_punctuation(answer):
    assert match_answer(answer, ["-", "()", "B"]) == -1
    assert match_answer("-", ["-", "B"]) == 0  # as it stands


words = st.text(st.sampled_from("abcdefg"), min_size=1, max_size=5)


@given(
    st.lists(st.lists(words, min_size=1, max_size=3).map(" ".join), min_size=1, max_size=6, unique=True),
    st.data(),
)
def test_every_name_is_read_however_it_is_wrapped(names, data):
    index = data.draw(st.integers(0, len(names) - 1))
    wrap = data.draw(st.sampled_from(["{}", " {}\n", '"{}"', "**{}**.", "({})", "{}\nBecause."]))
    assert match_answer(wrap.format(names[index].upper()), names) == index
