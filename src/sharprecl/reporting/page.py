"""The report put together."""

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import pandas as pd
from plotly.graph_objects import Figure
from plotly.offline import get_plotlyjs

from sharprecl.plotting import display_label
from sharprecl.reporting import sections
from sharprecl.reporting.data_section import advice_list, class_size_table, cleaning_table, imbalance_facts
from sharprecl.reporting.figures import dark_colours_block, figure_block
from sharprecl.reporting.metrics_table import metrics_tables, score_with_interval

_HEADLINE = (("macro_f1", "macro-F1"), ("accuracy", "accuracy"), ("worst_recall", "worst recall"))
_EMBEDDING_NOTE = (
    '<p class="note">Each mark is a test text; point at it to read it. Neighbours here are neighbours for '
    "the model; far distances and the axes mean nothing. Stars are the classes' prototypes, where the method "
    "has some.</p>"
)


def report_page(
    *,
    corpus: str,
    settings: Mapping[str, Any],
    ingest_report: Mapping[str, Any],
    imbalance_profile: Mapping[str, Any],
    class_table: pd.DataFrame,
    metrics: Mapping[str, Any],
    per_class: pd.DataFrame,
    predictions: pd.DataFrame,
    figures: Mapping[str, Figure],
    confidence: float = 0.95,
) -> str:
    """One page about one run: data, training, results, mistakes, and the command that makes it again.

    The page holds all that it needs. Its content security policy lets it load nothing and lets no script
    run but the two that are written here, so that nothing in labels or texts could, even unescaped.

    Args:
        corpus: its name.
        settings: parameters of the run by name, blocks as mappings, with ``encoder``, ``preset``, ``seed``.
        ingest_report: of the ``ingest`` pipeline.
        imbalance_profile: of the ``profile`` pipeline.
        class_table: of the ``profile`` pipeline.
        metrics: by ``validation``, ``test`` and ``test_intervals``.
        per_class: the test split's per-class table.
        predictions: the predictions table.
        figures: by the catalog's names; those given are shown.
        confidence: of the intervals.

    Returns:
        HTML, plotly.js (almost 5 MB) included once.
    """
    drawn = {name: figure_block(name, figure) for name, figure in figures.items()}

    def figure(*names: str) -> str:
        return "\n".join(drawn[name] for name in names if name in drawn)

    parts = [
        ("Data", "data", _data_part(ingest_report, imbalance_profile, class_table, figure)),
        ("Training", "training", figure("training_curves_plot")),
        ("Metrics", "metrics", _metrics_part(metrics, confidence)),
        ("Classes", "classes", sections.per_class_section(per_class) + figure("class_size_f1_plot")),
        ("Confusion", "confusion", figure("confusion_matrix_plot")),
        ("Reliability", "reliability", figure("reliability_plot")),
        ("Embeddings", "embeddings", _EMBEDDING_NOTE + figure("embedding_map_plot")),
        ("Mistakes", "mistakes", sections.mistakes_section(predictions)),
        ("Command", "command", sections.command_section(settings)),
    ]
    return _page(corpus, _headline(metrics, settings, confidence), parts)


def _data_part(
    ingest_report: Mapping[str, Any], profile: Mapping[str, Any], class_table: pd.DataFrame, figure: Any
) -> str:
    blocks = [
        imbalance_facts(profile),
        advice_list(profile),
        figure("class_size_plot"),
        class_size_table(class_table),
        figure("lorenz_plot", "text_length_plot"),
        cleaning_table(ingest_report),
    ]
    return "\n".join(blocks)


def _metrics_part(metrics: Mapping[str, Any], confidence: float) -> str:
    note = "The intervals cover the choice of test texts, not of seeds."
    return f'<p class="note">{note}</p>\n{metrics_tables(metrics, confidence)}'


def _headline(metrics: Mapping[str, Any], settings: Mapping[str, Any], confidence: float) -> str:
    names = [(key, str(settings[key])) for key in ("encoder", "preset", "seed")]
    interval = f"%, with {100 * confidence:g} % interval"
    scores = [(f"test {title}, {interval}", score_with_interval(metrics, name)) for name, title in _HEADLINE]
    return sections.facts(names + scores)


def _page(corpus: str, headline: str, parts: list[tuple[str, str, str]]) -> str:
    title = f"Text classifier on {display_label(corpus, 80)}"
    contents = "".join(f'<li><a href="#{name}">{heading}</a></li>' for heading, name, _ in parts)
    body = "\n".join(
        f'<section aria-labelledby="{name}"><h2 id="{name}">{heading}</h2>\n{content}\n</section>'
        for heading, name, content in parts
    )
    scripts = [get_plotlyjs(), _resource("page.js")]
    programs = "\n".join(f"<script>{script}</script>" for script in scripts)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy(scripts)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<style>{_resource("style.css")}</style>
</head>
<body>
<header><h1>{title}</h1>
{headline}
<nav aria-label="Contents"><ul>{contents}</ul></nav>
<noscript><p>Figures and sorting need JavaScript; everything else is here.</p></noscript></header>
<main>
{body}
</main>
{dark_colours_block()}
{programs}
</body>
</html>
"""


def _policy(scripts: list[str]) -> str:
    """A content security policy that lets only these scripts run and nothing load."""
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    # plotly.js writes style elements, and draws heat maps as data URLs.
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:"


def _resource(name: str) -> str:
    return files("sharprecl.reporting").joinpath(name).read_text(encoding="utf-8")
