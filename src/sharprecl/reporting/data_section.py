"""What the report says of the data."""

import html
from collections.abc import Mapping
from typing import Any

import pandas as pd

from sharprecl.reporting.sections import facts
from sharprecl.reporting.tables import (
    MISSING,
    count,
    decimal,
    html_table,
    number_column,
    percent,
    text_column,
)


def imbalance_facts(profile: Mapping[str, Any]) -> str:
    """The imbalance of the training split in numbers.

    Args:
        profile: the imbalance profile.

    Returns:
        HTML.
    """
    groups, texts = profile["groups"], profile["num_texts"]
    pairs = [
        ("classes", count(profile["num_classes"])),
        *((f"{split} texts", count(number)) for split, number in texts.items()),
        *(
            (
                f"{which} class",
                f"{profile[f'{which}_class']['label']}: {profile[f'{which}_class']['texts']:,}",
            )
            for which in ("largest", "smallest")
        ),
        ("imbalance ratio", f"{profile['imbalance_ratio']:.3g}"),
        ("Gini coefficient", decimal(profile["gini"])),
        ("normalized entropy", decimal(profile["normalized_entropy"])),
        ("effective classes", f"{profile['effective_num_classes']:.1f}"),
        *((f"{name} classes", count(group["classes"])) for name, group in groups.items()),
        (
            f"classes absent from a batch of {profile['batch_size']}",
            f"{profile['expected_absent_classes']:.2f}",
        ),
        ("test texts with a near duplicate in train", _near_duplicates(profile)),
    ]
    return facts(pairs)


def advice_list(profile: Mapping[str, Any]) -> str:
    """What the profile suggests to do.

    Args:
        profile: the imbalance profile.

    Returns:
        HTML; nothing where a profile of an earlier version has no advice.
    """
    items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in profile.get("advice", []))
    return f"<ul>{items}</ul>" if items else ""


def _near_duplicates(profile: Mapping[str, Any]) -> str:
    duplicates = profile.get("near_duplicates", {})
    found = duplicates.get("texts_also_in_train", {}).get("test")
    if found is None:
        return MISSING
    return count(found) if duplicates.get("exhaustive", True) else f"at least {count(found)}"


def cleaning_table(ingest_report: Mapping[str, Any]) -> str:
    """What was found in the raw corpus and what became of it.

    Args:
        ingest_report: of the ``ingest`` pipeline.

    Returns:
        HTML.
    """
    cleaning = ingest_report["cleaning"]
    blemishes = cleaning["blemishes"]
    columns = [
        text_column("blemish", [name.replace("_", " ") for name in blemishes]),
        number_column("found", [row["found"] for row in blemishes.values()], count),
        text_column("policy", [row["policy"] for row in blemishes.values()]),
        number_column("dropped", [row["dropped"] for row in blemishes.values()], count),
    ]
    caption = f"Cleaning: {cleaning['rows_in']:,} rows in, {cleaning['rows_out']:,} out"
    return html_table(columns, caption, sortable=False)


def class_size_table(class_table: pd.DataFrame) -> str:
    """Texts of every class, the largest first.

    Args:
        class_table: of the ``profile`` pipeline.

    Returns:
        HTML.
    """
    columns = [
        text_column("class", class_table["label"]),
        text_column("group", class_table["group"]),
        *(number_column(split, class_table[split], count) for split in ("train", "validation", "test")),
        number_column("share of train, %", class_table["share"], percent),
        number_column("absent from a batch, %", class_table["absent_probability"], percent),
        number_column("median words", class_table["median_words"], "{:.0f}".format),
    ]
    return html_table(columns, "Class sizes", sorted_by=(2, "descending"))
