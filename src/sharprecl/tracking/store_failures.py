"""What a tracking store lacks, told from whatever error it ended in."""

import re
from collections.abc import Callable, Iterable

from sharprecl.starvation import TRY_AGAIN


def describe_store_failure(chain: Iterable[BaseException]) -> str | None:
    """One line for a database that is locked, read-only, absent or of another version, and a silent server.

    MLflow wraps such errors in its own and keeps the text at best, so the text is what is looked at.

    Args:
        chain: the error and what it was raised from.

    Returns:
        The line; None if it is another error.
    """
    links = list(chain)
    for pattern, describe in _FAILURES:
        for link in links:
            match = pattern.search(str(link))
            if match is not None:
                return describe(match)
    return None


def _read_only(_: re.Match[str]) -> str:
    return f"mlflow.db: read-only; make it writable, or copy the project to where it is, {TRY_AGAIN}"


def _locked(_: re.Match[str]) -> str:
    return f"mlflow.db: another program keeps it locked; end that program or wait for it, {TRY_AGAIN}"


def _no_database(_: re.Match[str]) -> str:
    return "mlflow.db: cannot be opened or made; see that it and its folder are there, readable and writable"


def _damaged(_: re.Match[str]) -> str:
    return (
        "mlflow.db: damaged, or no database; bring back a copy, or move it away to begin a new one, and run "
        "the same command again"
    )


def _other_schema(_: re.Match[str]) -> str:
    mend = (
        "copy it somewhere safe, then `mlflow db upgrade sqlite:///mlflow.db`, with the program in .venv/bin"
    )
    return f"mlflow.db: made by another version of MLflow; {mend}, and run the same command again"


def _half_made(_: re.Match[str]) -> str:
    return (
        "mlflow.db: a command was killed while it was made or upgraded; move it away, or bring back a copy "
        "from before, and run the same command again"
    )


def _no_server(match: re.Match[str]) -> str:
    server = re.sub(r"//[^/@\s]*@", "//", match["server"] or "in server.mlflow_tracking_uri")
    mend = "start it, or name another one as server.mlflow_tracking_uri in mlflow.yml"
    return f"tracking server {server}: no answer; {mend}, {TRY_AGAIN}"


_FAILURES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"attempt to write a readonly database"), _read_only),
    (re.compile(r"database (table )?is locked"), _locked),
    (re.compile(r"unable to open database file"), _no_database),
    (re.compile(r"sqlite3\.OperationalError\) (table \S+ already exists|duplicate column name)"), _half_made),
    (re.compile(r"file is not a database|database disk image is malformed"), _damaged),
    (re.compile(r"out-of-date database schema|Can't locate revision"), _other_schema),
    (
        re.compile(r"API request to (?P<server>\w+://[^/\s]+)\S* failed with|Max retries exceeded"),
        _no_server,
    ),
)
