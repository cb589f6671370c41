"""The one line about workers that ended before their time."""

import json

import pytest
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError, ProcessFailure

from sharprecl.errors import DeviceMemoryError, EncoderError, SharpreclError
from sharprecl.training.worker_failure import describe_failure


def failure(tmp_path, exit_code: int, message: str | None = None, timestamp: int = 0) -> ProcessFailure:
    file = tmp_path / f"{abs(exit_code)}-{timestamp}.json"
    if message is not None:
        extra = {"py_callstack": "…", "timestamp": str(timestamp)}
        file.write_text(json.dumps({"message": {"message": message, "extraInfo": extra}}))
    return ProcessFailure(local_rank=0, pid=1, exitcode=exit_code, error_file=str(file))


LOST = "RuntimeError: [gloo/transport/tcp/pair.cc:538] Connection closed by peer [127.0.0.1]:1"


def test_of_a_killed_worker_and_one_that_lost_it_the_killed_one_is_named(tmp_path):
    failures = {
        0: failure(tmp_path, 1, LOST, timestamp=1),
        3: failure(tmp_path, -9),
        4: failure(tmp_path, -15),
    }
    error = describe_failure(ChildFailedError("worker", failures))
    assert type(error) is SharpreclError
    assert str(error).startswith("training: process 3 was ended by SIGKILL; ")


@pytest.mark.parametrize("stuck", [-9, -15])
def test_what_a_worker_raised_for_the_user_comes_through_as_it_is(tmp_path, stuck):
    first = failure(tmp_path, 1, "EncoderError: encoder: cannot load x: no file", timestamp=1)
    later = failure(tmp_path, 2, "ParameterError: other", timestamp=2)
    failures = {1: later, 0: first, 2: failure(tmp_path, stuck), 3: failure(tmp_path, -15, LOST)}
    error = describe_failure(ChildFailedError("worker", failures))
    assert type(error) is EncoderError
    assert str(error) == "encoder: cannot load x: no file"


@pytest.mark.parametrize(
    ("exit_code", "message", "words"),
    [
        (1, LOST, "process 2 lost another one"),
        (1, "DistBackendError: NCCL communicator was aborted", "process 2 lost another one"),
        (1, "KeyError: 'x'\nmore", "process 2 failed (KeyError: 'x')"),
        (-15, None, "process 2 was ended by SIGTERM"),
        (3, None, "process 2 was ended by exit status 3"),
    ],
)
def test_other_failures_name_the_process(tmp_path, exit_code, message, words):
    error = describe_failure(ChildFailedError("worker", {2: failure(tmp_path, exit_code, message)}))
    assert type(error) is SharpreclError
    assert words in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB.",
        "RuntimeError: DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes.",
    ],
)
def test_too_little_memory_names_the_parameter_that_spares_it(tmp_path, text):
    """The other processes lost theirs to it."""
    full = failure(tmp_path, 1, text, timestamp=2)
    error = describe_failure(ChildFailedError("worker", {0: failure(tmp_path, 1, LOST), 1: full}))
    assert type(error) is DeviceMemoryError
    assert str(error).startswith("training: process 1 has too little memory for its part of a batch; ")
    assert "set fit.micro_batches=2 or more" in str(error)
