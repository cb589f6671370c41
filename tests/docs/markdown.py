"""What a Markdown document says: its commands, inline code, headings and links."""

import re
import shlex
from collections.abc import Iterator

FENCE = re.compile(r"^ *(```+|~~~+)(?P<language>[^\n]*)\n(?P<body>.*?)^ *\1 *$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"(?<!`)(`+)(?!`)(?P<code>.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?(?P<target>[^)\s>]+)>?[^)]*\)|(?:src|href)=\"(?P<attribute>[^\"]+)\"")
PLAIN_PATH = re.compile(r"(?<![\w/.`-])(?:benchmarks|conf|docs|src|tests)/[\w./-]*\.\w+(?![\w/`*<{])")
HEADING = re.compile(r"^#+ +(?P<title>.+?)\s*$", re.MULTILINE)
NOT_SHELL = ("python", "yaml", "json", "mermaid")
PROGRAMS = ("kedro", "make", "mlflow", "python")


def fenced_blocks(text: str) -> Iterator[tuple[str, str]]:
    """Language and body of each fenced block."""
    return ((match["language"].strip(), match["body"]) for match in FENCE.finditer(text))


def inline_code(text: str) -> Iterator[str]:
    """Each inline code span on one line; spans may reach over the end of a line."""
    return (" ".join(match["code"].split()) for match in INLINE.finditer(FENCE.sub("", text)))


def links(text: str) -> Iterator[str]:
    """Targets of links and images."""
    outside_code = INLINE.sub("", FENCE.sub("", text))
    return (match["target"] or match["attribute"] for match in LINK.finditer(outside_code))


def plain_paths(text: str) -> Iterator[str]:
    """Files of the project that are named without backticks or link, in prose or fenced blocks."""
    return (match[0] for match in PLAIN_PATH.finditer(LINK.sub("", INLINE.sub("", text))))


def anchors(text: str) -> set[str]:
    """What a link's fragment may name: headings as GitHub spells them."""
    titles = (match["title"] for match in HEADING.finditer(FENCE.sub("", text)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def documented_commands(text: str) -> Iterator[list[str]]:
    """Words of each command of a known program, in fenced blocks and inline code."""
    for language, body in fenced_blocks(text):
        if language not in NOT_SHELL:
            for line in body.replace("\\\n", "").splitlines():
                yield from known_commands(line.strip().removeprefix("$ "))
    for code in inline_code(text):
        yield from known_commands(code)


def known_commands(line: str) -> Iterator[list[str]]:
    """Words of the known programs' commands in a line of shell, without what comes before the program.

    Raises:
        ValueError: if such a line has an open quote.
    """
    if not re.search(rf"(^|[;&|] *)([A-Z_]+=\S* )*(\S*/)?({'|'.join(PROGRAMS)})( |$)", line):
        return
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    for words in _split_at_operators(lexer):
        while words and re.match(r"[A-Z_]+=", words[0]):
            words.pop(0)
        if words and words[0].rpartition("/")[2] in PROGRAMS:
            yield _without_interpreter([words[0].rpartition("/")[2], *words[1:]])


def _split_at_operators(words: Iterator[str]) -> Iterator[list[str]]:
    command: list[str] = []
    for word in words:
        if set(word) <= set(";&|"):
            yield command
            command = []
        else:
            command.append(word)
    yield command


def _without_interpreter(words: list[str]) -> list[str]:
    """``python -m kedro run`` as ``kedro run``."""
    return words[2:] if words[:2] == ["python", "-m"] and words[2:3] in (["kedro"], ["mlflow"]) else words
