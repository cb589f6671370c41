"""Posting JSON to a server that may be busy, without letting the key out."""

import http.client
import json
import ssl
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from sharprecl.errors import ModelError

TIMEOUT_SECONDS = 120.0
MAX_ATTEMPTS = 6
FIRST_WAIT_SECONDS = 1.0
"""Doubles from attempt to attempt."""
LONGEST_WAIT_SECONDS = 60.0
MAX_REASON_CHARACTERS = 300
MIN_SECRET_CHARACTERS = 8
"""Shorter keys are stand-ins such as ``none``, and may be words of an answer."""

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""Statuses after which a server may answer the same question."""
REFUSED_KEY = frozenset({401, 403})
REFUSED_QUESTION = frozenset({400, 413, 422})
"""Statuses that may be about this question alone: its content, or its length."""


class RefusedQuestionError(ModelError):
    """The server does not take this question; it may take others."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would take the key to another server."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _opener() -> urllib.request.OpenerDirector:
    # One context for all connections: making it reads all certificates.
    secure = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    return urllib.request.build_opener(_NoRedirects, secure)


@dataclass
class JsonPoster:
    """Posts to one address.

    Attributes:
        address: URL, without credentials.
        key: sent as a bearer token, or empty.
        key_variable: where the key comes from, for messages.
        stop: set to end all waiting at once.
        opener: how connections are made.
    """

    address: str
    key: str = field(repr=False)
    key_variable: str
    stop: threading.Event = field(default_factory=threading.Event)
    opener: urllib.request.OpenerDirector = field(default_factory=_opener, repr=False)

    def post(self, body: dict[str, Any]) -> Any:
        """Post until an answer comes, waiting longer and longer while the server is busy.

        Args:
            body: anything that JSON can hold.

        Returns:
            The answer, parsed.

        Raises:
            RefusedQuestionError: if the server refuses the question.
            ModelError: if it refuses all, stays busy or does not speak JSON.
        """
        reason = ""
        for attempt in range(MAX_ATTEMPTS):
            try:
                return self._post_once(body)
            except urllib.error.HTTPError as error:
                with error:
                    reason = self._describe(error)
                if error.code not in PASSING:
                    kind = RefusedQuestionError if error.code in REFUSED_QUESTION else ModelError
                    raise kind(f"{self.address}: {reason}; {self._mend(error.code)}") from None
                wait = _wait_seconds(attempt, error.headers.get("Retry-After"))
            except (OSError, http.client.HTTPException) as error:
                reason = str(getattr(error, "reason", error)) or type(error).__name__
                wait = _wait_seconds(attempt, None)
            if attempt + 1 < MAX_ATTEMPTS and self.stop.wait(wait):
                break
        raise ModelError(
            f"{self.address}: no answer after {attempt + 1} attempts ({reason}); the answers so far are "
            "kept: run again when the server is back, or lower compare.llm.batch_size"
        )

    def _post_once(self, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        request = urllib.request.Request(self.address, json.dumps(body).encode(), headers)  # noqa: S310
        # Only http and https addresses come here.
        with self.opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            content = response.read()
        try:
            return json.loads(content)
        except ValueError:
            raise ModelError(
                f"{self.address}: the answer is not JSON; give the base URL of an OpenAI-compatible server "
                "in compare.llm.endpoint"
            ) from None

    def _describe(self, error: urllib.error.HTTPError) -> str:
        """The status, and the reason that OpenAI-compatible servers give with it."""
        try:
            content = error.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            content = ""
        try:
            parsed = json.loads(content)
            inner = parsed.get("error", parsed)
            content = inner if isinstance(inner, str) else inner["message"]
        except (ValueError, TypeError, KeyError, AttributeError):
            pass
        reason = self.without_key(" ".join(str(content or error.reason).split()))
        return f"HTTP {error.code}: {reason[:MAX_REASON_CHARACTERS]}"

    def _mend(self, status: int) -> str:
        if status in REFUSED_KEY:
            return f"set the environment variable {self.key_variable} to a key that is valid there"
        if status == http.client.NOT_FOUND:
            return "mend compare.llm.endpoint or compare.llm.model"
        if 300 <= status < 400:
            return "give the address that it leads to in compare.llm.endpoint"
        return "mend compare.llm to what this server takes"

    def without_key(self, text: str) -> str:
        """What a server sent back, should it repeat the key."""
        return text.replace(self.key, "***") if len(self.key) >= MIN_SECRET_CHARACTERS else text


def _wait_seconds(attempt: int, retry_after: str | None) -> float:
    """Exponential back-off, or as long as the server asks for in seconds."""
    wait = FIRST_WAIT_SECONDS * 2.0**attempt
    if retry_after is not None and retry_after.strip().isdecimal():
        wait = max(wait, float(retry_after))
    return min(wait, LONGEST_WAIT_SECONDS)
