"""Fixtures of all tests; tests never look for a model hub."""

import os
import signal
import threading
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")

# A shell that starts tests in the background lets them ignore Ctrl-C, and what they start with them.
if threading.current_thread() is threading.main_thread():
    signal.signal(signal.SIGINT, signal.default_int_handler)

PROJECT_ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def released_data() -> Path:
    """Folder of the two released data sets; the test is skipped where there is none."""
    folder = Path(os.environ.get("SHARPRECL_DATA", PROJECT_ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the released data sets are not at {folder}: set SHARPRECL_DATA")
    return folder
