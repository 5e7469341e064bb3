"""Every secret a canary, and the program driven through what works, what breaks and what can't be read: none prints."""

import asyncio
import base64
import itertools
import os
import signal
import sys
from urllib.parse import quote

import pytest

from tests.fakes.command import command
from tests.fakes.free_ports import free_port
from tests.fakes.patience import PATIENCE_S
from tests.fakes.there import there
from tests.journey.program import finish

CANARY = "cAn4ryOfEasel"
NAMES = itertools.count(1)


def canary():
    return f"{CANARY}{next(NAMES)}x/%+"


def configuration(folder, **changed):
    """Everything that takes a secret, each far side a port where nobody answers."""
    nobody = f"127.0.0.1:{free_port()}"
    parts = {
        "head": '[log]\nformat = "json"\nlevel = "debug"\n[http]\nport = 0\n[worker]\ngrace_s = 0\ndeadline_s = 2\n',
        "store": f'[store]\nurl = "sqlite:///{folder}/easel.db"\n',
        "assets": f'[assets]\nurl = "{folder}/assets"\n',
        "gateway": f'[gateway]\nbase_url = "http://{nobody}/v1"\napi_key = "{canary().replace(" ", "")}"\ntimeout_s = 1\n',
        "discord": (
            f'[discord]\ntoken = "{canary()}"\napi_base_url = "http://{nobody}/api/v10"\n'
            f'gateway_url = "ws://{nobody}"\n'
        ),
        "slack": (
            f'[slack]\nbot_token = "{canary()}"\napp_token = "{canary()}"\nsigning_secret = "{canary()}"\n'
            f'api_base_url = "http://{nobody}/api/"\n'
        ),
        "web": f'[web]\nenabled = true\nadmin_token = "{canary()}-long-enough"\n',
        "moderation": (
            '[moderation]\nchecks = ["openai"]\n[moderation.options.openai]\n'
            f'api_key = "{canary()}"\nbase_url = "http://{nobody}/v1"\n'
        ),
    }
    return "".join({**parts, **changed}.values())


async def easel(folder, *words, env=None, until=None):
    """One run of the program, stopped after a line that says `until`. Answers all that it printed."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("EASEL")}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words,
        cwd=folder, env={**own, **(env or {})},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told = ""
    async with asyncio.timeout(PATIENCE_S):
        while until and until not in told:
            line = await there(process.stderr).readline()
            told += line.decode()
            assert line, told
        if until:
            process.send_signal(signal.SIGTERM)
        done = await finish(process)
    return f"{done.out}\n{told}{done.err}"


def assert_silent(told):
    assert len(told) > 10, "it said nothing at all"
    assert CANARY not in told
    assert quote(CANARY) not in told
    coded = base64.b64encode(CANARY.encode()).decode()[2:12]
    assert coded not in told


WORDS = [
    ("check", "--json"),
    ("imagine", "a red fox"),
    ("jobs", "list", "--json"),
    ("discord-invite",),
]


@pytest.fixture
def told(tmp_path, monkeypatch):
    """All that a command prints in this very process, to whom everything is told."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EASEL__LOG__LEVEL", "debug")

    def call(*words):
        done = command(*words)
        return f"{done.out}\n{done.err}"

    return call


@pytest.mark.parametrize("words", WORDS, ids=[" ".join(words) for words in WORDS])
async def test_no_command_prints_a_secret(tmp_path, words):
    (tmp_path / "easel.toml").write_text(configuration(tmp_path), encoding="utf-8")
    assert_silent(f"{words} " + await easel(tmp_path, *words, env={"EASEL__LOG__LEVEL": "debug"}))


async def test_the_bot_itself_prints_no_secret_while_nobody_answers_it(tmp_path):
    (tmp_path / "easel.toml").write_text(configuration(tmp_path), encoding="utf-8")
    told = await easel(tmp_path, "run", until="Discord can't be reached")
    assert '"event": "started"' in told
    assert_silent(told)


DATABASES = [
    "postgresql://easel:{}@127.0.0.1:1/easel",
    "postgress://easel:{}@127.0.0.1:1/easel",
    "postgresql://easel:{}/slash@127.0.0.1:1/easel",
]


@pytest.mark.parametrize("url", DATABASES)
def test_no_database_that_cannot_be_used_prints_its_password(tmp_path, told, url):
    url = url.format(CANARY)
    (tmp_path / "easel.toml").write_text(
        configuration(tmp_path, store=f'[store]\nurl = "{url}"\n'), encoding="utf-8"
    )
    assert_silent(told("check"))
    named = [path.name for path in tmp_path.rglob("*") if CANARY in path.name]
    assert named == [], "a password has become a file's name"


def test_a_target_of_a_copy_that_cannot_be_used_prints_no_password(tmp_path, told):
    (tmp_path / "easel.toml").write_text(configuration(tmp_path), encoding="utf-8")
    for url in DATABASES[1:3]:
        assert_silent(told("store", "copy", "--to", url.format(CANARY)))


def test_keys_of_a_bucket_are_not_printed(tmp_path, told):
    (tmp_path / "easel.toml").write_text(
        configuration(
            tmp_path,
            assets=(
                '[assets]\nurl = "s3://pictures/here"\n[assets.options]\n'
                f'endpoint = "http://127.0.0.1:{free_port()}"\nregion = "x"\naccess_key_id = "{canary()}"\n'
                f'secret_access_key = "{canary()}"\nno_such_option = "{CANARY}"\n'
            ),
        ),
        encoding="utf-8",
    )
    assert_silent(told("check"))
