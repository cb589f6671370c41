"""What the source may not do at all, what is locked, and where servers listen."""

import ast
import re
import sys
from pathlib import Path

import pytest
from kedro_viz.constants import DEFAULT_HOST
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from sharprecl.commands.registry import serve
from tests.conftest import PROJECT_ROOT
from tests.robustness.dependency_audit import compare, optional_parts, read_lock

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

UNPICKLE = {"pickle", "cPickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "jsonpickle"}
UNPACK = {"zipfile", "tarfile", "gzip", "bz2", "lzma", "zlib", "zstandard"}
RUN = {"eval", "exec", "compile", "__import__"}
SOURCES = sorted((PROJECT_ROOT / "src").rglob("*.py"))


def imported(tree: ast.AST) -> set[str]:
    """First parts of the names of imported modules."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add(node.module or "")
    return {name.partition(".")[0] for name in names}


def called(tree: ast.AST) -> list[tuple[str, dict[str, str]]]:
    """Called functions and their keyword arguments, as they are written; a dictionary of them is ``**``."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [
        (ast.unparse(call.func), {word.arg or "**": ast.unparse(word.value) for word in call.keywords})
        for call in calls
    ]


def distrusts(name: str, keywords: dict[str, str]) -> bool:
    """Whether a call that loads something asks for neither pickles nor a program."""
    if name.endswith("torch.load"):
        return keywords.get("weights_only") == "True"
    if re.search(r"\bAuto\w+\.from_pretrained$", name):
        is_safe = keywords.get("**", "") in {"safely", "_safely(source)"}
        return keywords.get("trust_remote_code", "False" if is_safe else "") == "False"
    return True


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(PROJECT_ROOT / "src")))
def test_no_module_unpickles_unpacks_or_runs_what_it_reads(file: Path):
    tree = ast.parse(file.read_text(encoding="utf-8"))
    assert not imported(tree) & (UNPICKLE | UNPACK)
    for name, keywords in called(tree):
        assert name not in RUN
        assert not name.endswith(("unpack_archive", "read_pickle", "os.system", "os.popen"))
        assert "shell" not in keywords
        assert distrusts(name, keywords), ast.unparse(tree)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("torch.load(f, weights_only=True)", True),
        ("torch.load(f, weights_only=False)", False),
        ("torch.load(f)", False),
        ("AutoModel.from_pretrained(x, trust_remote_code=False)", True),
        ("AutoModel.from_pretrained(x, trust_remote_code=True)", False),
        ("transformers.AutoModel.from_pretrained(x)", False),
        ("AutoModel.from_pretrained(x, **anything)", False),
        ("AutoModel.from_pretrained(x, **safely)", True),  # named so where it says False
        ("AutoModel.from_pretrained(source, **_safely(source))", True),
        ("SharpReCL.from_pretrained(x)", True),
    ],
)
def test_calls_that_trust_are_told_apart(call, expected):
    found, *_ = called(ast.parse(call))
    assert distrusts(*found) is expected


def test_safely_is_without_programs():
    source = (PROJECT_ROOT / "src/sharprecl/llm/local_model.py").read_text(encoding="utf-8")
    (options,) = (
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Assign | ast.AnnAssign) and "safely" in ast.unparse(node).split("=")[0]
    )
    assert "'trust_remote_code': False" in ast.unparse(options)
    source = (PROJECT_ROOT / "src/sharprecl/modeling/encoders.py").read_text(encoding="utf-8")
    (function,) = (
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name == "_safely"
    )
    assert "return {'trust_remote_code': False" in ast.unparse(function)


def test_the_search_finds_what_it_is_for():
    tree = ast.parse("import a.b, pickle\nfrom tarfile import open\ntorch.load(f, weights_only=True)\n")
    assert imported(tree) == {"a", "pickle", "tarfile"}
    assert called(tree) == [("torch.load", {"weights_only": "True"})]


def lock_lines() -> list[str]:
    return (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()


def test_every_locked_version_is_one_version():
    locked, problems = read_lock(lock_lines())
    assert not problems
    assert len(locked) > 100


def test_what_the_project_asks_for_is_locked_within_its_ranges():
    locked, _ = read_lock(lock_lines())
    project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    for requirement in map(Requirement, wanted):
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version), (str(requirement), version)


def test_differences_between_lock_and_environment_are_found():
    lines = [
        "# words",
        "a==1.0",
        "b>=2",
        "c==3.*",
        "d==4 ; python_version < '3'",
        "A==1.0",
        "e==5",
        "torch==2.13.0",
    ]
    locked, problems = read_lock(lines)
    assert locked == {"a": "1.0", "e": "5", "torch": "2.13.0"}
    assert [problem.split(":")[0] for problem in problems] == ["b>=2", "c==3.*", "a"]
    installed = {"a": "1.1", "torch": "2.13.0+cpu", "f": "6"}
    assert [line.split(";")[0] for line in compare(locked, installed)] == [
        "a: 1.1 is installed, 1.0 is locked",
        "e 5: locked, but not installed",
        "f 6: installed, but not locked",
    ]


def test_what_an_extra_brings_is_known(tmp_path, monkeypatch):
    required = {"toy": ["toy-base", 'toy-part>=1; extra == "big"'], "toy-part": ["toy-link"], "toy-link": []}
    for name, lines in required.items():
        folder = tmp_path / f"{name.replace('-', '_')}-1.dist-info"
        folder.mkdir()
        rows = [f"Name: {name}", "Version: 1", *(f"Requires-Dist: {line}" for line in lines)]
        (folder / "METADATA").write_text("\n".join(rows))
    monkeypatch.syspath_prepend(tmp_path)
    assert optional_parts("toy") == {"toy-part", "toy-link"}


def test_servers_listen_on_the_loopback_unless_told_otherwise():
    assert {option.name: option.default for option in serve.params}["host"] == "127.0.0.1"
    assert DEFAULT_HOST == "127.0.0.1"  # of make viz
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    servers = [line for line in makefile.splitlines() if "mlflow ui" in line or "--host" in line]
    assert servers
    assert all("--host 127.0.0.1" in line for line in servers)
