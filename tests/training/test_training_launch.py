"""What several processes need around the training itself; no process is started here."""

import json
import logging
import os
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError

from sharprecl.errors import ParameterError
from sharprecl.hooks.launch import LaunchHooks
from sharprecl.parameter_check import check_parameters
from sharprecl.parameters import FitParameters, LaunchParameters
from sharprecl.table_digest import table_digest
from sharprecl.training.checkpoints import newest_checkpoint
from sharprecl.training.gathering import texts_in_batch
from sharprecl.training.job import TrainingJob, run_fingerprint
from sharprecl.training.launch import _calm_launcher
from sharprecl.training.metrics_file import MetricsFollower, MetricsWriter
from sharprecl.training.run import _reseed, even_batch_size
from sharprecl.training.sharing import check_sharing, offer_job
from sharprecl.training.worker import _share_cores, _stay_on_this_machine
from tests.training.shared_cases import make_job

INTERFACES = ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME")


@pytest.mark.parametrize(
    ("num_texts", "batch_size", "sizes"), [(10, 4, [4, 4, 2, 4]), (8, 4, [4, 4, 4]), (3, 4, [3, 3])]
)
def test_only_the_last_batch_of_an_epoch_is_smaller(num_texts, batch_size, sizes):
    assert [texts_in_batch(step, num_texts, batch_size) for step in range(len(sizes))] == sizes


@pytest.mark.parametrize(
    ("num_texts", "world_size", "limit", "size"),
    [(21, 2, 256, 11), (600, 2, 256, 150), (5, 4, 1, 1), (0, 2, 8, 1)],
)
def test_validation_batches_need_little_filler(num_texts, world_size, limit, size):
    assert even_batch_size(num_texts, world_size, limit) == size


def test_a_job_comes_back_as_it_was(tmp_path):
    job = make_job(logit_scale=10.0, head_learning_rate=None)
    job.save(tmp_path)
    loaded = TrainingJob.load(tmp_path)
    assert loaded.token_table.equals(job.token_table)
    assert loaded._replace(token_table=None) == job._replace(token_table=None)
    assert loaded.class_counts().tolist() == job.class_counts().tolist()
    fingerprints = {
        run_fingerprint(table_digest(each.token_table), *each[1:3], each.parameters, each.seed)
        for each in (job, loaded)
    }
    assert len(fingerprints) == 1


def test_a_new_job_clears_away_what_an_earlier_one_left(tmp_path):
    for name in ("job", "result"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.jsonl").touch()
    offer_job(make_job(), tmp_path)
    assert sorted(file.name for file in tmp_path.rglob("*")) == ["job", "job.json", "token_table.arrow"]


def test_metrics_are_handed_on_once_and_whole(tmp_path):
    file, seen = tmp_path / "metrics.jsonl", []
    follow = MetricsFollower(file, lambda metrics, step: seen.append((step, metrics)))
    follow()
    write = MetricsWriter(file)
    write({"train/loss": 1.5}, 10)
    follow()
    assert seen == [(10, {"train/loss": 1.5})]
    line = json.dumps({"step": 20, "metrics": {"train/loss": 0.5}}) + "\n"
    with file.open("a") as lines:
        lines.write(line[:9])
    follow()
    with file.open("a") as lines:
        lines.write(line[9:])
    follow()
    follow()
    assert seen == [(10, {"train/loss": 1.5}), (20, {"train/loss": 0.5})]


def test_the_newest_whole_checkpoint_is_taken(tmp_path):
    assert newest_checkpoint(tmp_path / "nowhere") is None
    for step, state in ((90, "{}"), (100, "{}"), (110, '{"global_st'), (120, None)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        if state is not None:
            (folder / "trainer_state.json").write_text(state)
    assert newest_checkpoint(tmp_path) == tmp_path / "checkpoint-100"


def test_every_process_draws_for_itself_and_anew_after_a_checkpoint():
    def drawn(process_index, checkpoint=None):
        torch.manual_seed(0)
        _reseed(0, process_index, checkpoint)
        return torch.rand(1).item()

    torch.manual_seed(0)
    alone = torch.rand(1).item()
    assert drawn(0) == alone
    draws = [drawn(rank, step) for rank in (0, 1, 2) for step in (None, Path("checkpoint-5"))]
    assert len(set(draws)) == len(draws)
    assert drawn(2) == drawn(2)


@pytest.mark.parametrize(("set_to", "threads"), [(None, [4]), ("3", [])])
def test_processes_of_a_machine_share_its_cores(monkeypatch, set_to, threads):
    given = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: 9)
    monkeypatch.setattr(torch, "set_num_threads", given.append)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")
    monkeypatch.setenv("OMP_NUM_THREADS", "")
    monkeypatch.delenv("OMP_NUM_THREADS")
    if set_to is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", set_to)
    _share_cores()
    assert given == threads


@pytest.mark.parametrize(
    ("alone", "address", "stays"),
    [(True, "10.0.0.1", True), (False, "127.0.0.1", True), (False, "10.0.0.1", False)],
)
def test_processes_of_one_machine_talk_over_its_loopback(monkeypatch, alone, address, stays):
    monkeypatch.setenv("MASTER_ADDR", address)
    for name in INTERFACES:
        monkeypatch.setenv(name, "")  # put back afterwards
        monkeypatch.delenv(name)
    _stay_on_this_machine(alone=alone)
    assert [os.environ.get(name, "").startswith("lo") for name in INTERFACES] == [stays, stays]


@pytest.mark.parametrize(
    ("options", "world_size", "line"),
    [
        ({"batch_size": 64}, 3, "64 texts do not divide among 3 processes; set it to 63"),
        ({"batch_size": 2}, 8, "set it to 8"),
        ({"head_norm": "batch"}, 2, "fit.head_norm"),
    ],
)
def test_what_processes_cannot_share_is_refused(options, world_size, line):
    with pytest.raises(ParameterError, match=line):
        check_sharing(FitParameters(**options), world_size)


@pytest.mark.parametrize("options", [{"batch_size": 64}, {"batch_size": 6}])
def test_what_they_can_share_is_not(options):
    check_sharing(FitParameters(**options), 2)


@pytest.mark.parametrize(
    "values",
    [
        {"nproc": 0},
        {"node_rank": 1},
        {"nnodes": 2, "node_rank": 2},
        {"rendezvous": "host"},
        {"rendezvous": ":1"},
    ],
)
def test_values_that_make_no_sense_are_refused(values):
    with pytest.raises(ValidationError):
        LaunchParameters(**values)
    with pytest.raises(ParameterError, match="launch"):
        check_parameters({"launch": values})


def test_processes_are_counted_over_all_machines():
    assert LaunchParameters(nproc=8, nnodes=2, node_rank=1, rendezvous="[::1]:29500").num_processes == 16


def test_torchrun_is_not_to_start_kedro(monkeypatch):
    monkeypatch.setenv("TORCHELASTIC_RUN_ID", "none")
    with pytest.raises(ParameterError, match="launch: torchrun starts `kedro run` once a process"):
        next(LaunchHooks().after_context_created(context=None))


def test_the_launcher_keeps_its_own_account_to_itself(caplog):
    log = logging.getLogger("torch.distributed.elastic.agent.server.api")
    level = log.level
    with _calm_launcher():
        log.error("Error waiting on exit barrier")
    assert not caplog.records
    assert log.level == level
