"""The report in a real browser: it draws, sorts, fits a phone, asks for nothing and prints nothing."""

import pytest

from docs.pictures.browser import Visit
from tests.reporting import runs

pytestmark = pytest.mark.slow
CLASSES = "Classes of the test split"


@pytest.fixture(scope="module", params=["light", "dark"])
def theme(request):
    return request.param


@pytest.fixture(scope="module")
def visit(browser, theme, tmp_path_factory):
    """The hostile sample run's report on a page as wide as a phone."""
    file = runs.write(tmp_path_factory.mktemp("report"), runs.page())
    with Visit(browser, width=375, color_scheme=theme) as visit:
        visit.page.goto(file.as_uri())
        yield visit


@pytest.fixture(scope="module")
def page(visit):
    return visit.page


@pytest.fixture(scope="module")
def figures(page):
    return page.locator("[data-figure]")


def test_figures_are_drawn_in_the_readers_theme(page, figures, theme):
    drawn = figures.evaluate_all("boxes => boxes.map(box => box.querySelectorAll('.main-svg').length > 0)")
    assert drawn == [True] * len(runs.figures())
    papers = figures.evaluate_all("boxes => boxes.map(box => box._fullLayout.paper_bgcolor)")
    assert papers == [{"light": "white", "dark": "#171717"}[theme]] * len(runs.figures())
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == {"light": "rgb(255, 255, 255)", "dark": "rgb(23, 23, 23)"}[theme]
    names = figures.last.evaluate("box => box.data.map(trace => trace.name)")
    assert names[0] == "white"  # a class of that name is no colour


def test_no_label_or_text_ran(page):
    assert page.title() == f"Text classifier on mails {runs.SCRIPT}"


@pytest.mark.parametrize(
    ("row", "label", "text"),
    [(1, runs.SCRIPT, runs.BREAK_OUT), (2, runs.BREAK_OUT[:39] + "…", "spam & <b>eggs</b> spam &")],
)
def test_pointing_at_a_text_shows_it_as_it_is_written(page, figures, row, label, text):
    figures.last.scroll_into_view_if_needed()
    mark = figures.last.locator(".scatterlayer .trace").nth(row).locator("path.point").first.bounding_box()
    page.mouse.move(mark["x"] + mark["width"] / 2, mark["y"] + mark["height"] / 2)
    figures.last.locator(".hovertext", has_text=f"row {row}").wait_for()
    lines = figures.last.locator(".hovertext tspan.line").all_text_contents()
    assert lines[:2] == [label, f"row {row}"]
    assert "".join(lines[2:]).replace(" ", "").startswith(text.replace(" ", ""))


def test_the_page_fits_a_phone(page):
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_headers_sort_and_missing_numbers_stay_last(page):
    table = page.get_by_role("table", name=CLASSES)

    def column_after_a_click(index):
        table.locator("thead button").nth(index).click()
        states = table.locator("thead th").evaluate_all("cells => cells.map(cell => cell.ariaSort)")
        return table.locator(f"tbody tr > :nth-child({index + 1})").all_text_contents(), states

    unsorted = ["none"] * 9
    sizes, states = column_after_a_click(2)  # training texts, sorted from the largest before: turned round
    assert sizes == ["3", "9", "50", "1,000"]
    assert states == [*unsorted[:2], "ascending", *unsorted[3:]]
    f1, states = column_after_a_click(7)
    assert f1 == ["85.7", "0.0", "0.0", "–"]
    assert states == [*unsorted[:7], "descending", *unsorted[8:]]
    f1, states = column_after_a_click(7)
    assert f1 == ["0.0", "0.0", "85.7", "–"]
    assert states == [*unsorted[:7], "ascending", *unsorted[8:]]
    names, states = column_after_a_click(0)
    assert names[-1] == "white"
    assert states == ["ascending", *unsorted[1:]]


def test_the_console_is_empty_and_nothing_is_asked_for(visit, page):
    """A request that the page's content policy refuses would stand on the console. Last: after all clicks."""
    page.wait_for_timeout(500)
    assert visit.printed == []
    assert visit.outside == []


def test_the_report_of_a_trained_project_draws_its_figures(browser, project):
    (file,) = project.glob("data/08_reporting/report.html/*/report.html")
    with Visit(browser) as visit:
        visit.page.goto(file.as_uri())
        figures = visit.page.locator("[data-figure]")
        assert figures.count() == 8
        drawn = figures.evaluate_all(
            "boxes => boxes.map(box => box.querySelectorAll('.main-svg').length > 0)"
        )
        assert all(drawn)
        assert "tickets" in visit.page.title()
        assert visit.printed == []
        assert visit.outside == []
