"""What Easel writes is its owner's alone, whatever the umask: database, log, pictures, backups, folders."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.pictures.backends import open_backend
from bot.process import modes
from bot.store import open_store
from bot.store.copy import backup_sqlite
from tests.fakes.patience import PATIENCE_S

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")


@pytest.fixture(params=[0o022, 0o000], ids=["umask 022", "umask 000"])
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def loose(folder):
    return {str(p.relative_to(folder)): oct(mode(p)) for p in folder.rglob("*") if mode(p) & 0o077}


async def test_a_database_its_log_and_its_folder_are_ours_alone(umask, tmp_path):
    folder = tmp_path / "a" / "b"
    store = await open_store(f"sqlite:///{folder}/easel.db")
    await store.shared.link_keys(now=1)
    try:
        assert {p.name for p in folder.iterdir()} == {"easel.db", "easel.db-wal", "easel.db-shm"}
        assert loose(tmp_path) == {}
        await backup_sqlite(f"sqlite:///{folder}/easel.db", tmp_path / "copy.db")
        assert mode(tmp_path / "copy.db") == 0o600
    finally:
        await store.aclose()


async def test_what_an_older_easel_left_open_is_closed_at_the_next_start(umask, tmp_path):
    path = tmp_path / "easel.db"
    store = await open_store(f"sqlite:///{path}")
    await store.aclose()
    path.chmod(0o644)
    store = await open_store(f"sqlite:///{path}")
    await store.shared.link_keys(now=1)
    try:
        assert loose(tmp_path) == {}
    finally:
        await store.aclose()


async def test_pictures_lie_in_a_folder_that_only_we_can_enter(umask, tmp_path):
    (tmp_path / "assets" / "pictures").mkdir(parents=True)
    (tmp_path / "assets" / "pictures").chmod(0o755)
    backend = open_backend(str(tmp_path / "assets"))
    await backend.put_async("pictures/job/image1.png", b"x")
    assert mode(tmp_path / "assets" / "pictures") == 0o700
    fresh = open_backend(str(tmp_path / "new" / "assets"))
    await fresh.put_async("pictures/job/image1.png", b"x")
    assert mode(tmp_path / "new") == 0o700
    assert mode(tmp_path / "new" / "assets") == 0o700


async def test_a_folder_that_was_there_keeps_its_mode(umask, tmp_path):
    """The folder that one happens to stand in may be a home, or shared: it is not ours to close."""
    tmp_path.chmod(0o755)
    store = await open_store(f"sqlite:///{tmp_path}/easel.db")
    await store.aclose()
    assert mode(tmp_path) == 0o755


async def test_a_backup_is_written_over_nothing_and_through_no_link(tmp_path):
    store = await open_store(f"sqlite:///{tmp_path}/easel.db")
    await store.aclose()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for target in ("easel.db", "link"):
        with pytest.raises(ConfigError):
            await backup_sqlite(f"sqlite:///{tmp_path}/easel.db", tmp_path / target)
    assert not (tmp_path / "elsewhere").exists()


async def test_opening_the_file_once_more_takes_no_lock_away(tmp_path):
    """Closing any handle of a file ends all locks of this process on it: a second opening must not touch it."""
    one = await open_store(f"sqlite:///{tmp_path}/easel.db")
    two = await open_store(f"sqlite:///{tmp_path}/easel.db")
    try:
        code = "import sqlite3,sys; sqlite3.connect(sys.argv[1], timeout=0).execute('PRAGMA journal_mode = DELETE')"
        other = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / "easel.db")],
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert "database is locked" in other.stderr
    finally:
        await two.aclose()
        await one.aclose()


def test_the_program_makes_everything_closed_and_hands_pictures_over_as_the_person_writes(tmp_path):
    """Under umask 022: the database and the store are closed, the picture that was asked for is a file like others."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("EASEL")}
    own["EASEL_HOME"] = str(tmp_path / "home")
    command = "umask 022; exec \"$0\" -m bot imagine 'a red fox' --out out"
    done = subprocess.run(
        ["sh", "-c", command, sys.executable],
        cwd=tmp_path,
        env=own,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [picture] = (tmp_path / "out").iterdir()
    assert mode(picture) == 0o644
    picture.unlink()
    assert loose(tmp_path) == {}
    assert len([p for p in (tmp_path / "home" / "pictures").rglob("*") if p.is_file()]) >= 1
    with sqlite3.connect(tmp_path / "home" / "easel.db") as connection:
        assert connection.execute("SELECT COUNT(*) FROM jobs").fetchone() == (1,)
    connection.close()


@pytest.fixture
def street(tmp_path_factory):
    """A folder that everybody can enter, with all above it."""
    folder = Path(tempfile.mkdtemp(prefix="easel-street-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_what_others_can_get_at_is_found_and_what_lies_behind_a_closed_folder_is_not(street):
    closed, open_, behind = street / "closed", street / "open", street / "home" / "open"
    behind.parent.mkdir(mode=0o700)
    for path, bits in ((closed, 0o600), (open_, 0o640), (behind, 0o644)):
        path.touch()
        path.chmod(bits)
    assert modes.open_to_others([closed, open_, behind, street / "none"]) == [open_]
    modes.tighten(open_, street / "none")
    assert mode(open_) == 0o600


def checked(folder):
    own = {k: v for k, v in os.environ.items() if not k.startswith("EASEL")}
    command = [sys.executable, "-m", "bot", "check", "--json", "--config", str(folder / "easel.toml")]
    done = subprocess.run(
        command, cwd=folder, env=own, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    return {row["name"]: row for row in json.loads(done.stdout)["checks"]}


def test_easel_check_is_red_for_files_that_others_can_read_and_for_passwords_that_everybody_knows(street):
    (street / "key").write_text("0123456789abcdef", encoding="utf-8")
    (street / "easel.toml").write_text(
        f'[gateway]\napi_key_file = "{street}/key"\nbase_url = "http://127.0.0.1:1/v1"\n'
        f'[store]\nurl = "sqlite:///{street}/easel.db"\n[assets]\nurl = "{street}/assets"\n'
        '[assets.options]\nsecret_access_key = "minioadmin"\n[http]\nhost = "0.0.0.0"\n[web]\nenabled = true\n'
        '[moderation]\ninputs = "any"\nchecks = []\n',
        encoding="utf-8",
    )
    for name in ("key", "easel.toml"):
        (street / name).chmod(0o644)
    rows = checked(street)
    assert str(street / "key") in rows["secrets"]["detail"]
    assert str(street / "easel.toml") in rows["secrets"]["detail"]
    assert "chmod" in rows["secrets"]["fix"]
    assert rows["secrets"]["ok"], "it is told, and fails nothing: a container's secrets are open in it"
    assert rows["files"]["ok"], "what is kept here we close ourselves"
    assert (rows["passwords"]["ok"], "[assets]" in rows["passwords"]["detail"]) == (False, True)
    assert "minioadmin" not in json.dumps(rows["passwords"])
    assert (rows["listener"]["ok"], "admin_token" in rows["listener"]["fix"]) == (False, True)
    assert "any picture may be given" in rows["pictures"]["detail"]
    assert (rows["pictures"]["ok"], "nsfw" in rows["pictures"]["fix"]) == (True, True), "an advice"


def test_easel_check_has_nothing_to_say_of_a_careful_installation(street):
    (street / "easel.toml").write_text(
        '[gateway]\napi_key = "0123456789abcdef"\nbase_url = "http://127.0.0.1:1/v1"\n'
        f'[store]\nurl = "sqlite:///{street}/easel.db"\n[assets]\nurl = "{street}/assets"\n',
        encoding="utf-8",
    )
    (street / "easel.toml").chmod(0o600)
    rows = checked(street)
    assert {name: rows[name]["ok"] for name in ("files", "passwords")} == {"files": True, "passwords": True}
    assert rows.get("listener", {"ok": True})["ok"]


def test_a_folder_whose_place_is_taken_by_a_file_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        modes.make_folder(Path(tmp_path / "file"))
