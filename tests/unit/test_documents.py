"""What stands in the documents works: each command is read by its own command line, each table of a configuration by
the settings, and every name of a key, an extra, a metric, a column or a verb is one that there is."""

import json
import re
import shlex
import sqlite3
import sys
import textwrap
import tomllib
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import typer
from pydantic import BaseModel

from bot import cli, plugins, sections
from bot.cli import calling
from bot.configuration import config
from bot.errors import ConfigError
from bot.store.schema import make as make_schema
from bot.talk.deeds import Topic
from bot.talk.verbs import VERBS
from docs import make

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "deploy/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
IN_WORDS = {17: "seventeen", 18: "eighteen", 19: "nineteen", 20: "twenty"}
SHELLS = {"", "sh", "bash"}


@dataclass(frozen=True)
class Snippet:
    """A fenced piece of a page, without what indents it."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@cache
def text_of(page):
    return page.read_text(encoding="utf-8")


def snippets(*languages):
    fence = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
    return [
        Snippet(page.relative_to(ROOT).as_posix(), text_of(page)[: match.start()].count("\n") + 1, match[2], textwrap.dedent(match[3]))
        for page in PAGES
        for match in fence.finditer(text_of(page))
        if match[2] in languages
    ]  # fmt: skip


def spans():
    """Every piece of code within a sentence, with its page."""
    for page in PAGES:
        prose = re.sub(
            r"^( *)```.*?^\1```|^### `easel .*?$", "", text_of(page), flags=re.MULTILINE | re.DOTALL
        )
        for match in re.finditer(r"(?<!`)`([^`]+)`(?!`)", prose):
            yield page.relative_to(ROOT).as_posix(), " ".join(match[1].split())


# ── Commands ─────────────────────────────────────────────────────────────────────────────────────────


def lines_of_shells():
    """Each line of a shell, those that go on behind a backslash as one."""
    for snippet in snippets(*SHELLS):
        for line in snippet.text.replace("\\\n", " ").splitlines():
            yield str(snippet), line


def commands():
    """Every `easel ...`: where it stands, its words, and whether it is whole (a sentence may name a command alone)."""
    for place, line in lines_of_shells():
        for part in re.split(r"&&|\||;|>>?|\$\(", line):
            if words := easel_in(part):
                yield place, words, True
    for page, code in spans():
        if words := easel_in(code):
            yield page, words, False


def easel_in(text):
    """The words behind `easel`, whoever calls it: a user, a container, a variable before it."""
    found = re.search(r"(?:^|\s|bin/)easel (?!easel\b)([a-z][a-z-]*(?:\s.*)?)$", text.strip())
    return shlex.split(found[1], comments=True) if found else []


COMMANDS = sorted({(place, tuple(words), whole) for place, words, whole in commands()})


def read(words, *, whole=True):
    """Reads a command line as the program does, and runs nothing. In a sentence a command may be named alone."""
    name, *rest = words
    command = calling.load(name)
    while commands_in := getattr(command, "commands", None):
        if not rest:
            return
        assert rest[0] in commands_in, f"easel {name} has no {rest[0]!r}"
        command, rest = commands_in[rest[0]], rest[1:]
    if rest or whole:
        command.make_context(f"easel {name}", list(rest)).close()


def test_there_are_commands_to_read():
    assert len(COMMANDS) > 80
    assert {"play", "imagine", "run", "check", "simulate", "init"} <= {words[0] for _, words, _ in COMMANDS}


def test_every_command_of_the_documents_is_read_by_its_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("photo.jpg", "FILE"):  # what a command begins with has to be there
        (tmp_path / name).touch()
    broken = []
    for place, words, whole in COMMANDS:
        try:
            read(words, whole=whole)
        except (typer.exceptions.TyperException, ConfigError, AssertionError) as error:
            broken.append(f"{place}: easel {shlex.join(words)}: {error!r}")
    assert broken == []


def test_a_command_that_can_t_be_read_would_be_found():
    for words in (("credits", "shw"), ("usage", "--dayz", "3"), ("usage", "--days", "many"), ("simulated",)):
        with pytest.raises((typer.exceptions.TyperException, ConfigError, AssertionError)):
            read(words)


@pytest.mark.parametrize(
    "line",
    ['why "a nud3 fox"', "why --rule 'blocked_words kiwi, plum' a plum", "simulate --list-faults", "slack-manifest --url https://easel.example.org"],
)  # fmt: skip
def test_what_needs_nothing_runs_as_it_stands(line, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["easel", *shlex.split(line)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code in (0, None), capsys.readouterr().err
    assert capsys.readouterr().out


def test_faults_that_are_named_can_be_armed():
    from integrations.simulator import standalone

    known = {line.split()[0] for line in standalone.listed_faults().splitlines() if line.strip()}
    named = {re.split(r"[=:@]", words[at + 1])[0] for _, words, _ in COMMANDS for at, word in enumerate(words) if word == "--fault"}  # fmt: skip
    assert named
    assert named <= known


def test_scripts_modules_and_tests_that_are_to_be_run_are_there():
    lost = []
    for place, line in [*lines_of_shells(), *spans()]:
        for module in re.findall(r"python -m ((?:bench|tests|docs)(?:\.\w+)*)", line):
            path = ROOT / module.replace(".", "/")
            lost += [] if path.with_suffix(".py").is_file() or path.is_dir() else [f"{place}: {module}"]
        for name in re.findall(r"(?:python |pytest [^`\n]*?)((?:bench|tests|docs)/[\w/.]+)", line):
            lost += [] if (ROOT / name).exists() else [f"{place}: {name}"]
    assert lost == []


def test_extras_that_are_to_be_installed_exist():
    told = [
        (page.name, names)
        for page in PAGES
        for names in re.findall(r"install[^`\n]*?\.\[([\w, ]+)\]", text_of(page))
    ]
    assert len(told) > 5
    for page, names in told:
        assert set(re.split(r", ?", names)) <= set(PROJECT["optional-dependencies"]), f"{page}: [{names}]"


# ── Configurations ───────────────────────────────────────────────────────────────────────────────────

TOML = [one for one in snippets("toml") if "[build-system]" not in one.text]
DECLARED = {  # providers that a page itself makes
    name
    for one in snippets("toml")
    if "[build-system]" in one.text
    for name in tomllib.loads(one.text)["project"]["entry-points"]["easel.providers"]
}


@pytest.mark.parametrize("snippet", TOML, ids=str)
def test_every_configuration_is_read_by_the_settings(snippet, tmp_path, monkeypatch):
    """As it stands: with the secrets that it names, and the files."""
    monkeypatch.chdir(tmp_path)
    text = snippet.text.replace('..."', '0123456789abcdef"')
    text = re.sub(r'"(?:/run/secrets|/var/lib/easel)/[\w.-]+"', f'"{tmp_path / "secret"}"', text)
    (tmp_path / "secret").write_text("0123456789abcdefgh", encoding="utf-8")
    (tmp_path / "easel.toml").write_text(text, encoding="utf-8")
    for name in re.findall(r'"(workflows/[\w.-]+)"', text):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}", encoding="utf-8")
    config.load(tmp_path / "easel.toml", environ={})
    known = {*plugins.names(plugins.PROVIDERS), *DECLARED}
    written = tomllib.loads(text)
    assert set(written.get("providers", {})) <= known
    for model in written.get("models", {}).values():
        assert {*[model.get("provider", "gateway")], *model.get("routes", [])} <= known


def test_every_key_that_is_named_exists():
    """`[section] key`, `[providers.NAME] key`, EASEL__SECTION__KEY."""
    lost = [
        f"{place}: {code}"
        for place, code in spans()
        for section, key in named_keys(code)
        if not is_key(section, key)
    ]
    lost += [
        f"{place}: {variable}"
        for place, line in [*lines_of_shells(), *spans(), *settings_of_compose()]
        for variable in re.findall(r"EASEL__[A-Z0-9_]+", line)
        if not is_variable(variable.lower().split("__")[1:])
    ]
    assert lost == []


def settings_of_compose():
    for name in ("compose.yaml", "Dockerfile"):
        yield name, text_of(ROOT / name)


def named_keys(code):
    """The keys behind a section, several between commas; what comes behind = is a value."""
    found = re.fullmatch(r"\[([\w.\"]+)\] ([a-z_]+(?:, [a-z_]+)*)(?: ?=.*)?", code)
    return [(found[1], key) for key in found[2].split(", ")] if found else []


def model_of(section):
    """The model of a section: False where there is no such section, None where any key may stand in it."""
    first, _, rest = section.partition(".")
    if first == "providers":
        known = sections.stands_under_providers(rest) or rest == "NAME" or rest in DECLARED
        return (sections.model_of(rest) if rest not in {"NAME", *DECLARED} else None) if known else False
    made = make.sections()
    if rest and first in make.CHOSEN:  # the operator's own names
        return made[first][1]
    if rest:
        return None if first == "moderation" or (first in made and rest in fields(made[first][1])) else False
    return made[first][1] if first in made else False


def fields(model):
    return model.model_fields if isinstance(model, type) and issubclass(model, BaseModel) else {}


def is_key(section, key):
    model = model_of(section)
    return model is not False and (model is None or key.removesuffix("_file") in fields(model))


def is_variable(words):
    """EASEL__SECTION__KEY, or EASEL__PROVIDERS__NAME__KEY; SECTION and KEY stand for any."""
    if words in (["section", "key"], [""], ["log"]):
        return True
    first, *rest = words
    if first == "providers":
        first, rest = f"providers.{rest[0]}", rest[1:]
    return len(rest) == 1 and is_key(first, rest[0])


def test_sections_that_are_named_exist():
    named = {
        (place, name)
        for place, code in spans()
        for name in re.findall(r"^\[([a-z]+(?:\.[A-Za-z]+)?)\]$", code)
    }
    assert len(named) > 20
    assert [f"{place}: [{name}]" for place, name in sorted(named) if model_of(name) is False] == []


# ── Other names ──────────────────────────────────────────────────────────────────────────────────────


def test_metrics_that_are_named_exist():
    names = {m.name + ("_total" if m.type == "counter" else "") for m, _ in make.metrics()}
    parts = {f"{name}{part}" for name in names for part in ("_bucket", "_sum", "_count")}
    named = {name for page in PAGES for name in re.findall(r"\beasel_[a-z_]+", text_of(page))}
    assert named - {"easel_bot", "easel_crayons"} <= names | parts


def test_columns_that_are_named_exist():
    with closing(sqlite3.connect(":memory:")) as database:
        make_schema(database)
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        columns = {
            table: {row[1] for row in database.execute(f"PRAGMA table_info({table})")} for table in tables
        }
    named = [(place, *code.split(".")) for place, code in spans() if re.fullmatch(r"[a-z_]+\.[a-z_]+", code)]
    told = [(place, table, column) for place, table, column in named if table in columns and column != "py"]
    assert len(told) > 50
    assert [one for one in told if one[2] not in columns[one[1]]] == []


def test_verbs_of_the_chats_exist():
    ours = {one.name for one in VERBS} | {one.setter for one in VERBS if one.setter}
    everybodys = {str(one) for one in Topic}
    for place, line in [*lines_of_shells(), *spans()]:
        assert set(re.findall(r"(?<!\w)/easel[- ]admin ([a-z]+)", line)) <= ours, f"{place}: {line}"
        assert set(re.findall(r"(?<!\w)/easel ([a-z]+)", line)) <= everybodys, f"{place}: {line}"


def test_json_is_json():
    for snippet in snippets("json"):
        try:
            json.loads(snippet.text)
        except ValueError as error:
            pytest.fail(f"{snippet}: {error}")


def test_every_row_of_a_table_has_as_many_cells_as_its_heading():
    """A row of three cells below four headings says something else than was meant."""
    uneven = []
    for page in PAGES:
        heading = None
        for number, line in enumerate(text_of(page).splitlines(), 1):
            row = line.strip()
            if not row.startswith("|"):
                heading = None
                continue
            cells = len(re.split(r"(?<!\\)\|", row.strip("|")))
            heading = heading or cells
            if cells != heading:
                uneven.append(f"{page.relative_to(ROOT)}:{number}: {cells} cells, {heading} headings")
    assert uneven == []


@pytest.mark.parametrize("page", ["README.md", "docs/index.md", "docs/moderation.md"])
def test_the_languages_that_are_read_are_as_many_as_are_promised(page):
    """English, Korean, and one for each list."""
    lists = len(list((ROOT / "bot" / "moderation" / "data" / "tongues").glob("*.toml")))
    assert f"in {IN_WORDS[lists + 2]} languages" in " ".join(text_of(ROOT / page).split())
