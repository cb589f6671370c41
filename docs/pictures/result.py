"""The picture of a result: four of a run's plots side by side."""

import json
from pathlib import Path
from typing import Any

from plotly.offline import get_plotlyjs

WIDTH, HEIGHT = 1500, 900
_PLOTS: tuple[tuple[str, dict[str, Any]], ...] = (
    # The classes' names would take the room that the bars need.
    ("class_size_plot", {"xaxis": {"showticklabels": False, "ticks": ""}}),
    ("class_size_f1_plot", {}),
    # Of many classes, a legend is longer than the picture is high.
    ("embedding_map_plot", {"showlegend": False}),
    ("reliability_plot", {}),
)
_PAGE = """<!doctype html><meta charset="utf-8">
<style>
body {{ margin: 0; display: grid; grid-template-columns: 1fr 1fr; }}
div {{ height: {height}px; }}
</style>
<body><script>{plotly}</script>
<script>
for (const figure of {figures}) {{
  const box = document.body.appendChild(document.createElement("div"));
  Plotly.newPlot(box, figure.data, figure.layout, {{ displayModeBar: false, responsive: true }});
}}
</script>
"""


def result_page(project: Path) -> str:
    """A page that draws class sizes, F1 by class size, the map of embeddings and reliability.

    Args:
        project: folder with a finished run.

    Returns:
        HTML that needs no network, :data:`WIDTH` × :data:`HEIGHT` pixels.
    """
    figures = []
    for name, changes in _PLOTS:
        figure = json.loads(newest(project, f"{name}.json").read_text(encoding="utf-8"))
        figures.append({"data": figure["data"], "layout": _changed(figure["layout"], changes)})
    # No "</script>" in a label may end the script.
    content = json.dumps(figures).replace("<", "\\u003c")
    return _PAGE.format(plotly=get_plotlyjs(), figures=content, height=HEIGHT // 2)


def _changed(layout: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A layout with some values in place of its own, as high as its box."""
    for key, value in changes.items():
        layout[key] = {**layout.get(key, {}), **value} if isinstance(value, dict) else value
    layout.pop("height", None)
    return layout


def newest(project: Path, name: str) -> Path:
    """The newest version of a reporting file.

    Args:
        project: folder with a finished run.
        name: of the file in ``data/08_reporting``.

    Returns:
        The file, which a versioned dataset keeps in a folder of its name.

    Raises:
        FileNotFoundError: if there is none.
    """
    path = project / "data" / "08_reporting" / name
    versions = sorted(path.glob(f"*/{name}"))
    if not versions and not path.is_file():
        raise FileNotFoundError(f"{path}: not there; run `make train` first")
    return versions[-1] if versions else path
