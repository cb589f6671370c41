"""The documentation's pictures can be taken again."""

import pytest

from docs.pictures import shots

pytestmark = pytest.mark.slow
NAMES = ["experiments", "lineage", "report", "report-dark", "report-phone", "result"]


def test_each_picture_is_taken_of_a_finished_run(browser, project, lineage, tracking, tmp_path):
    shots.take_result(browser, project, tmp_path)
    shots.take_report(browser, project, tmp_path)
    shots.take_lineage(browser, lineage, tmp_path)
    shots.take_experiments(browser, tracking, tmp_path)
    taken = sorted(tmp_path.iterdir())
    assert sorted(file.stem for file in taken) == NAMES
    assert all(file.read_bytes().startswith(b"\x89PNG") for file in taken)
    # An empty page of this size makes some 5 kB.
    assert all(15_000 < file.stat().st_size <= shots.MOST_BYTES for file in taken)
