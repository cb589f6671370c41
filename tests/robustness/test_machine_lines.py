"""The line about what the machine lacks, from the error of whatever library."""

import errno

import pytest
from kedro.io import DatasetError

from sharprecl.error_lines import describe_error

ERRORS = [
    (
        OSError(errno.ENOSPC, "No space left on device", "a.bin"),
        "a.bin: no space left on the disk; free some",
    ),
    (
        RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has"),
        "memory: CUDA has too little; ",
    ),
    (RuntimeError("DefaultCPUAllocator: can't allocate memory: you"), "memory: the machine has too little"),
    (OSError(errno.EDQUOT, "Disk quota exceeded", "a.bin"), "a.bin: the disk quota is used up; free some"),
    (RuntimeError("PytorchStreamWriter failed writing file data/0"), "disk: no space left on the disk"),
    (DatasetError("I/O error: No space left on device (os error 28)"), "disk: no space left on the disk"),
    (OSError(errno.EROFS, "Read-only file system", "data"), "data: read-only; make it writable"),
    (DatasetError("attempt to write a readonly database"), "mlflow.db: read-only; make it writable"),
    (PermissionError(errno.EACCES, "Permission denied", "data"), "data: permission denied; "),
    (DatasetError("(sqlite3.OperationalError) database is locked [SQL: …"), "mlflow.db: another program"),
    (
        RuntimeError("Detected out-of-date database schema (found version 1, but expected 2). Take a backup"),
        "mlflow.db: made by another version of MLflow; copy it somewhere safe, then `mlflow db upgrade",
    ),
    (DatasetError("unable to open database file"), "mlflow.db: cannot be opened or made"),
    (DatasetError("API request to http://h:50/api failed with"), "tracking server http://h:50: no answer"),
]


@pytest.mark.parametrize(("error", "line"), ERRORS)
def test_whatever_library_says_it_the_line_says_what_to_do(error, line):
    wrapped = DatasetError("Failed while saving data to dataset")
    wrapped.__cause__ = error
    for raised in (error, wrapped):
        assert describe_error(raised).startswith(line)


def test_an_error_about_something_else_is_not_put_down_to_the_machine():
    assert describe_error(ValueError("the disk of the model is a space")) is None
