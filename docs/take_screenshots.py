"""Takes the documentation's pictures of a finished run.

Usage: ``python docs/take_screenshots.py PROJECT``; PROJECT is a folder in which ``make train`` has run. The
pictures go to ``docs/images``. Needs Chromium.
"""

import sys
from pathlib import Path

from pictures import shots
from pictures.browser import chromium, find_chromium
from pictures.servers import lineage_server, tracking_server

IMAGES = Path(__file__).parent / "images"


def main() -> None:
    """Take all pictures."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    project = Path(sys.argv[1]).resolve()
    executable = find_chromium()
    if executable is None:
        sys.exit("There is no browser: install chromium")
    IMAGES.mkdir(exist_ok=True)
    with chromium(executable) as browser:
        shots.take_result(browser, project, IMAGES)
        shots.take_report(browser, project, IMAGES)
        with lineage_server(project) as address:
            shots.take_lineage(browser, address, IMAGES)
        with tracking_server(project) as address:
            shots.take_experiments(browser, address, IMAGES)


if __name__ == "__main__":
    main()
