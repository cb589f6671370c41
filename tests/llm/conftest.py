"""Fixtures of the tests that ask language models."""

import pytest

from sharprecl.llm import http_post
from tests.llm.chat_server import serve_chat


@pytest.fixture
def chat_server(monkeypatch):
    """A loopback endpoint that is not reached through a proxy; waiting for it takes next to no time."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(http_post, "FIRST_WAIT_SECONDS", 0.001)
    monkeypatch.setattr(http_post, "LONGEST_WAIT_SECONDS", 0.05)
    with serve_chat() as server:
        yield server
