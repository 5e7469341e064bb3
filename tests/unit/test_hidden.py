"""Secrets: types that never print what they hold, and the net that knows what was configured."""

import base64
import json
import logging
import sys
from urllib.parse import quote

import pytest
import structlog
from pydantic import SecretStr

from bot.configuration import config
from bot.errors import ConfigError
from bot.process import hidden, telemetry
from bot.process.hidden import SecretUrl
from bot.store import open_store

SECRET = "cAn4ry/to+ken=&% ü"


@pytest.fixture(autouse=True)
def forgotten():
    """What a test lets it learn, no other test has to know."""
    kept, pattern = dict(hidden._learned), list(hidden._pattern)
    yield
    hidden._learned.clear()
    hidden._learned.update(kept)
    hidden._pattern[:] = pattern


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("sqlite:///easel.db", "sqlite:///easel.db"),
        ("./assets", "./assets"),
        ("C:\\easel\\assets", "C:\\easel\\assets"),
        ("s3://bucket/prefix", "s3://bucket/prefix"),
        ("postgresql://db/easel", "postgresql://db/easel"),
        ("postgresql://[::1]:5432/easel", "postgresql://[::1]:5432/easel"),
        ("postgresql://easel:cAn4ry@db:5432/easel?sslmode=require", "postgresql://***@db:5432/easel?***"),
        ("postgress://easel:cAn4ry@db/easel", "postgress://***@db/easel"),
        ("postgresql://easel:cAn4ry/x@y#?@db/easel", "postgresql://***@db/easel"),
        ("postgresql://easel:cAn4ry.db/easel", "postgresql://***"),
        ("postgresql://db/easel?user=easel&password=cAn4ry", "postgresql://db/easel?***"),
        ("postgresql:/easel:cAn4ry@db/easel", "***"),
        ("postgresql:easel:cAn4ry", "***"),
        ("easel:cAn4ry@db/easel", "***"),
        ("http://cAn4ry@proxy:3128", "http://***@proxy:3128"),
        ("postgresql://easel@db:cAn4ry", "postgresql://***"),
        ("host=db user=easel password=cAn4ry", "***"),
        ("password=cAn4ry", "***"),
        ("dbname=easel  password = 'cAn4ry'", "***"),
    ],
)
def test_an_address_shows_where_and_never_with_what(written, shown):
    url = SecretUrl(written)
    assert (str(url), f"{url}") == (shown, shown)
    assert "cAn4ry" not in repr(url)
    assert url.get_secret_value() == written


@pytest.mark.parametrize(
    "url",
    [
        "postgress://easel:cAn4ry@db/easel",
        "postgresql:/easel:cAn4ry@db/easel",
        "postgresql://easel:cAn4ry/more@127.0.0.1:1/easel",
        "postgresql://easel:cAn4ry#more@127.0.0.1:1/easel",
        "postgresql://easel:cAn4ry@127.0.0.1:1/easel",
        "postgresql://easel:cAn4ry@127.0.0.1:port/easel",
        "postgresql://easel@127.0.0.1:1/easel?password=cAn4ry&sslmode=sometimes",
        "sqlite://easel:cAn4ry@/x",
        "host=db user=easel password=cAn4ry",
        "password=cAn4ry",
    ],
)
async def test_a_mistyped_database_is_refused_without_its_password(url, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        await open_store(config.load(None, environ={"EASEL__STORE__URL": url}).store.url.get_secret_value())
    assert "cAn4ry" not in str(caught.value)
    assert "[store] url" in str(caught.value)


BROKEN = [
    "[store]\nurl = ['CANARY']",
    "[store]\nurl = {password = 'CANARY'}",
    "[store]\nurl = 'postgresql://u:CANARY@h/db'\npool_size = 0",
    "[store]\nulr = 'postgresql://u:CANARY@h/db'",
    "[assets]\nurl = 7.5\noptions = 'CANARY'",
    "[assets.options]\nsecret_access_key = ['CANARY']",
    "[gateway]\napi_key = ['CANARY']",
    "[gateway]\napi_key = 'CANARY with a space'",
    "[gateway]\napi_key_file = 'CANARY'",
    "[gateway]\nbase_url = 'ftp://u:CANARY@h'",
    "[discord]\ntoken = {x = 'CANARY'}",
    "[discord]\ntoken = 'CANARY'\nshard_ids = [3]",
    "[discord]\napi_base_url = 'CANARY'",
    "[slack]\nbot_token = 'CANARY'",
    "[slack]\nbot_token = 'CANARY'\nmode = 'http'",
    "[web]\nadmin_token = ['CANARY']",
    "[moderation.options]\nopenai = 'CANARY'",
    "[http]\nport = 'CANARY'",
    "[http]\nhost = ['CANARY']",
    "[log]\nlevel = 'CANARY'",
    "[quotas]\ncommunities = {a = 'CANARY'}",
    "[worker]\nin_flight = 'CANARY'",
    "api_key = CANARY",
    "[gateway]\napi_key = 'CANARY",
]


@pytest.mark.parametrize("text", BROKEN)
def test_a_configuration_that_is_refused_is_never_quoted(tmp_path, text):
    """A secret may stand anywhere in a file that is wrong: what is said names the key, and no value."""
    file = tmp_path / "easel.toml"
    file.write_text(text.replace("CANARY", "cAn4rySecret"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config.load(file, environ={})
    assert "cAn4ry" not in str(caught.value)
    told: BaseException | None = caught.value
    while told is not None:  # nor by a traceback of what was behind it
        assert "cAn4ry" not in repr(told) or told.__suppress_context__, told
        told = told.__cause__


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EASEL__ASSETS__OPTIONS", '{"secret_access_key": "cAn4rySecret"'),
        ("EASEL__GATEWAY__API_KEY_FILE", "cAn4rySecret"),
        ("EASEL__GATEWAY__API_KEY__MORE", "cAn4rySecret"),
        ("EASEL__DISCORD__SHARD_IDS", "[cAn4rySecret"),
        ("EASEL__MODERATION__OPTIONS", '{"openai": "cAn4rySecret"}'),
        ("EASEL__SLACK__MODE", "cAn4rySecret"),
    ],
)
def test_an_environment_that_is_refused_is_not_quoted(name, value):
    with pytest.raises(ConfigError) as caught:
        config.load(None, environ={name: value})
    assert "cAn4ry" not in str(caught.value)


def test_settings_print_no_secret_whatever_its_section(tmp_path):
    file = tmp_path / "easel.toml"
    file.write_text(
        "[store]\nurl = 'postgresql://u:cAn4ry@h/db'\n[assets.options]\nsecret_access_key = 'cAn4ry'\n"
        "[gateway]\napi_key = 'cAn4ry'\n[discord]\ntoken = 'cAn4ry'\n[web]\nadmin_token = 'cAn4ryOfTheWebPage'\n"
        "[slack]\nbot_token = 'cAn4ry'\napp_token = 'cAn4ry'\nsigning_secret = 'cAn4ry'\n"
        "[moderation.options.openai]\napi_key = 'cAn4ry'\n[providers.other]\napi_key = 'cAn4ry'\n"
    )
    settings = config.load(file, environ={})
    assert "cAn4ry" not in f"{settings} {settings!r} {settings.providers} {settings.moderation.options}"
    assert "cAn4ry" not in f"{settings.assets.options} {settings.assets!r}"
    assert settings.moderation.options["openai"]["api_key"] == "cAn4ry"
    assert set(hidden.secrets_in(settings)) == {"cAn4ry", "cAn4ryOfTheWebPage"}


@pytest.mark.parametrize(
    "spelling",
    [
        lambda s: s,
        lambda s: quote(s, safe=""),
        json.dumps,
        lambda s: json.dumps({"a": s}, ensure_ascii=False),
        repr,
        lambda s: f"https://user:{quote(s, safe='')}@host/",
        lambda s: base64.b64encode(s.encode()).decode(),
        lambda s: base64.b64encode(f"a:{s}".encode()).decode(),
        lambda s: base64.b64encode(f"ab:{s}:more".encode()).decode(),
        lambda s: base64.urlsafe_b64encode(f"abc:{s}".encode()).decode(),
    ],
)
def test_a_learned_secret_is_hidden_in_every_spelling(spelling):
    text = f"before {spelling(SECRET)} after"
    hidden.learn({"api_key": SECRET})
    told = hidden.hide(text)
    assert hidden.HIDDEN in told
    assert told.startswith("before ")
    assert told.endswith(" after")
    assert "cAn4ry" not in told
    assert base64.b64encode(SECRET.encode()).decode()[2:-4] not in told


def test_what_is_too_short_to_be_found_does_not_blacken_every_word():
    hidden.learn({"api_key": "easel"[:5]}, SecretStr(""))
    assert hidden.hide("easel") == "easel"


def lines_of(capsys):
    return [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]


@pytest.fixture
def logs():
    """Sets the logs up, once the test runs: between its phases the handlers are pytest's."""
    root = logging.getLogger()
    before = list(root.handlers), root.level
    yield lambda: telemetry.set_up_logs(form="json")
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_no_line_of_a_log_has_a_secret_in_whatever_it_is_wrapped(logs, capsys):
    logs()
    hidden.learn({"token": "cAn4ry-token"})

    class Odd:
        def __repr__(self):
            return "<Odd cAn4ry-token>"

    log = structlog.get_logger()
    try:
        int("of cAn4ry-token")
    except ValueError as error:
        log.exception("it broke", error=error, nested={"a": ["cAn4ry-token", Odd()]}, raw=b"cAn4ry-token")
        logging.getLogger("another").exception("with %s and %r", "cAn4ry-token", Odd())
    told = lines_of(capsys)
    assert len(told) == 2
    assert "cAn4ry" not in json.dumps(told)
    assert "ValueError" in told[0]["exception"]


def test_a_log_on_a_terminal_is_not_commanded_by_what_it_tells(capsys):
    root = logging.getLogger()
    before = list(root.handlers), root.level
    try:
        telemetry.set_up_logs(form="text")
        structlog.get_logger().warning("a reason", reason="\x1b]0;owned\x07\nforged", other="\u202eevil")
        logging.getLogger("another").warning("of %s", "\x1b[2J\nforged")
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()
    told = capsys.readouterr().err
    assert "\x1b]" not in told
    assert "\x1b[2J" not in told
    assert "\u202e" not in told
    assert len(told.splitlines()) == 2


def test_a_line_that_cannot_be_logged_does_not_show_its_arguments(logs, capsys):
    logs()
    [handler] = [one for one in logging.getLogger().handlers if isinstance(one, telemetry._Handler)]
    handler.handle(logging.LogRecord("another", logging.ERROR, "", 0, "%d", ("cAn4ry-token",), None))
    told = "".join(capsys.readouterr())
    assert "a line of another could not be logged" in told
    assert "cAn4ry" not in told


def test_what_nobody_caught_is_logged_without_secrets(logs, capsys, monkeypatch):
    logs()
    for name in ("excepthook", "unraisablehook"):
        monkeypatch.setattr(sys, name, getattr(sys, name))
    import threading
    import warnings

    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    hidden.learn({"token": "cAn4ry-token"})
    telemetry.log_the_unhandled()

    def breaks():
        raise RuntimeError("cAn4ry-token")

    thread = threading.Thread(target=breaks)
    thread.start()
    thread.join()
    try:
        breaks()
    except RuntimeError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    told = lines_of(capsys)
    assert [line["level"] for line in told] == ["critical", "critical"]
    assert all("RuntimeError" in line["exception"] for line in told)
    assert "cAn4ry" not in json.dumps(told)


def test_every_key_that_is_named_like_a_secret_has_a_type_that_hides_it():
    """A new section can't forget it: by the names of its keys."""
    from docs import make

    for section, (_, model) in make.sections().items():
        for name, field in (model.model_fields if model else {}).items():
            if hidden._NAMED.search(name) and field.annotation in (str, "str"):
                pytest.fail(f"[{section}] {name} is a plain text")


@pytest.mark.parametrize(
    "written",
    [
        "host=db user=easel password=cAn4ry",
        "password=cAn4ry",
        "password = cAn4ry host=db",
        "password='cAn4ry'",
    ],
)
def test_the_password_of_an_address_in_words_is_learned(written):
    hidden.learn({"store": {"url": written}})
    assert "cAn4ry" not in hidden.hide_configured("it said: cAn4ry is wrong")
