"""The configuration: file, environment over it, secrets from files, and a sentence for every mistake."""

import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel, SecretStr, ValidationError

from bot.configuration import config
from bot.configuration.settings import Settings, WorkerSection, settings_model
from bot.errors import ConfigError
from bot.store.due import LEASES_MOST_S

ROOT = Path(__file__).parents[2]


def load(tmp_path, text="", environ=None, **sections):
    file = tmp_path / "easel.toml"
    file.write_text(text, encoding="utf-8")
    return config.load(file, environ=environ or {}, **sections)


def sentence(tmp_path, text="", environ=None):
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text, environ)
    return str(caught.value)


def test_without_a_file_the_defaults_of_the_design_hold():
    settings = config.load(None, environ={})
    assert (settings.limits.per_requester, settings.limits.per_community, settings.limits.cooldown_s) == (
        4,
        200,
        0,
    )
    assert settings.quotas.daily_allowance == 500
    worker = settings.worker
    assert (worker.in_flight, worker.lease_s, worker.deadline_s, worker.uncertain) == (64, 10, 600, "fail")
    assert settings.store.url.get_secret_value() == "sqlite:///easel.db"


def test_the_environment_stands_over_the_file_and_a_command_over_both(tmp_path):
    text = "[http]\nport = 1\nhost = '10.0.0.1'\n[worker]\nlease_s = 5"
    environ = {"EASEL__HTTP__PORT": "2", "EASEL__GATEWAY__API_KEY": "from-env", "HOME": "/x"}
    settings = load(tmp_path, text, environ, worker={"lease_s": 7})
    assert (settings.http.port, settings.http.host, settings.worker.lease_s) == (2, "10.0.0.1", 7)
    assert settings.section("gateway").api_key.get_secret_value() == "from-env"


def test_a_secret_may_stand_in_a_file_of_its_own_also_by_the_environment(tmp_path):
    secret = tmp_path / "key"
    secret.write_text("s3cret\n", encoding="utf-8")
    for text, environ in (
        (f"[gateway]\napi_key_file = '{secret}'", {}),
        ("", {"EASEL__GATEWAY__API_KEY_FILE": str(secret)}),
    ):
        settings = load(tmp_path, text, environ)
        assert settings.section("gateway").api_key.get_secret_value() == "s3cret"
        assert "s3cret" not in repr(settings)


def test_a_secret_file_that_is_not_there_is_named(tmp_path):
    assert "/nowhere/key" in sentence(tmp_path, "[gateway]\napi_key_file = '/nowhere/key'")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("[http]\nprot = 1", ["[http] prot", "'port'"]),
        ("[htp]\nport = 1", ["htp", "'http'"]),
        ("[worker]\nuncertain = 'maybe'", ["[worker] uncertain", "fail", "retry"]),
        ("[http]\nport = 'x'", ["[http] port", "integer"]),
        ("[http]\nport = 70000", ["[http] port", "65535"]),
        ("[models.'x/y']\ncredit = 5", ["credit", "'credits'"]),
        ("[quotas]\ntime_zone = 'Mars/Olympus'", ["[quotas] time_zone"]),
        ("[gateway]\nbase_ulr = 'http://x'", ["[gateway] base_ulr", "'base_url'"]),
        ("[http", ["TOML"]),
    ],
    ids=["key", "section", "choice", "type", "range", "inside a name", "zone", "integration", "no TOML"],
)
def test_a_mistake_is_named_with_its_key_and_the_nearest_right_one(tmp_path, text, parts):
    said = sentence(tmp_path, text)
    assert all(part in said for part in parts), said
    assert "\n" not in said


def test_a_mistake_in_the_environment_is_named_too(tmp_path):
    assert "'http'" in sentence(tmp_path, environ={"EASEL__HTPP__PORT": "1"})
    assert "'port'" in sentence(tmp_path, environ={"EASEL__HTTP__PROT": "1"})


def test_a_file_that_is_not_there_is_said():
    with pytest.raises(ConfigError, match="no such file"):
        config.load(Path("/nowhere/easel.toml"), environ={})


def test_ids_may_be_numbers_and_urls_may_end_in_a_slash(tmp_path):
    text = "[quotas]\ncommunities = [123, 'T1']\n[http]\npublic_url = 'https://x.org/'"
    settings = load(tmp_path, text)
    assert settings.quotas.communities == ("123", "T1")
    assert settings.http.public_url == "https://x.org"


def test_settings_are_frozen():
    settings = config.load(None, environ={})
    with pytest.raises(ValueError, match="frozen"):
        settings.http.port = 1


def keys_of(model: type[BaseModel]):
    """Every key of the settings tree with a name that the program chose: section.key."""
    for section, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            for key in inner.model_fields:
                yield section, key


@pytest.mark.skipif(not (ROOT / "config.example.toml").exists(), reason="another hand writes the example")
def test_the_example_documents_every_key_and_is_itself_a_configuration():
    text = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    sections: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        bare = line.lstrip("# ").strip()
        if bare.startswith("[") and bare.endswith("]") and "," not in bare:
            name = bare.strip("[]").split(".")[0]
        sections[name] = sections.get(name, "") + line + "\n"
    missing = [
        f"[{section}] {key}"
        for section, key in keys_of(settings_model())
        if not any(
            line.lstrip("# ").split("=")[0].strip() in (key, f"{key}_file")
            for line in sections.get(section, "").splitlines()
        )
    ]
    assert not missing
    assert tomllib.loads(text) is not None
    assert isinstance(
        config.load(ROOT / "config.example.toml", environ={}).section("gateway").api_key, SecretStr
    )


@pytest.mark.parametrize("text", ["", "[store]\nurl = 'sqlite:///easel.db'\n[assets]\nurl = './assets'"])
def test_relative_paths_follow_the_configuration_and_not_where_one_stands(tmp_path, monkeypatch, text):
    home, away = tmp_path / "home", tmp_path / "away"
    home.mkdir()
    away.mkdir()
    monkeypatch.chdir(away)
    settings = load(home, text)
    assert settings.store.url.get_secret_value() == f"sqlite:///{home / 'easel.db'}"
    assert Path(settings.assets.url.get_secret_value()) == home / "assets"
    (away / "easel.db").touch()
    assert "follow the configuration's folder" in sentence(home, text)
    (home / "easel.db").touch()
    load(home, text)


@pytest.mark.parametrize(
    "url", ["sqlite:////var/easel.db", "postgresql://a@b/c", "s3://bucket/x", "memory://", "/srv/pictures"]
)
def test_what_is_no_relative_path_stays_as_it_is_written(tmp_path, url):
    section = "store" if "sql" in url else "assets"
    settings = load(tmp_path, f"[{section}]\nurl = '{url}'")
    assert getattr(settings, section).url.get_secret_value() == url


# Numbers that break what uses them: too large for the database's column, for a clock, for a float.
HOSTILE = ["nan", "inf", "-inf", "-1", "1e308", "1e19", "9223372036854775808", "1" + "0" * 40, "true", "'x'"]


def numeric_keys():
    for section, field in Settings.model_fields.items():
        for name, key in getattr(field.annotation, "model_fields", {}).items():
            if any(kind in repr(key.annotation) for kind in ("int", "float")):
                yield section, name


@pytest.mark.parametrize(("section", "name"), list(numeric_keys()))
def test_a_number_that_nothing_could_use_is_refused_with_its_key(tmp_path, section, name):
    refused = []
    for value in HOSTILE:
        try:
            settings = load(tmp_path, f"[{section}]\n{name} = {value}")
        except ConfigError as error:
            refused.append(str(error))
            continue
        number = getattr(getattr(settings, section), name)
        assert isinstance(number, tuple | bool) or -1 <= number <= 10**12, (section, name, value)
    assert [said for said in refused if name not in said] == []


def test_no_lease_is_longer_than_one_that_another_replica_believes():
    assert WorkerSection(lease_s=LEASES_MOST_S).lease_s == LEASES_MOST_S
    with pytest.raises(ValidationError):
        WorkerSection(lease_s=LEASES_MOST_S + 1)
