"""The project around the code: what the documents say is what the code does, and what is built is whole."""

import inspect
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import bot
from bot import errors, plugins
from bot.cli import COMMANDS
from bot.configuration import config
from docs import make
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def run(*command, cwd=ROOT, timeout=PATIENCE_S):
    return subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def tracked_files():
    listed = run("git", "ls-files", "-z")
    if listed.returncode != 0:
        pytest.skip("not a git checkout: nothing tells what belongs to the project")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


# ── Documents ────────────────────────────────────────────────────────────────────────────────────────


def test_what_documents_say_of_the_code_is_what_the_code_says():
    behind = [
        str(path.relative_to(ROOT))
        for path, text in make.wanted().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    assert behind == [], "run: python docs/make.py"


def test_every_key_has_a_sentence():
    silent = [
        f"[{name}] {key}"
        for name, (text, model) in make.sections().items()
        for key, meaning, *_ in make.keys(name, model)
        if not meaning or not text
    ]
    assert silent == []


def test_every_key_stands_in_the_example_and_in_the_documents():
    document = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    for name, (_, model) in make.sections().items():
        for key, *_ in make.keys(name, model):
            assert re.search(rf"^#{re.escape(key)} = ", EXAMPLE, re.MULTILINE), f"[{name}] {key}"
            assert f"| `{key}` |" in document, f"[{name}] {key}"


def test_the_example_changes_nothing_as_it_is(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "easel.toml"
    file.write_text(EXAMPLE, encoding="utf-8")
    assert config.load(file, environ={}).model_dump() == config.load(None, environ={}).model_dump()


def test_the_example_loads_with_every_mark_taken_away_and_says_the_defaults(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "easel.toml"
    file.write_text(re.sub(r"^#(?=[\w\[])", "", EXAMPLE, flags=re.MULTILINE), encoding="utf-8")
    written = tomllib.loads(file.read_text(encoding="utf-8"))
    loaded, defaults = config.load(file, environ={}), config.load(None, environ={})
    assert set(type(defaults).model_fields) == set(written)
    for name, (_, model) in make.sections().items():
        if name in ("models", "styles", "products", "providers"):
            assert len(getattr(loaded, name)) == 1
            continue
        for key, _, _, _, is_default in make.keys(name, model):
            assert key in written[name]
            if is_default:
                assert getattr(loaded.section(name), key) == getattr(defaults.section(name), key), (name, key)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_with_its_options(name):
    if COMMANDS[name][0] == "plugin" and name not in plugins.names(plugins.COMMANDS):
        pytest.skip(f"no installed integration brings easel {name}")
    document = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    of_this = {k: c for k, c in make.commands().items() if k.split()[0] == name}
    assert of_this
    for full_name, command in of_this.items():
        part = document.split(f"### `easel {full_name}")[1].split("\n### ")[0]
        assert (command.help or "").split("\n")[0].split()[0] in part
        for parameter in command.params:
            if getattr(parameter, "hidden", False):
                continue  # an old spelling, which scripts still use
            spellings = parameter.opts if parameter.param_type_name == "option" else []
            assert all(f"`{s}`" in part for s in spellings if s != "--help"), (full_name, spellings)
            assert "--help" in spellings or parameter.help, f"{full_name}: {parameter.name} says nothing"


def test_every_command_of_an_integration_is_listed_by_help():
    assert set(plugins.names(plugins.COMMANDS)) <= {
        n for n, (place, _) in COMMANDS.items() if place == "plugin"
    }


def test_every_metric_is_documented():
    document = (ROOT / "docs/metrics.md").read_text(encoding="utf-8")
    found = make.metrics()
    assert len(found) > 10
    for metric, _ in found:
        assert metric.documentation
        assert f"`{metric.name}{'_total' if metric.type == 'counter' else ''}`" in document


def test_every_entry_point_group_is_documented_and_declared():
    declared = set(PYPROJECT["project"]["entry-points"])
    assert declared <= set(plugins.GROUPS)
    for group in plugins.GROUPS:
        assert f"| `{group}` |" in ARCHITECTURE, group


def test_every_error_is_drawn_and_documented():
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.EaselError)]
    assert len(classes) > 10
    for error in classes:
        assert error.__name__ in (errors.__doc__ or ""), f"draw {error.__name__} in bot/errors.py"
        assert f"`{error.__name__}`" in ARCHITECTURE, error.__name__
        assert (error.__doc__ or "").strip(), error.__name__


def test_documents_link_to_files_that_are_there():
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("deploy/*.md")]
        for target in re.findall(r"(?:\]\(|src=\")([^)#\"\s]+)", page.read_text(encoding="utf-8"))
        if not urlsplit(target).scheme and not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_readme_has_the_two_commands():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "pip install . && easel play" in readme
    assert 'pip install ".[test]" && pytest' in readme


# ── What is installed ────────────────────────────────────────────────────────────────────────────────


def test_help_answers_at_once_because_it_imports_next_to_nothing():
    """Imports are what a start costs, so they are counted; `python -m bench --only start` takes the time."""
    script = (
        "import sys; bare = set(sys.modules); sys.argv = ['easel', '--help']; from bot.cli import main; main();"
        "print(*sorted(set(sys.modules) - bare))"
    )
    *told, last = run(
        sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, '.'); {script}"
    ).stdout.splitlines()
    assert "Usage: easel COMMAND [OPTIONS]" in told
    imported = set(last.split())
    assert {n for n in imported if n.split(".")[0] == "bot"} == {"bot", "bot.cli"}
    assert {n for n in imported if n.split(".")[0] not in {*sys.stdlib_module_names, "bot"}} == set()
    assert len(imported) < 6, imported


def test_the_version_stands_in_one_place():
    assert "version" in PYPROJECT["project"]["dynamic"]
    assert PYPROJECT["tool"]["hatch"]["version"]["path"] == "bot/__init__.py"
    assert run(sys.executable, "-m", "bot", "--version").stdout == f"easel {bot.__version__}\n"


def test_every_package_that_the_code_imports_is_a_dependency():
    """What comes by accident with something else is missing on the next machine."""
    here = {
        "PIL": "pillow",
        "fluent": "fluent.runtime",
        "discord": "discord.py",
    }
    here |= {
        "slack_bolt": "slack-bolt",
        "slack_sdk": "slack-sdk",
        "yarl": "aiohttp",
        "pydantic_core": "pydantic",
    }
    extras = PYPROJECT["project"]["optional-dependencies"]
    wanted = [
        *PYPROJECT["project"]["dependencies"],
        *(d for k in ("discord", "slack", "postgres", "nsfw", "fal") for d in extras[k]),
    ]
    declared = {there(re.match(r"[\w.-]+", d))[0].lower().replace("_", "-") for d in wanted}
    imported = set()
    for path in [*ROOT.glob("bot/**/*.py"), *ROOT.glob("integrations/**/*.py")]:
        imported |= set(re.findall(r"^\s*(?:from|import) (\w+)", _code_of(path), re.MULTILINE))
    foreign = imported - set(sys.stdlib_module_names) - {"bot", "integrations"}
    assert {n for n in foreign if here.get(n, n).lower().replace("_", "-") not in declared} == set()


def _code_of(path):
    """Without docstrings, where prose may begin a line with `from`."""
    return re.sub(r'"""[\s\S]*?"""', "", path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, timeout=PATIENCE_S)
    assert built.returncode == 0, built.stderr
    [file] = folder.glob("easel_bot-*.whl")
    with zipfile.ZipFile(file) as archive:
        yield archive


def test_the_wheel_has_every_file_of_the_packages(wheel):
    """Locales, moderation data, the simulator's catalogue, the page and the migrations are no modules."""
    names = set(wheel.namelist())
    ours = [p.relative_to(ROOT).as_posix() for p in tracked_files()]
    missing = [name for name in ours if name.startswith(("bot/", "integrations/")) and name not in names]
    assert missing == []
    assert {"bot/py.typed", "integrations/py.typed", "bot/locales/en.ftl", "bot/locales/ko.ftl"} <= names
    assert {f"integrations/{s}/locales/en.{s}.ftl" for s in ("discord", "slack", "web")} <= names
    assert {"integrations/providers/gateway_models.toml", "integrations/simulator/models.toml"} <= names
    assert any(n.startswith("bot/moderation/data/") for n in names)
    assert any(n.startswith("bot/store/migrations/versions/") for n in names)


def test_the_wheel_has_nothing_else(wheel):
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert tops == {"bot", "integrations", f"easel_bot-{bot.__version__}.dist-info"}
    assert [n for n in wheel.namelist() if n.endswith((".pyc", ".db"))] == []


def test_the_wheel_says_who_it_is(wheel):
    info = f"easel_bot-{bot.__version__}.dist-info"
    metadata = wheel.read(f"{info}/METADATA").decode()
    assert f"Version: {bot.__version__}\n" in metadata
    assert "License-Expression: Apache-2.0" in metadata
    assert wheel.read(f"{info}/licenses/LICENSE").decode() == (ROOT / "LICENSE").read_text(encoding="utf-8")
    points = wheel.read(f"{info}/entry_points.txt").decode()
    assert "easel = bot.cli:main" in points
    assert "[easel.settings]" in points


def test_every_entry_point_leads_somewhere():
    for group, points in PYPROJECT["project"]["entry-points"].items():
        for name, target in points.items():
            module = target.split(":")[0].replace(".", "/")
            there = (ROOT / f"{module}.py").is_file() or (ROOT / module / "__init__.py").is_file()
            assert there, f"{group} {name}"


@pytest.mark.parametrize("group", sorted(PYPROJECT["project"]["entry-points"]))
def test_every_entry_point_names_what_its_module_has(group):
    for name, target in PYPROJECT["project"]["entry-points"][group].items():
        module, _, what = target.partition(":")
        if what:
            source = (ROOT / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
            assert re.search(rf"^(?:(?:async )?def|class) {what}\b", source, re.MULTILINE), (
                f"{name} = {target}"
            )


CONTRACTS = {"easel.providers": "ProviderContract", "easel.surfaces": "TalkContract"}


@pytest.mark.parametrize("group", sorted(CONTRACTS))
def test_each_provider_and_each_surface_is_held_to_its_contract(group):
    """One class of the contract is about it: which imports it, or its sections, by the module of its entry point."""
    files = [
        path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests" / "contract").glob("test_*.py"))
    ]
    held = [text for text in files if f"({CONTRACTS[group]})" in text]
    for name, target in PYPROJECT["project"]["entry-points"][group].items():
        module = target.partition(":")[0]
        assert any(re.search(rf"\b{name}\b", text) for text in held), (
            f"{name}: no class of {CONTRACTS[group]}"
        )
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


def test_each_provider_is_killed_at_every_step():
    kinds = set(
        re.findall(r'name="(\w+)"', (ROOT / "tests" / "chaos" / "far_services.py").read_text("utf-8"))
    )
    assert set(PYPROJECT["project"]["entry-points"]["easel.providers"]) - kinds == set()


def test_each_provider_surface_and_shop_has_its_section():
    points = PYPROJECT["project"]["entry-points"]
    need = {*points["easel.providers"], *points["easel.surfaces"], *points["easel.shops"]}
    assert need - set(points["easel.settings"]) == set()


def test_each_check_is_told_of():
    page = (ROOT / "docs/moderation.md").read_text(encoding="utf-8")
    points = PYPROJECT["project"]["entry-points"]
    for name in {**points["easel.prompt_checks"], **points["easel.image_checks"]}:
        assert f"`{name}`" in page, name


def test_the_licence_is_apache_2():
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert PYPROJECT["project"]["license"] == "Apache-2.0"
    for font in ROOT.glob("integrations/**/fonts/*.woff2"):
        assert "SIL OPEN FONT LICENSE" in (font.parent / "OFL.txt").read_text(encoding="utf-8"), font


# ── What belongs in no file ──────────────────────────────────────────────────────────────────────────


# Folders of every machine, in which a checkout may lie: "/tmp/" tells of none.
ANYBODYS = {"/", "/tmp", "/var/tmp", "/var/lib", "/opt", "/srv", "/home", "/usr/src", "/mnt", "/data"}


def test_no_file_names_this_machine_or_the_index_that_it_installs_from():
    """The words are read off the machine, so that this file names none."""
    words = [] if str(ROOT.parent) in ANYBODYS else [f"{ROOT.parent}/"]
    asked = run(sys.executable, "-m", "pip", "config", "list").stdout
    hosts = {urlsplit(url).hostname or "" for url in re.findall(r"https?://[^\s'\"]+", asked)}
    words += [h for h in hosts if len(h) > 3 and h not in ("pypi.org", "localhost", "127.0.0.1")]
    homes = re.compile(r"/(?:home|Users)/\w+/|/root/")
    found = []
    for path in tracked_files():
        text = path.read_bytes().decode(errors="replace")
        if path != Path(__file__).resolve():
            found += [f"{path.name}: a home folder" for _ in homes.findall(text)]
        found += [f"{path.name}: a word of this machine" for word in words if word in text]
    assert found == []


def test_no_data_nor_secret_is_tracked():
    names = [p.name for p in tracked_files()]
    assert [
        n for n in names if n.endswith((".db", ".db-wal", ".env", ".pem", ".key")) or n == "easel.toml"
    ] == []


def test_every_silenced_check_has_its_reason():
    silenced = re.compile(r"#\s*(?:noqa|type: ignore)\b")
    with_reason = re.compile(r"#\s*(?:noqa|type: ignore)\S* ?[\w, -]*\]?(?: - |  ?# )\S")
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] != "tests"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if silenced.search(line) and not with_reason.search(line)
    ]
    assert bare == []


# ── Types ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.timeout(700)  # a cold type check on a busy machine takes minutes
def test_the_typed_api_holds_and_refuses_what_is_wrong():
    """With what mypy has found out before, in the project's own cache."""
    checked = run(sys.executable, "-m", "mypy", "tests/typing", timeout=600)
    assert checked.returncode == 0, checked.stdout
