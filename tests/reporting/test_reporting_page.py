"""The report as a browser's parser reads it."""

import base64
import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest
from plotly.graph_objects import Figure
from plotly.offline import get_plotlyjs

from sharprecl.plotting import PALETTE, TEMPLATE
from sharprecl.reporting.figures import DARK_COLOURS, data_block, figure_block
from sharprecl.reporting.mistakes import confident_mistakes
from tests.reporting import runs


@pytest.fixture(scope="module")
def text():
    return runs.page()


@pytest.fixture(scope="module")
def page(text):
    return runs.Page(text)


def scripts(page):
    kinds = [attributes.get("type", "program") for tag, attributes in page.elements if tag == "script"]
    return list(zip(kinds, page.texts["script"], strict=True))


def test_nothing_but_its_own_two_programs_runs(page):
    programs = [script for kind, script in scripts(page) if kind == "program"]
    assert programs[0] == get_plotlyjs()
    assert len(programs) == 2
    policy = next(
        attributes["content"]
        for tag, attributes in page.elements
        if "http-equiv" in attributes and tag == "meta"
    )
    digests = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in programs}
    assert set(re.findall(r"'sha256-([^']+)'", policy)) == digests
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]


def test_it_asks_for_no_other_file(page):
    assert not {"link", "img", "iframe", "object", "embed", "base"} & {tag for tag, _ in page.elements}
    for tag, attributes in page.elements:
        assert not {"src", "srcset", "action", "style", "onclick", "onerror"} & set(attributes), tag
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"url\(|@import|https?:", "".join(page.texts["style"]))
    own = [script for kind, script in scripts(page) if kind == "program"][1]
    assert not re.search(r"https?:|fetch|XMLHttp|innerHTML|eval", own)


def test_plotly_is_embedded_once_and_every_figure_has_its_data(text, page):
    assert text.count(get_plotlyjs()[:200]) == 1
    data = {
        attributes["id"]: json.loads(content)
        for (tag, attributes), content in zip(
            [element for element in page.elements if element[0] == "script"],
            page.texts["script"],
            strict=True,
        )
        if attributes.get("type") == "application/json"
    }
    drawn = {attributes["data-figure"] for _, attributes in page.elements if "data-figure" in attributes}
    assert drawn == {f"{name}-data" for name in runs.figures()} == set(data) - {"dark-colours"}
    assert data["embedding_map_plot-data"]["data"][0]["name"] == "white"
    assert all("text" not in data[name]["layout"].get("title", {}) for name in drawn)  # it is the caption
    assert all(data[name]["layout"]["height"] >= 400 for name in drawn)


@pytest.mark.parametrize("label", runs.LABELS)
def test_labels_show_as_they_are_written(page, label):
    for caption in ("Class sizes", "Classes of the test split"):
        assert label in [row[0] for row in page.tables[caption]]


def test_advice_is_listed_as_text():
    shown = runs.Page(runs.page(imbalance_profile=runs.PROFILE | {"advice": ["a <b> & c"]}, figures={}))
    assert "a <b> & c" in shown.texts["li"]


def test_a_long_text_is_shortened(page):
    shown = next(cell for row in page.tables["Most confident mistakes"] for cell in row if "script" in cell)
    assert shown in {runs.SCRIPT, runs.BREAK_OUT}
    mistaken = runs.predictions().assign(text=runs.LONG_TEXT, correct=False)
    table = runs.Page(runs.page(predictions=mistaken, figures={})).tables["Most confident mistakes"]
    assert len(runs.LONG_TEXT) > 10_000
    assert {len(row[0]) for row in table[1:]} <= {399, 400}
    assert all(row[0].endswith("…") for row in table[1:])


def test_headings_are_in_order_and_ids_unique(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels == [1] + [2] * 9
    assert page.texts["h2"] == [
        "Data",
        "Training",
        "Metrics",
        "Classes",
        "Confusion",
        "Reliability",
        "Embeddings",
        "Mistakes",
        "Command",
    ]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    references = [value for _, attributes in page.elements if (value := attributes.get("aria-labelledby"))]
    assert {link[1:] for link in links} | set(references) <= set(ids)


def test_tables_are_sortable_and_say_how_they_are_sorted(text, page):
    headers = [attributes for tag, attributes in page.elements if tag == "th"]
    assert {attributes["scope"] for attributes in headers} == {"row", "col"}
    sortable = [attributes for attributes in headers if "aria-sort" in attributes]
    assert len(sortable) == text.count('<button type="button">') == 8 + 9 + 6
    assert [attributes["aria-sort"] for attributes in sortable].count("descending") == 3
    counts = [int(row[2].replace(",", "")) for row in page.tables["Classes of the test split"][1:]]
    assert counts == [1000, 50, 9, 3]
    assert '<td data-sort="1000.0">1,000</td>' in text
    assert '<td data-sort="">–</td>' in text


def test_numbers_that_are_missing_are_dashes(page):
    rows = {row[0]: row[1:] for row in page.tables["Classes of the test split"]}
    assert rows[runs.LABELS[3]] == ["tail", "3", "0", "0", "–", "–", "–", "–"]
    assert rows["white"] == ["head", "1,000", "3", "4", "75.0", "100.0", "85.7", "90.0"]
    assert f"No test text, so nothing is known of: {runs.LABELS[3]}." in page.texts["p"]


def test_metrics_have_their_intervals(page):
    scores = {row[0]: row[1:] for row in page.tables["Scores in percent"]}
    assert scores["metric"] == ["test", "90 % interval", "validation"]
    assert scores["macro-F1"] == ["28.6", "20.0 to 40.0", "70.0"]
    assert scores["accuracy"] == ["60.0", "–", "80.0"]
    assert scores["worst recall"] == ["0.0", "–", "–"]
    assert scores["tail F1"] == ["–", "–", "–"]
    others = {row[0]: row[1:] for row in page.tables["Correlation and probabilities"]}
    assert others["negative log-likelihood"] == ["1.250", "–", "0.500"]
    assert others["surprise"] == ["2.500", "–", "–"]
    assert "28.6 (20.0 to 40.0)" in page.texts["dd"]


def test_the_imbalance_and_the_cleaning_are_told(page):
    facts = dict(zip(page.texts["dt"], page.texts["dd"], strict=True))
    assert facts["imbalance ratio"] == "333"
    assert facts["largest class"] == "white: 1,000"
    assert facts["tail classes"] == "2"
    assert facts["classes absent from a batch of 64"] == "1.45"
    assert facts["test texts with a near duplicate in train"] == "17"
    assert page.tables["Cleaning: 1,200 rows in, 1,173 out"][1] == ["split overlaps", "27", "drop", "27"]


def test_a_profile_without_near_duplicates_is_enough():
    profile = {key: value for key, value in runs.PROFILE.items() if key != "near_duplicates"}
    shown = runs.Page(runs.page(imbalance_profile=profile, figures={}))
    assert shown.texts["dd"][-1] == "–"


def test_a_model_without_mistakes():
    right = runs.predictions().assign(correct=True)
    shown = runs.Page(runs.page(predictions=right, figures={}))
    assert "Most confident mistakes" not in shown.tables
    assert "Every test text has the label that the model gives it." in shown.texts["p"]


def test_what_cannot_be_typed_is_given_as_configuration(page):
    assert page.texts["code"] == [
        "kedro run --pipeline=train --params=encoder=minilm,preset=sharprecl,seed=3",
        "conf/local/parameters.yml",
        "corpus:\n  train: a, b.csv\n",
    ]


class TestMistakes:
    def test_the_twenty_surest_in_order_equal_ones_by_row(self):
        number = 50
        table = pd.DataFrame(
            {
                "row_id": range(number),
                "text": "t",
                "label": ["a", "b"] * 25,
                "predicted": ["b", "b"] * 25,
                "probability": np.round(np.random.default_rng(0).uniform(0.5, 1, number), 1),
                "p[a]": np.arange(number) / 100,
            }
        )
        table["correct"] = table["label"] == table["predicted"]
        shown = confident_mistakes(table.sample(frac=1, random_state=1))
        wrong = [(-row.probability, row.row_id) for row in table.itertuples() if row.label != row.predicted]
        assert shown["row_id"].tolist() == [row_id for _, row_id in sorted(wrong)[:20]]
        assert shown["true_probability"].tolist() == [row_id / 100 for row_id in shown["row_id"]]
        assert confident_mistakes(table, limit=3)["row_id"].tolist() == shown["row_id"].tolist()[:3]

    def test_a_label_that_the_model_does_not_know_has_no_probability(self):
        table = runs.predictions().drop(columns=f"p[{runs.LABELS[2]}]")
        shown = confident_mistakes(table)
        assert shown["row_id"].tolist() == [3, 4]
        np.testing.assert_array_equal(shown["true_probability"], [0.125, np.nan])


def test_ink_ground_and_black_of_the_figures_have_a_dark_counterpart():
    layout = TEMPLATE.layout
    used = [layout.font.color, layout.xaxis.gridcolor, layout.xaxis.linecolor, layout.paper_bgcolor]
    used += [layout.plot_bgcolor, layout.legend.bgcolor, PALETTE[-1]]
    confusion = runs.figures()["confusion_matrix_plot"]
    used += [colour for _, colour in confusion.data[0].colorscale]
    assert set(used) <= set(DARK_COLOURS)


def _luminance(colour):
    channels = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def test_words_stand_out_in_both_themes(page):
    themes = re.findall(r":root \{(.*?)\}", page.texts["style"][0], re.DOTALL)
    assert len(themes) == 2
    for theme in themes:
        colours = {name: _luminance(value) for name, value in re.findall(r"--(\w+): (#\w{6});", theme)}
        for ink in ("ink", "faint", "link"):
            for ground in ("ground", "head"):
                dark, light = sorted((colours[ink], colours[ground]))
                assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)


@pytest.mark.parametrize("text", [runs.BREAK_OUT, "<!--<script>", "a & b", "\u2028 \u2029"])
def test_no_text_ends_the_element_that_holds_the_data(text):
    block = data_block("name", json.dumps({"text": text}, ensure_ascii=False))
    content = re.fullmatch(r'<script type="application/json" id="name">(.*)</script>', block)[1]
    assert not set("<>&\u2028\u2029") & set(content)
    assert json.loads(content) == {"text": text}


def test_a_figure_that_escapes_nothing_itself_is_harmless():
    block = runs.Page(
        figure_block("raw", Figure(layout_title_text=runs.BREAK_OUT).add_scatter(name=runs.SCRIPT))
    )
    assert [tag for tag, _ in block.elements] == ["figure", "figcaption", "div", "div", "script"]
    assert block.texts["figcaption"] == [runs.BREAK_OUT]
    assert json.loads(block.texts["script"][0])["data"][0]["name"] == runs.SCRIPT
