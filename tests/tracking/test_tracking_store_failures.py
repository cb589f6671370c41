"""Errors that say what a tracking store lacks."""

from mlflow.exceptions import MlflowException

from sharprecl.tracking.store_failures import describe_store_failure


def test_a_servers_password_is_not_shown():
    error = MlflowException("API request to http://user:secret@host:5000/api/2.0/x failed with timeout")
    line = describe_store_failure([error])
    assert line is not None
    assert line.startswith("tracking server http://host:5000: no answer; ")
    assert "secret" not in line


def test_another_error_is_not_described():
    assert describe_store_failure([ValueError("x"), MlflowException("no such run")]) is None
