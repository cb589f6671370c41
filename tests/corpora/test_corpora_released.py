"""The released corpora: found, or downloaded whole and verified from a loopback server."""

import hashlib
import json
import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sharprecl.corpora import read_corpus, read_released_corpus, released
from sharprecl.corpora.download import PinnedFile, download
from sharprecl.errors import CorpusError
from sharprecl.parameters import CorpusParameters

TRAIN = json.dumps(
    [{"text": "a b", "label": "x", "aug_text": "a c"}, {"text": "d", "label": "y", "aug_text": "e"}]
)
TEST = json.dumps([{"text": "f", "label": "x"}])


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def release(tmp_path):
    """Address of a loopback server, and the folder it serves."""
    folder = tmp_path / "release"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty project, and small files pinned in place of the released ones."""
    files = {
        split: PinnedFile(f"TREC_{split}.json", hashlib.sha256(content.encode()).hexdigest())
        for split, content in (("train", TRAIN), ("test", TEST))
    }
    monkeypatch.setitem(released.FILES, "trec", files)
    monkeypatch.delenv("SHARPRECL_DATA", raising=False)
    return tmp_path / "home" / "project"


def write_release(folder):
    (folder / "TREC_train.json").write_text(TRAIN)
    (folder / "TREC_test.json").write_text(TEST)


def write_corpus(folder):
    folder.mkdir(parents=True)
    (folder / "train.json").write_text(TRAIN)
    (folder / "test.json").write_text(TEST)


def check_table(table):
    assert table["split"].tolist() == ["train", "train", "test"]
    assert table["text"].tolist() == ["a b", "d", "f"]
    assert table["aug_text"].tolist() == ["a c", "e", ""]


def test_download_once_then_read_from_disk(release, project):
    address, served = release
    write_release(served)
    check_table(read_released_corpus("trec", project, release=address))
    folder = project / "data" / "01_raw" / "trec"
    assert sorted(path.name for path in folder.iterdir()) == ["test.json", "train.json"]
    for path in served.iterdir():
        path.unlink()
    check_table(read_released_corpus("trec", project, release=address))


def test_named_folder_goes_before_the_shared_one(project, tmp_path, monkeypatch):
    write_corpus(tmp_path / "elsewhere" / "trec")
    shared = project.parent / "shared" / "data" / "trec"
    write_corpus(shared)
    (shared / "train.json").write_text("[]")
    monkeypatch.setenv("SHARPRECL_DATA", str(tmp_path / "elsewhere"))
    check_table(read_released_corpus("trec", project, release="http://127.0.0.1:9"))


def test_shared_folder(project):
    write_corpus(project.parent / "shared" / "data" / "trec")
    check_table(read_released_corpus("trec", project, release="http://127.0.0.1:9"))


def test_changed_file_on_disk_is_refused_with_both_digests(project):
    folder = project.parent / "shared" / "data" / "trec"
    write_corpus(folder)
    (folder / "train.json").write_text(TRAIN + " ")
    found = hashlib.sha256((TRAIN + " ").encode()).hexdigest()[:12]
    wanted = released.FILES["trec"]["train"].sha256[:12]
    message = rf"train.json: sha256 is {found}…, the released file's is {wanted}…; remove it"
    with pytest.raises(CorpusError, match=message):
        read_released_corpus("trec", project)


def test_changed_download_leaves_nothing(release, project):
    address, served = release
    write_release(served)
    (served / "TREC_train.json").write_text("<html>sign in</html>")
    with pytest.raises(
        CorpusError, match=r"TREC_train.json: sha256 is .*; fetch the released file by hand to"
    ):
        read_released_corpus("trec", project, release=address)
    assert not list(project.rglob("*.*"))


def test_failed_download_names_address_reason_and_mend(release, project):
    address, _ = release
    reason = rf"{re.escape(address)}/TREC_train.json: cannot download \(HTTP Error 404"
    with pytest.raises(CorpusError, match=f"{reason}.*trec/train.json.*SHARPRECL_DATA"):
        read_released_corpus("trec", project, release=address)


def test_no_server(tmp_path):
    with pytest.raises(CorpusError, match="cannot download"):
        download("http://127.0.0.1:9/x", tmp_path / "raw" / "x", PinnedFile("x", "0"))
    assert not (tmp_path / "raw").exists()


def test_interrupted_write_leaves_no_partial_file(release, tmp_path, monkeypatch):
    address, served = release
    write_release(served)
    target = tmp_path / "raw" / "train.json"
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    pinned = PinnedFile("TREC_train.json", hashlib.sha256(TRAIN.encode()).hexdigest())
    with pytest.raises(KeyboardInterrupt):
        download(f"{address}/TREC_train.json", target, pinned)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "num_train", "num_test", "num_classes"), [("trec", 5452, 500, 6), ("ohsumed", 3358, 4043, 23)]
)
def test_the_released_files(released_data, monkeypatch, name, num_train, num_test, num_classes):
    monkeypatch.setenv("SHARPRECL_DATA", str(released_data))
    table = read_corpus(CorpusParameters(name=name), released_data)
    assert table["split"].value_counts().to_dict() == {"train": num_train, "test": num_test}
    assert table["label"].nunique() == num_classes
    assert (table.loc[table["split"] == "train", "aug_text"] != "").all()
