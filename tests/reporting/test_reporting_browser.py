"""The report in a real browser: it draws, sorts, fits a phone and says nothing on the console."""

import json
import re
import shutil
import subprocess
from html import unescape

import pytest

from tests.reporting import runs

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--allow-file-access-from-files",
    "--enable-logging=stderr",
    "--virtual-time-budget=20000",
    "--dump-dom",
]
# A frame as wide as a phone, and what a reader would see and do in it.
PROBE = """<!doctype html><meta charset="utf-8">
<iframe id="frame" src="report.html" style="width: 375px; height: 800px; border: 0"></iframe>
<pre id="seen"></pre>
<script>
const frame = document.getElementById("frame");
frame.onload = () => setTimeout(() => {
  const page = frame.contentDocument, seen = {}, root = page.documentElement;
  seen.overflow = root.scrollWidth - root.clientWidth;
  seen.title = page.title;
  seen.dark = frame.contentWindow.matchMedia("(prefers-color-scheme: dark)").matches;
  seen.ground = frame.contentWindow.getComputedStyle(page.body).backgroundColor;
  const boxes = [...page.querySelectorAll("[data-figure]")];
  seen.papers = boxes.map((box) => box._fullLayout.paper_bgcolor);
  seen.names = boxes.at(-1).data.map((trace) => trace.name);
  frame.contentWindow.Plotly.Fx.hover(boxes.at(-1), [{ curveNumber: 1, pointNumber: 0 }]);
  seen.hover = [...boxes.at(-1).querySelectorAll(".hovertext tspan.line")].map((line) => line.textContent);
  seen.drawn = boxes.map((box) => box.querySelectorAll(".main-svg").length > 0);
  const tables = [...page.querySelectorAll("table")];
  const table = tables.find((item) => item.caption.textContent === "Classes of the test split");
  const headers = [...table.tHead.rows[0].cells];
  const column = (index) => [...table.tBodies[0].rows].map((row) => row.cells[index].textContent);
  seen.states = [];
  seen.columns = [2, 7, 7, 0].map((index) => { // training texts, F1 twice, names
    headers[index].querySelector("button").click();
    seen.states.push(headers.map((header) => header.getAttribute("aria-sort")).join(" "));
    return column(index);
  });
  document.getElementById("seen").textContent = JSON.stringify(seen);
}, 3000);
</script>
"""


@pytest.fixture(scope="module")
def chromium() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("no browser: install chromium to see the report drawn")
    return found


@pytest.fixture(scope="module", params=["light", "dark"])
def seen(request, chromium, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    runs.write(folder, runs.page())
    (folder / "probe.html").write_text(PROBE, encoding="utf-8")
    theme = f"--blink-settings=preferredColorScheme={int(request.param == 'light')}"
    command = [
        chromium,
        *FLAGS,
        theme,
        f"--user-data-dir={folder / 'profile'}",
        (folder / "probe.html").as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=180)
    # A request that the content policy refuses would stand there, too.
    assert not [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    found = re.search(r'<pre id="seen">(.+?)</pre>', done.stdout, re.DOTALL)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    return request.param, json.loads(unescape(found[1]))


def test_figures_are_drawn_in_the_readers_theme(seen):
    theme, page = seen
    assert page["dark"] == (theme == "dark")
    assert page["ground"] == {"light": "rgb(255, 255, 255)", "dark": "rgb(23, 23, 23)"}[theme]
    assert set(page["papers"]) == {{"light": "white", "dark": "#171717"}[theme]}
    assert page["drawn"] == [True] * len(runs.figures())
    assert page["names"][0] == "white"  # a class of that name is no colour


def test_no_label_or_text_ran(seen):
    assert seen[1]["title"] == f"Text classifier on mails {runs.SCRIPT}"


def test_pointing_at_a_text_shows_it_as_it_is_written(seen):
    label, row, *lines = seen[1]["hover"]
    assert (label, row) == (runs.SCRIPT, "row 1")
    assert "".join(lines).replace(" ", "") == runs.BREAK_OUT.replace(" ", "")


def test_the_page_fits_a_phone(seen):
    assert seen[1]["overflow"] == 0


def test_headers_sort_and_missing_numbers_stay_last(seen):
    sizes, falling, rising, names = seen[1]["columns"]
    assert sizes == ["3", "9", "50", "1,000"]  # sorted from the largest before: turned round
    assert falling == ["85.7", "0.0", "0.0", "–"]
    assert rising == ["0.0", "0.0", "85.7", "–"]
    assert names[-1] == "white"
    assert seen[1]["states"][0].split() == ["none", "none", "ascending", *["none"] * 6]
    assert seen[1]["states"][1].split()[7] == "descending"
    assert seen[1]["states"][2].split()[7] == "ascending"
    assert seen[1]["states"][3].split() == ["ascending", *["none"] * 8]
