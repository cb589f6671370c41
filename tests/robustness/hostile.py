"""Strategies: texts, labels, column names and whole corpora that nobody would wish for."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.robustness.naive_cleaning import FINDERS, normalize

NASTY = [
    *(
        "",
        " ",
        "\t",
        "\x00",
        "\u200b",
        "\ufeff",
        "\u2028",
        "\x85",
        "\r",
        "\n",
        "a\r\nb",
        "a\nb",
        "\x1b[31mred",
    ),
    *("NA", "null", "None", "nan", "NaN", "true", "-", "0", "1", "01", "1.0", "1e5", "-1", "inf", "1_000"),
    *('"', '""', '"""', "'", ",", ";", "a,b", 'a"b', '"a"', '"a,b', "a\\b", "\\", "\\n", "#", "=1+1", "@x"),
    *("\u202eabc\u202c", "שלום", "مرحبا", "日本", "👩‍👩‍👧‍👦", "🇩🇪", "e\u0301", "é", "Å", "Å", "ﬁ", "\u0301"),
    *("<b>x</b>", "<script>alert(1)</script>", "&amp;", "'; DROP TABLE runs; --", "$(touch x)", "`x`"),
    *("${oc.env:HOME}", "{x}", "%s", "../../x", "C:\\x", "[PAD] [SEP] [CLS]", "##x", "]; click A", "--> B"),
]
HALVES = ["\ud800", "a\udfffb", "\ude00\ud83d", "\ud83d\ude00"]
WORDS = ["red", "green", "blue", "round", "square", "old", "new", "fast"]
NAMES = [
    *("text", "label", "aug_text", "row_id", "split", "predicted", "index", "body", "Ünï", "a.b", "a"),
    *("", " ", "a,b", 'q"q', "x\ny", "<b>", "__index_level_0__", "0", "NULL", "\u202eab", "x" * 300),
]
SUFFIXES = [".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "utf-7", "latin-1", "cp1252", "gb18030"]
POLICIES = st.sampled_from(["drop", "drop", "drop", "drop", "keep", "keep", "fail"])

sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
any_text = st.text(st.characters(codec="utf-8"), max_size=20)
texts = st.one_of(sentences, sentences, st.sampled_from(NASTY), any_text)
labels = st.one_of(st.sampled_from(WORDS), st.sampled_from(NASTY), any_text).filter(normalize)
blank_labels = st.sampled_from(["", " ", "\x00", "\u200b", "\ufeff", "\u2003\u3000"])
json_values = st.one_of(
    st.booleans(),
    st.integers(-(10**400), 10**400),
    st.integers(-9, 9),
    st.floats(allow_nan=False),
    st.sampled_from(HALVES),
)
json_scalars = st.one_of(json_values, st.none(), st.just(float("nan")))


@dataclass
class Written:
    """A corpus as it is to lie on the disk, one list of records a split, and how ingest is asked to read it.

    Attributes:
        files: split → records; cells are strings, in JSON other scalars too.
        suffix: of the files.
        encoding: of text files.
        style: choices of the writer.
        parameters: of the ``corpus`` block, but for the files.
    """

    files: dict[str, list[dict[str, Any]]]
    suffix: str
    encoding: str
    style: dict[str, Any]
    parameters: dict[str, Any] = field(default_factory=dict)


@st.composite
def corpora(draw: st.DrawFn) -> Written:
    """A corpus of any suffix; most can be split, so that examples reach the end of ingest."""
    suffix = draw(st.sampled_from(SUFFIXES))
    text, label, *others = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=4, unique=True))
    pool = draw(st.lists(blank_labels if draw(st.integers(0, 15)) == 7 else labels, min_size=1, max_size=4))
    cells = {"text": texts, "label": st.sampled_from(pool)}
    if suffix in {".json", ".jsonl", ".ndjson"} and draw(st.booleans()):
        cells = {"text": st.one_of(texts, json_scalars), "label": st.one_of(cells["label"], json_values)}
    columns = {text: cells["text"], label: cells["label"], **dict.fromkeys(others, texts)}
    files = {"train": draw(st.lists(st.fixed_dictionaries(columns), max_size=12))}
    if draw(st.integers(0, 9)):
        files["train"] += _filler(columns, text, label)
    for split in draw(st.sets(st.sampled_from(["validation", "test"]))):
        files[split] = draw(st.lists(st.fixed_dictionaries(columns), min_size=1, max_size=5))
    parameters = draw(_parameters())
    return Written(
        files,
        suffix,
        draw(st.sampled_from(ENCODINGS)),
        draw(_styles()),
        {"text": text, "label": label, **parameters},
    )


def _filler(columns: dict[str, Any], text: str, label: str) -> list[dict[str, str]]:
    """Two classes that are large enough to be split."""
    return [
        {**dict.fromkeys(columns, ""), text: f"{WORDS[place]} number {place}", label: f"class {place % 2}"}
        for place in range(8)
    ]


@st.composite
def _parameters(draw: st.DrawFn) -> dict[str, Any]:
    policies = {name: draw(POLICIES) for name in FINDERS} if draw(st.integers(0, 3)) == 0 else {}
    return {
        "small_classes": "drop",
        "unseen_labels": "drop",
        **policies,
        "min_class_size": draw(st.sampled_from([1, 2, 2, 3, 5])),
        "validation_fraction": draw(st.sampled_from([0.1, 0.1, 0.1, 0.1, 0.1, 0.0, 0.5, 0.99])),
        "test_fraction": draw(st.sampled_from([0.2, 0.2, 0.2, 0.2, 0.2, 0.0, 0.5, 0.99])),
        "long_tail": draw(st.sampled_from([None, None, {"imbalance_ratio": 3}, {"profile": "step"}])),
    }


def _styles() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "quote_all": st.booleans(),
            "line_end": st.sampled_from(["\n", "\r\n", "\r"]),
            "blank_lines": st.booleans(),
            "ascii": st.booleans(),
            "row_group": st.integers(1, 9),
            "compression": st.sampled_from(["none", "snappy", "zstd"]),
            "type": st.sampled_from(["string", "large_string", "dictionary", "string_view"]),
        }
    )
