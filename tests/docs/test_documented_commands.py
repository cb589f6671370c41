"""What the documents tell a reader to type or open is there: commands, parameters, targets, links, paths."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.command_checks import (
    MAKE_TARGET,
    PROJECT_ROOT,
    DocumentError,
    check_command,
    check_configuration,
    check_options,
)
from tests.docs.markdown import (
    documented_commands,
    fenced_blocks,
    inline_code,
    known_commands,
    links,
    plain_paths,
)
from tests.docs.place_checks import check_link, check_path, looks_like_path, run_options

DOCUMENTS = [
    PROJECT_ROOT / "README.md",
    PROJECT_ROOT / "CONTRIBUTING.md",
    *sorted((PROJECT_ROOT / "docs").rglob("*.md")),
]


def problems(text: str, document: Path) -> Iterator[str]:
    """One line for everything in a document that is not so."""
    checks = [(check_command, (words,)) for words in documented_commands(text)]
    checks += [(check_configuration, (body,)) for language, body in fenced_blocks(text) if language == "yaml"]
    checks += [(check_link, (target, document, text)) for target in links(text)]
    for code in inline_code(text):
        if options := run_options(code):
            checks.append((check_options, (options,)))
        elif looks_like_path(code):
            checks.append((check_path, (code, document)))
    checks += [(check_path, (path, document)) for path in plain_paths(text) if looks_like_path(path)]
    for check, arguments in checks:
        try:
            check(*arguments)
        except DocumentError as error:
            yield str(error)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_what_a_document_names_is_there(document):
    assert list(problems(document.read_text(encoding="utf-8"), document)) == []


def test_the_readme_is_read():
    text = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    programs = [words[:2] for words in documented_commands(text)]
    assert ["make", "train"] in programs
    assert ["kedro", "run"] in programs
    assert "docs/images/result.png" in list(links(text))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "```sh\nkedro run --params=fit.learning_rat=1\n```",
            "fit.learning_rat: no such parameter; did you mean fit.learning_rate?",
        ),
        ("`kedro run --params=fit.epochs=none`", "fit.epochs: input should be a valid integer"),
        ("`kedro run --env=test --params=preset=best`", "preset: input should be 'sharprecl'"),
        ("`kedro run --params=fit.epoch=<number>`", "fit.epoch: no such parameter; did you mean fit.epochs?"),
        ("`kedro run --params=compare.methods=llm`", "llm.model is not set"),
        ("`kedro run --pipeline=trian`", "--pipeline=trian: no such name; did you mean train?"),
        ("`kedro run --pipelines=ingest,profil`", "--pipeline=profil: no such name; did you mean profile?"),
        ("`kedro\nrun --env=trek`", "--env=trek: no such name; did you mean trec?"),
        ("`kedro run --pipeline=compare --namespaces=focl`", "focl"),
        ("`kedro run --namespaces=focal`", "focal"),
        ("`kedro run --nodes=fold`", "fold"),
        ("`kedro run --evn=test`", "No such option"),
        ("`kedro run --params=seed`", "must contain a key and a value"),
        ("`kedro regstry list`", "No such command"),
        ("`kedro registry lst`", "No such command"),
        ("`kedro promote`", "Missing argument 'VERSION'"),
        ("```\n$ cd there && kedro serve --prot=1\n```", "No such option"),
        ("`mlflow server --backend-stor-uri=x`", "No such option"),
        ("`make trian`", "make trian: the Makefile has no such target"),
        ("```sh\nPYTHON=python3.12 make train  # said\nmake helpp\n```", "make helpp"),
        ("`make promote VERSOIN=3`", "no variable VERSOIN"),
        ('`make train RUN_ARGS="--params=sede=1"`', "sede: no such parameter; did you mean seed?"),
        ("`make train RUN_ARGS=--env=tets`", "--env=tets"),
        ("`python benchmarks/nothing.py`", "python benchmarks/nothing.py: there is no such file"),
        ("| `--params=fit.tau=1` |", "fit.tau: no such parameter"),
        ("`--parms=seed=1`", "No such option"),
        ("`fit.tau=1`", "fit.tau: no such parameter"),
        ("`fit.epochs: many`", "fit.epochs: input should be a valid integer"),
        ("`evaluate.batch_size`", "evaluate.batch_size: no such parameter"),
        ("```yaml\n# conf/local/parameters.yml\nfit: {epoch: 2}\n```", "fit.epoch: no such parameter"),
        ("```yaml\n# conf/local/mlflow.yml\nserver: {uri: x}\n```", "Extra inputs are not permitted"),
        ("[page](docs/nothing.md)", "link docs/nothing.md: there is no docs/nothing.md"),
        ("![picture](docs/images/nothing.png)", "there is no docs/images/nothing.png"),
        ('<img src="nothing.svg">', "there is no nothing.svg"),
        ("[part](CONTRIBUTING.md#layuot)", "CONTRIBUTING.md has no such heading"),
        ("[part](#layuot)", "the document has no such heading"),
        ("`docs/nothing.md`", "docs/nothing.md: there is no such file or folder"),
        ("More stands in docs/nothing.md.", "docs/nothing.md: there is no such file or folder"),
        ("`src/sharprecl/nothing/`", "src/sharprecl/nothing/: there is no such file or folder"),
        ("`doc/method.md`", "doc/method.md: there is no such file or folder"),
        ("`functional/nothing.py`", "functional/nothing.py: there is no such file or folder"),
        ("`pipelines/<name>/{nodes,wiring}.py`", "there is no such file or folder"),
        ("`data/08_reporting/nothing.json`", "data/08_reporting/nothing.json: no catalog entry is there"),
    ],
)
def test_what_is_not_so_is_found(text, problem):
    (found,) = problems(text, PROJECT_ROOT / "page.md")
    assert problem in found


@pytest.mark.parametrize(
    "text",
    [
        "`kedro run --pipeline=train --params=…`",
        "`kedro run --params=corpus.train=FILE,corpus.text=COLUMN,…`",
        "`kedro run --params=preset=<method> --env=<name>`",
        "`kedro run --pipeline=compare --namespaces=focal --env=trec`",
        '```sh\nkedro run --params="compare.seeds=0 1,\\\ncompare.methods=focal tfidf-svm"\n```',
        "`--namespaces=focal`, `--params=seed=3`, `--nodes`, `--port=1`",
        "`fit.epochs=2,seed=1`, `fit.precision`, `fit.precision: fp32`",
        "`.venv/bin/python -m kedro registry list`",
        "`mlflow server --backend-store-uri sqlite:///runs.db --host 127.0.0.1 --port 5000`",
        "`make promote VERSION=3`, `make`, `make clean train`",
        "[anywhere](https://kedro.org), [here](#heading)\n\n# Heading",
        "[part](CONTRIBUTING.md#adding-things), ![picture](docs/images/result.png)",
        "`modeling/heads.py`, `docs/results/`, `conf/<name>/parameters.yml`, `conf/local/mlflow.yml`",
        "docs/method.md, (tests/naive.py); conf/local/mlflow.yml, https://kedro.org/docs/a.html",
        "`data/06_models/model/<version>/model`, `data/08_reporting/compare`, `train/loss`, `a/b`",
        "```python\nmake = 1\nkedro = 2\n```",
    ],
)
def test_what_is_so_passes(text):
    assert list(problems(text, PROJECT_ROOT / "page.md")) == []


def test_every_target_says_what_it_does():
    makefile = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    described = re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE)
    assert set(phony.split()) == set(described)
    assert set(described) <= set(MAKE_TARGET.findall(makefile))


def test_commands_are_taken_apart_as_a_shell_does():
    line = "PORT=1 .venv/bin/kedro run --params='a=b c' && make train; kedro serve | cat # kedro"
    assert list(known_commands(line)) == [
        ["kedro", "run", "--params=a=b c"],
        ["make", "train"],
        ["kedro", "serve"],
    ]
