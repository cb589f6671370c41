"""A headless Chromium, and pages that note what goes wrong or out on them."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Request, Route, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome")


def find_chromium() -> str | None:
    """The path of the browser that the system has; None without one."""
    return next(filter(None, map(shutil.which, _NAMES)), None)


@contextmanager
def chromium(executable: str) -> Iterator[Browser]:
    """A headless browser.

    Args:
        executable: its path; none is downloaded.

    Yields:
        The browser, closed at the end.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A page in a fresh profile that cannot leave the machine.

    Attributes:
        page: the page.
        printed: what it wrote on the console, whatever the level, and its uncaught errors; refusals of what
            is in ``outside`` are left out.
        errors: the part of ``printed`` that is errors.
        outside: addresses of other machines that it asked for; none is answered.
    """

    def __init__(self, browser: Browser, width: int = 1280, height: int = 800, **options: Any) -> None:
        self._context = browser.new_context(viewport={"width": width, "height": height}, **options)
        self.page = self._context.new_page()
        self.printed: list[str] = []
        self.errors: list[str] = []
        self.outside: list[str] = []
        self._context.route(_is_outside, self._refuse)
        self.page.on("console", self._note_line)
        self.page.on("pageerror", self._note_error)
        self.page.on("request", self._note_request)

    def remember(self, key: str, value: str) -> None:
        """Put something into the pages' local storage before they load."""
        self._context.add_init_script(f"localStorage.setItem({json.dumps(key)}, {json.dumps(value)})")

    def close(self) -> None:
        """Close the page and forget its profile."""
        self._context.close()

    def __enter__(self) -> "Visit":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _refuse(self, route: Route) -> None:
        route.abort()

    def _note_request(self, request: Request) -> None:
        if _is_outside(request.url):
            self.outside.append(request.url)

    def _note_line(self, message: ConsoleMessage) -> None:
        if _is_outside(message.location.get("url", "")):
            return
        self.printed.append(f"{message.type}: {message.text}")
        if message.type == "error":
            self.errors.append(message.text)

    def _note_error(self, error: Exception) -> None:
        self.printed.append(f"uncaught: {error}")
        self.errors.append(str(error))


def _is_outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1"
