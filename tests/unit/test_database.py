"""The two databases under the store: commits in groups, busy files, cut connections, migrations, closing."""

import asyncio
import contextlib
import hashlib
import re
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

import bot.store.migrate
from bot.errors import ConfigError, LostJob, NotAllowed, StoreBusy
from bot.job import Job, Move, State
from bot.ports import Requester
from bot.store import accounts, open_database, open_store, store_on
from bot.store.database import MAY_HAVE_HELD, Dialect, Rows, Steps, sql
from bot.store.postgres import PostgresDatabase, open_postgres
from bot.store.schema import HEAD, SCRIPTS, make, statements, tables
from bot.store.sqlite import SqliteDatabase, on_thread, open_sqlite, path_of
from tests.fakes.books import NOW, accept
from tests.fakes.patience import PATIENCE_S
from tests.fakes.postgres_server import execute, in_thread
from tests.fakes.there import there

pytest_plugins = ("tests.fakes.postgres",)

RELEASED = Path(__file__).parents[1] / "data" / "released_scripts.sha256"

# Keeps a write lock on a SQLite file until its input ends.
HOLDER = """
    import sqlite3, sys
    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    print("held", flush=True)
    sys.stdin.read()
    connection.execute("ROLLBACK")
"""

OPENER = """
    import asyncio, sys
    from bot.store import open_store
    async def main():
        store = await open_store(sys.argv[1])
        await store.shared.mark_seen("event", now=1.0)
        await store.aclose()
    asyncio.run(main())
"""


def python(script: str, *args: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(bot.store.__file__).parents[2],
    )


@pytest.fixture
async def sqlite(tmp_path: Path):
    database = await open_sqlite(f"sqlite:///{tmp_path}/easel.db", busy_timeout_s=0.1)
    yield database
    await database.aclose()


@pytest.fixture
async def server(postgres: str):
    database = await open_postgres(postgres, pool_size=4)
    yield database
    await database.aclose()


def add(key: str, *more: str) -> Steps[str]:
    yield sql("INSERT INTO seen (key, at) VALUES (:key, 1)", key=key)
    for text in more:
        yield sql(text)
    return key


def add_and_refuse(key: str) -> Steps[None]:
    yield from add(key)
    raise NotAllowed("no")


def ask(text: str, **parameters: object) -> Steps[Rows]:
    return (yield sql(text, **parameters))


def keys() -> Steps[set[str]]:
    rows = yield sql("SELECT key FROM seen")
    return {row["key"] for row in rows}


# ── SQLite ───────────────────────────────────────────────────────────────────────────────────────────


async def test_transactions_that_wait_together_share_a_commit(sqlite: SqliteDatabase):
    seen: list[str] = []
    await on_thread(sqlite._writer, lambda: sqlite._writer._conn.set_trace_callback(seen.append))
    await asyncio.gather(*(sqlite.write(add, f"k{n}") for n in range(50)))
    assert sum(text == "COMMIT" for text in seen) <= 2
    assert len(await sqlite.read(keys)) == 50


async def test_a_transaction_that_is_alone_is_all_there_is_and_needs_no_savepoint(sqlite: SqliteDatabase):
    seen: list[str] = []
    await on_thread(sqlite._writer, lambda: sqlite._writer._conn.set_trace_callback(seen.append))
    await sqlite.write(add, "kept")
    assert [text for text in seen if "SAVEPOINT" in text] == []
    with pytest.raises(NotAllowed):
        await sqlite.write(add_and_refuse, "refused")
    assert seen[-1] == "ROLLBACK"
    assert await sqlite.read(keys) == {"kept"}


async def test_a_failing_transaction_hurts_nobody_else_in_its_commit(sqlite: SqliteDatabase):
    outcomes = await asyncio.gather(
        sqlite.write(add, "first"),
        sqlite.write(add_and_refuse, "refused"),
        sqlite.write(add, "first"),
        sqlite.write(add, "typo", "SELEKT 1"),
        sqlite.write(add, "nowhere", "UPDATE nowhere SET a = 1"),
        sqlite.write(add, "last"),
        return_exceptions=True,
    )
    assert [type(o) for o in outcomes] == [
        str,
        NotAllowed,
        sqlite3.IntegrityError,
        sqlite3.OperationalError,
        sqlite3.OperationalError,
        str,
    ]
    assert await sqlite.read(keys) == {"first", "last"}


async def test_a_reader_sees_nothing_that_is_not_committed_and_cannot_write(sqlite: SqliteDatabase):
    await sqlite.write(add, "one")
    await sqlite.read(add, "by a reader")
    assert await sqlite.read(keys) == {"one"}
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await sqlite.read(ask, "SELECT * FROM nowhere")


async def test_a_file_that_stays_busy_is_said_to_be_and_nothing_is_half_done(
    sqlite: SqliteDatabase, tmp_path: Path
):
    holder = python(HOLDER, str(tmp_path / "easel.db"))
    assert there(holder.stdout).readline() == "held\n"
    outcomes = await asyncio.gather(sqlite.write(add, "a"), sqlite.write(add, "b"), return_exceptions=True)
    assert [type(o) for o in outcomes] == [StoreBusy, StoreBusy]
    assert await sqlite.read(keys) == set()
    holder.communicate(timeout=PATIENCE_S)
    assert await sqlite.write(add, "a") == "a"
    assert await sqlite.read(keys) == {"a"}


async def test_a_file_that_is_busy_for_a_moment_is_waited_for(sqlite: SqliteDatabase, tmp_path: Path):
    holder = python(HOLDER, str(tmp_path / "easel.db"))
    assert there(holder.stdout).readline() == "held\n"
    writing = asyncio.create_task(sqlite.write(add, "a"))
    await asyncio.sleep(0.05)
    there(holder.stdin).close()
    assert await writing == "a"
    holder.wait(PATIENCE_S)
    for pipe in (holder.stdout, holder.stderr):
        there(pipe).close()


async def test_what_somebody_has_until_a_day_is_found_without_a_look_at_each_day_s_allowance(
    sqlite: SqliteDatabase,
):
    """Each order asks for it, and whoever draws daily has hundreds of accounts after a year."""
    look = next(accounts.in_draw_order(Requester(surface="s", community="c", user="u"), (), now=0))
    plan = await sqlite.read(ask, f"EXPLAIN QUERY PLAN {look.text}", **look.parameters)
    assert [row["detail"].partition("INDEX ")[2].partition(" ")[0] for row in plan] == ["ix_accounts_lapsing"]


async def begun(sqlite: SqliteDatabase, count: int, note: Callable[[str], object]) -> list[asyncio.Task[str]]:
    """So many transactions that wait, with the thread called to them; `note` hears of each statement there."""
    await on_thread(sqlite._writer, lambda: sqlite._writer._conn.set_trace_callback(note))
    writing = [asyncio.create_task(sqlite.write(add, f"k{n}")) for n in range(count)]
    await asyncio.sleep(0)  # they stand in line
    await asyncio.sleep(0)  # and the thread is called
    return writing


async def test_a_commit_follows_the_last_one_without_the_loop(
    sqlite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.store.sqlite.BATCH_MAX", 1)
    commits = threading.Semaphore(0)

    def note(text: str) -> None:
        if text == "COMMIT":
            commits.release()

    writing = await begun(sqlite, 6, note)
    # The loop stands still, on purpose.
    assert all(commits.acquire(timeout=PATIENCE_S) for _ in range(6))
    assert await asyncio.gather(*writing) == [f"k{n}" for n in range(6)]


async def test_who_wants_the_thread_for_something_else_waits_for_a_few_commits(
    sqlite: SqliteDatabase, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bot.store.sqlite._COMMITS_MOST", 2)
    monkeypatch.setattr("bot.store.sqlite.BATCH_MAX", 1)
    seen: list[str] = []
    writing = await begun(sqlite, 6, seen.append)
    assert await on_thread(sqlite._writer, lambda: seen.count("COMMIT")) == 2
    await asyncio.gather(*writing)
    assert seen.count("COMMIT") == 6


@pytest.fixture
def filling_disk():
    """A transaction, and the outcomes of its drives: while it was driven but so often, no file can grow."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    drives: list[int] = []

    def steps(full: int) -> Steps[None]:
        drives.append(full)
        yield sql("SELECT 1")
        resource.setrlimit(resource.RLIMIT_FSIZE, (0 if len(drives) <= full else before[0], before[1]))

    yield steps, drives
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_of_equal_moves_one_alone_is_told_that_it_was_made_whatever_becomes_of_the_commit(
    sqlite: SqliteDatabase, filling_disk
):
    """A commit that failed is driven again: the second finds what the first has just made, and not its own."""
    filling, drives = filling_disk
    store = store_on(sqlite)
    for full in (1, 2):
        drives.clear()
        job = await accept(store, f"j{full}")
        moves = [store.jobs.move(job, Move(to=State.CLEARED), now=NOW) for _ in range(3)]
        events = [store.shared.mark_seen(f"event-{full}", now=NOW) for _ in range(3)]
        outcomes = await asyncio.gather(*moves, *events, sqlite.write(filling, full), return_exceptions=True)
        assert len(drives) == full + 1
        assert [type(one) for one in outcomes[:3]] == [Job, LostJob, LostJob]
        assert outcomes[3:] == [True, False, False, None]


async def test_whoever_waits_for_a_disk_that_stays_full_is_told_and_nothing_is_half_done(
    sqlite: SqliteDatabase, filling_disk
):
    filling, drives = filling_disk
    writing = [sqlite.write(add, f"k{n}") for n in range(40)]
    outcomes = await asyncio.gather(*writing, sqlite.write(filling, 3), return_exceptions=True)
    assert ({type(one) for one in outcomes}, len(drives)) == ({StoreBusy}, 3)
    assert await sqlite.read(keys) == set()
    outcomes = await asyncio.gather(sqlite.write(filling, 0), sqlite.write(add, "later"))
    assert (outcomes, await sqlite.read(keys)) == ([None, "later"], {"later"})


async def test_a_caller_who_goes_leaves_the_others_alone(sqlite: SqliteDatabase):
    def slow() -> Steps[None]:
        time.sleep(0.1)  # in the database's thread: the others stand in line meanwhile
        yield from add("slow")

    first = asyncio.create_task(sqlite.write(slow))
    await asyncio.sleep(0.03)
    gone = asyncio.create_task(sqlite.write(add, "gone"))
    stays = asyncio.create_task(sqlite.write(add, "stays"))
    await asyncio.sleep(0)
    gone.cancel()
    first.cancel()  # it runs already: it may be committed
    assert await stays == "stays"
    assert gone.cancelled()
    assert await sqlite.read(keys) == {"slow", "stays"}


async def test_closing_commits_what_waits_and_then_says_closed(tmp_path: Path):
    database = await open_sqlite(f"sqlite:///{tmp_path}/easel.db")
    writing = [asyncio.create_task(database.write(add, f"k{n}")) for n in range(300)]
    await asyncio.sleep(0)
    await database.aclose()
    assert len(await asyncio.gather(*writing)) == 300
    for call in (database.write(add, "late"), database.read(keys)):
        with pytest.raises(StoreBusy, match="closed"):
            await call
    raw = sqlite3.connect(tmp_path / "easel.db")
    assert raw.execute("SELECT COUNT(*) FROM seen").fetchone() == (300,)
    raw.close()


async def test_a_full_line_says_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bot.store.sqlite.WAITING_MAX", 2)
    database = await open_sqlite(f"sqlite:///{tmp_path}/easel.db")
    outcomes = await asyncio.gather(*(database.write(add, f"k{n}") for n in range(5)), return_exceptions=True)
    assert [type(o) for o in outcomes] == [str, str, StoreBusy, StoreBusy, StoreBusy]
    assert await database.read(keys) == {"k0", "k1"}
    await database.aclose()


@pytest.mark.parametrize(
    "end",
    [
        "await store.aclose()",
        "await store.aclose(); raise SystemExit('on purpose')",
        "asyncio.get_running_loop().call_soon(asyncio.current_task().cancel); await store.aclose()",
        "asyncio.create_task(store.shared.alive()); await store.aclose()",
    ],
)
def test_the_process_exits_after_closing(tmp_path: Path, end: str):
    script = (
        "import asyncio, sys\nfrom bot.store import open_store\nasync def main():\n"
        f"    store = await open_store(sys.argv[1])\n    {end}\nasyncio.run(main())"
    )
    process = python(script, f"sqlite:///{tmp_path}/easel.db")
    process.communicate(timeout=PATIENCE_S)


def test_the_process_exits_when_opening_fails(tmp_path: Path):
    (tmp_path / "easel.db").write_bytes(b"no database, but a letter " * 100)
    process = python(OPENER, f"sqlite:///{tmp_path}/easel.db")
    _, errors = process.communicate(timeout=PATIENCE_S)
    assert "ConfigError" in errors.strip().splitlines()[-1]


async def test_the_private_call_of_aiosqlite_still_works(sqlite: SqliteDatabase):
    assert await on_thread(sqlite._writer, lambda a, b: a + b, 2, 3) == 5


async def test_every_commit_reaches_the_disk(sqlite: SqliteDatabase):
    def pragmas() -> list[object]:
        connection = sqlite._writer._conn
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await on_thread(sqlite._writer, pragmas) == ["wal", 2, 1]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "mysql:///a", "easel.db"])
def test_a_wrong_url_is_refused(url: str):
    with pytest.raises(ConfigError, match="no database URL"):
        path_of(url)


async def test_a_path_that_cannot_be_opened_is_a_wrong_configuration(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"\[store\] url"):
        await open_database(f"sqlite:///{tmp_path}")


# ── The dialects ─────────────────────────────────────────────────────────────────────────────────────

TEXT = "SELECT ':b' AS x, a::text FROM t WHERE c = :c1 AND d = :sha256 AND e = :c1 {for_update}"


def test_sqlite_keeps_names_and_drops_locks():
    text, names = Dialect(numbered=False, locks=False).rewrite(TEXT)
    assert ":sha256" in text
    assert "UPDATE" not in text
    assert names == ()


def test_postgres_numbers_parameters_once_each_and_locks():
    text, names = Dialect(numbered=True, locks=True).rewrite(TEXT.replace("':b'", "'link-key:1'"))
    assert names == ("c1", "sha256")
    assert text.endswith("c = $1 AND d = $2 AND e = $1 FOR NO KEY UPDATE")
    assert "a::text" in text
    assert "'link-key:1'" in text


def test_skipping_locked_rows_is_for_postgres_alone():
    assert Dialect(numbered=True, locks=True).rewrite("{skip_locked}")[0].endswith("SKIP LOCKED")
    assert Dialect(numbered=False, locks=False).rewrite("{skip_locked}")[0] == ""


# ── Migrations ───────────────────────────────────────────────────────────────────────────────────────


JOB = (
    "INSERT INTO jobs (id, request_key, version, state, open, surface, community, user_id, provider, model,"
    " order_json, credits, created_at, deadline_at, due_at)"
    " VALUES ('{id}', '{id}', 2, 'failed', 1, 'slack', 'club', 'ann', 'gateway', 'painter', '{{}}', 4, 1, 1, 1)"
)
MESSAGE = (
    "INSERT INTO messages (id, job, role, surface, address_json, due_at, shown)"
    " VALUES ('{id}:main', '{id}', 'main', 'slack', '{{}}', 1, {shown})"
)
# What a replica of the first schema says: it names neither the column that went nor the one that came.
GIVEN_UP_BEFORE = "UPDATE messages SET shown = 1000000000 WHERE id = 'j1:main'"
OLD_WORDS = (
    JOB.format(id="j3"),
    MESSAGE.format(id="j3", shown=0),
    "UPDATE messages SET shown = 1000000000 WHERE id = 'j3:main'",
    "UPDATE jobs SET version = version + 1 WHERE id = 'j1' RETURNING *",
    "SELECT * FROM jobs",
    "SELECT m.*, j.version FROM messages m JOIN jobs j ON m.job = j.id",
)


def first_schema() -> list[str]:
    """A database as the first schema's Easel has left it."""
    rows = [JOB.format(id="j1"), MESSAGE.format(id="j1", shown=1), GIVEN_UP_BEFORE]
    rows += [JOB.format(id="j2"), MESSAGE.format(id="j2", shown=1), "UPDATE jobs SET favourite = 1"]
    return [*statements(SCRIPTS[0]), "INSERT INTO alembic_version (version_num) VALUES ('0001')", *rows]


def old_file(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in first_schema():
        connection.execute(statement)
    return connection


async def given_up(url: str) -> dict[str, bool]:
    store = await open_store(url)
    try:
        messages = {job: await store.messages.of(job) for job in ("j1", "j2")}
        return {job: one.given_up for job, (one,) in messages.items()}
    finally:
        await store.aclose()


def test_each_script_has_its_revision_and_the_last_one_is_the_head():
    config = Config()
    config.set_main_option("script_location", str(Path(bot.store.migrate.__file__).parent / "migrations"))
    revisions = list(ScriptDirectory.from_config(config).walk_revisions())[::-1]
    assert [Path(one.path).stem for one in revisions] == [script.stem for script in SCRIPTS]
    assert [one.revision for one in revisions] == [script.name[:4] for script in SCRIPTS]
    assert [one.down_revision for one in revisions] == [None, *(one.revision for one in revisions[:-1])]
    assert revisions[-1].revision == HEAD


def test_the_scripts_are_numbered_without_a_gap():
    assert [script.name[:4] for script in SCRIPTS] == [f"{place:04}" for place in range(1, len(SCRIPTS) + 1)]


def test_a_script_that_was_released_stays_as_it_was():
    """What has run somewhere never runs there again: what is to be different is another script."""
    kept = [line.split() for line in RELEASED.read_text(encoding="utf-8").splitlines()]
    now = {script.name: hashlib.sha256(script.read_bytes()).hexdigest() for script in SCRIPTS}
    assert len(kept) > 10
    assert {name: digest for digest, name in kept if now.get(name) != digest} == {}


async def test_a_new_file_is_made_as_the_migrations_would(tmp_path: Path):
    """The scripts alone save a first start Alembic's half second; it must come to the very same."""

    def everything(file: Path) -> list[tuple[str, str]]:
        with contextlib.closing(sqlite3.connect(file)) as connection:
            found = connection.execute(
                "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name <> 'alembic_version'"
                " ORDER BY name"
            )
            version = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            return [*found.fetchall(), *version]

    await bot.store.migrate.migrate(f"sqlite+aiosqlite:///{tmp_path / 'migrated.db'}")
    await (await open_sqlite(f"sqlite:///{tmp_path / 'made.db'}")).aclose()
    assert everything(tmp_path / "made.db") == everything(tmp_path / "migrated.db")


def test_a_new_file_is_made_and_opened_without_sqlalchemy(tmp_path: Path):
    lines = OPENER.replace("asyncio.run(main())", "asyncio.run(main()); print(sorted(sys.modules))")
    for _ in ("made", "opened again"):
        process = python(lines, f"sqlite:///{tmp_path}/easel.db")
        loaded, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, errors
        assert "'bot.store.schema'" in loaded
        assert not [name for name in ("'sqlalchemy'", "'alembic'") if name in loaded]


async def test_both_databases_have_the_same_tables(postgres: str):
    """One description, read by two databases: the columns, what may be missing, keys, indexes and checks."""
    connection = await asyncpg.connect(postgres)
    try:
        columns = await connection.fetch(
            "SELECT table_name, column_name, is_nullable = 'NO' FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
        indexes = await connection.fetch("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
        checks = await connection.fetch(
            "SELECT conname FROM pg_constraint"
            " WHERE contype IN ('c', 'u', 'p', 'f') AND connamespace = 'public'::regnamespace"
        )
    finally:
        await connection.close()
    with contextlib.closing(sqlite3.connect(":memory:")) as lite:
        make(lite)
        told = lite.execute(
            'SELECT t.name, c.name, c."notnull" FROM sqlite_master t, pragma_table_info(t.name) c'
            " WHERE t.type = 'table'"
        )
        assert {tuple(row) for row in columns} == {(table, name, bool(must)) for table, name, must in told}
        texts = [text for (text,) in lite.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")]
    named = {name for text in texts for name in re.findall(r"(?:CONSTRAINT|INDEX) (\w+)", text)}
    ours = {row["indexname"] for row in indexes} | {row["conname"] for row in checks}
    assert ours == named


def test_the_tables_come_behind_those_that_they_refer_to():
    names = [table.name for table in tables()]
    assert {"jobs", "messages", "assets", "transfers", "settings_history"} <= set(names)
    assert "alembic_version" not in names
    assert max(names.index("messages"), names.index("assets")) > names.index("jobs")
    keys = {table.name: table.key for table in tables()}
    assert (keys["jobs"], keys["settings_history"]) == (("id",), ("scope", "version"))


async def test_a_file_of_the_first_schema_is_upgraded_without_loss(tmp_path: Path):
    old_file(tmp_path / "easel.db").close()
    assert await given_up(f"sqlite:///{tmp_path}/easel.db") == {"j1": True, "j2": False}
    with contextlib.closing(sqlite3.connect(tmp_path / "easel.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
        columns = [row[1] for row in connection.execute("PRAGMA table_info(jobs)")]
        assert "favourite" not in columns
        assert connection.execute("SELECT id, version, credits FROM jobs").fetchall() == [
            ("j1", 2, 4),
            ("j2", 2, 4),
        ]
        assert connection.execute("SELECT id, shown FROM messages").fetchall() == [
            ("j1:main", 1_000_000_000),
            ("j2:main", 1),
        ]


async def test_a_server_of_the_first_schema_is_upgraded_without_loss(fresh_postgres: str):
    await execute(fresh_postgres, *first_schema())
    assert await given_up(fresh_postgres) == {"j1": True, "j2": False}
    assert await given_up(fresh_postgres) == {"j1": True, "j2": False}


async def test_a_file_whose_upgrade_breaks_stays_as_it_was(tmp_path: Path):
    with contextlib.closing(old_file(tmp_path / "easel.db")) as connection:
        connection.execute("ALTER TABLE messages ADD COLUMN given_up INTEGER")  # The second statement fails.
        with pytest.raises(ConfigError, match="given_up"):
            await open_store(f"sqlite:///{tmp_path}/easel.db")
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
        assert connection.execute("SELECT favourite FROM jobs").fetchall() == [(1,), (1,)]


async def test_an_old_replica_goes_on_beside_a_migrated_file(tmp_path: Path):
    with contextlib.closing(old_file(tmp_path / "easel.db")) as connection:
        connection.execute("PRAGMA busy_timeout = 5000")
        for text in OLD_WORDS[3:]:
            connection.execute(text).fetchall()
        await (await open_store(f"sqlite:///{tmp_path}/easel.db")).aclose()
        for text in OLD_WORDS:
            connection.execute(text).fetchall()
    assert await closes_when_told(f"sqlite:///{tmp_path}/easel.db", "j3")


async def test_an_old_replica_goes_on_beside_a_migrated_server(fresh_postgres: str):
    """Its connections know the old rows by heart: they are told once that these have changed, and go on."""
    await execute(fresh_postgres, *first_schema())
    old = await asyncpg.create_pool(fresh_postgres, min_size=2, max_size=2)
    replica = PostgresDatabase(fresh_postgres, old)

    async def say(*texts: str) -> None:
        for text in texts:
            await replica.write(ask, text)

    await say(*OLD_WORDS[3:])
    await (await open_store(fresh_postgres)).aclose()
    await asyncio.gather(say(*OLD_WORDS), say(*OLD_WORDS[3:]), say(*OLD_WORDS[3:]))
    await replica.aclose()
    assert await closes_when_told(fresh_postgres, "j3")


async def closes_when_told(url: str, job: str) -> bool:
    """Whether we take what an old replica gave up, in its own way, for told."""
    store = await open_store(url)
    try:
        await store.messages.close(job)
        rows = await store.database.read(ask, "SELECT open FROM jobs WHERE id = :id", id=job)
        return rows[0]["open"] == 0
    finally:
        await store.aclose()


def open_at_once(url: str, count: int) -> None:
    processes = [python(OPENER, url) for _ in range(count)]
    for process in processes:
        _, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, errors


def test_processes_that_start_at_once_migrate_a_file_once(tmp_path: Path):
    open_at_once(f"sqlite:///{tmp_path}/easel.db", 4)


def test_processes_that_start_at_once_migrate_a_server_once(fresh_postgres: str):
    open_at_once(fresh_postgres, 4)


def test_a_server_that_is_at_its_newest_is_opened_without_sqlalchemy(fresh_postgres: str):
    """Which takes half a second of the processor and 30 MiB, at every start of every replica."""
    brought = []
    for _ in range(2):
        process = python(OPENER + "\n    print('sqlalchemy' in sys.modules)", fresh_postgres)
        said, errors = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, errors
        brought.append(said.strip())
    assert brought == ["True", "False"]


async def test_a_server_of_a_newer_easel_is_refused(fresh_postgres: str):
    await (await open_store(fresh_postgres)).aclose()
    await execute(fresh_postgres, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match="newer"):
        await open_store(fresh_postgres)


async def test_a_database_of_a_newer_easel_is_refused(tmp_path: Path):
    url = f"sqlite:///{tmp_path}/easel.db"
    await (await open_store(url)).aclose()
    raw = sqlite3.connect(tmp_path / "easel.db")
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.commit()
    raw.close()
    with pytest.raises(ConfigError, match="newer"):
        await open_store(url)


# ── PostgreSQL ───────────────────────────────────────────────────────────────────────────────────────


async def test_errors_of_one_transaction_are_its_own(server: PostgresDatabase):
    outcomes = await asyncio.gather(
        server.write(add, "first"),
        server.write(add_and_refuse, "refused"),
        server.write(add, "typo", "SELEKT 1"),
        return_exceptions=True,
    )
    assert [type(o) for o in outcomes] == [str, NotAllowed, asyncpg.PostgresSyntaxError]
    with pytest.raises(asyncpg.UniqueViolationError):
        await server.write(add, "first")
    assert await server.read(keys) == {"first"}


async def test_a_bug_in_a_parameter_is_not_taken_for_an_outage(server: PostgresDatabase):
    with pytest.raises(asyncpg.DataError):
        await server.write(ask, "SELECT * FROM seen WHERE at = :at", at="noon")


async def test_a_reader_cannot_write(server: PostgresDatabase):
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await server.read(add, "by a reader")


async def test_cut_connections_are_survived(server: PostgresDatabase, postgres: str):
    cut = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE application_name = 'easel' AND datname = current_database()"
    )

    def once(key: str) -> Steps[None]:
        yield sql("INSERT INTO seen (key, at) VALUES (:key, 1) ON CONFLICT DO NOTHING", key=key)
        yield sql("SELECT pg_sleep(0.02)")

    async def cutting() -> None:
        for _ in range(4):
            await asyncio.sleep(0.03)
            await execute(postgres, cut)

    await asyncio.gather(cutting(), *(server.write(once, f"k{n}") for n in range(20)))
    assert len(await server.read(keys)) == 20


async def test_a_deadlock_is_tried_again(server: PostgresDatabase):
    def both(first: str, second: str) -> Steps[None]:
        for key in (first, second):
            yield sql("UPDATE seen SET at = at + 1 WHERE key = :key", key=key)
            yield sql("SELECT pg_sleep(0.1)")

    for key in ("a", "b"):
        await server.write(add, key)
    await asyncio.gather(server.write(both, "a", "b"), server.write(both, "b", "a"))
    rows = await server.read(ask, "SELECT at FROM seen")
    assert [row["at"] for row in rows] == [3, 3]


async def test_whether_a_drive_before_may_have_held_is_known_but_for_a_commit_without_an_answer(
    server: PostgresDatabase, postgres: str
):
    heard: list[bool] = []

    def driven(trouble: str) -> Steps[None]:
        yield sql("INSERT INTO seen (key, at) VALUES (:key, 1) ON CONFLICT DO NOTHING", key=trouble)
        heard.append(bool((yield MAY_HAVE_HELD)))
        (mine,) = yield sql("SELECT pg_backend_pid() AS pid")
        if len(heard) > 1:
            return
        if trouble == "rolled back":
            raise asyncpg.DeadlockDetectedError("the server chose us")
        in_thread(lambda: execute(postgres, f"SELECT pg_terminate_backend({mine['pid']})"))
        if trouble == "cut before the commit":
            yield sql("SELECT 1")

    for trouble, expected in (
        ("rolled back", [False, False]),
        ("cut before the commit", [False, False]),
        ("cut at the commit", [False, True]),
    ):
        heard.clear()
        await server.write(driven, trouble)
        assert heard == expected, trouble
        assert trouble in await server.read(keys)


async def test_who_was_rolled_back_is_not_told_that_another_s_equal_move_is_its_own(
    server: PostgresDatabase, monkeypatch: pytest.MonkeyPatch
):
    store, drives, cleared = store_on(server), list[int](), Move(to=State.CLEARED)
    job = await accept(store, "j1")
    write = server.write

    def rolled_back(steps: Callable[[], Steps[Job]]) -> Steps[Job]:
        drives.append(1)
        moved = yield from steps()
        if len(drives) == 1:
            raise asyncpg.DeadlockDetectedError("the server chose us")
        return moved

    monkeypatch.setattr(server, "write", lambda steps: write(rolled_back, steps))
    mine = asyncio.create_task(store.jobs.move(job, cleared, now=NOW))
    async with asyncio.timeout(PATIENCE_S):
        while not drives:
            await asyncio.sleep(0)
    monkeypatch.undo()
    assert (await store.jobs.move(job, cleared, now=NOW)).state is State.CLEARED
    with pytest.raises(LostJob):
        await mine
    assert len(drives) == 2


async def test_a_statement_that_takes_too_long_is_given_up_at_once(postgres: str):
    database = await open_postgres(postgres, pool_size=2, statement_timeout_s=0.2)
    with pytest.raises(StoreBusy, match="QueryCanceled"):
        await database.write(add, "slow", "SELECT pg_sleep(3600)")
    assert await database.read(keys) == set()
    await database.aclose()


async def test_a_server_that_is_away_is_a_wrong_configuration_at_the_start():
    with pytest.raises(ConfigError, match="can't be used"):
        await open_postgres("postgresql://nobody@127.0.0.1:1/none", pool_size=1)


async def test_a_wrong_database_name_is_a_wrong_configuration(postgres_server: str):
    with pytest.raises(ConfigError):
        await open_postgres(postgres_server.replace("/postgres?", "/none?"), pool_size=1)


async def test_the_servers_clock_counts(server: PostgresDatabase):
    rows = await server.read(ask, "SELECT extract(epoch FROM clock_timestamp())::float8 AS s")
    assert abs(server.now() - rows[0]["s"]) < 1
    server._server_ahead_s -= 3600  # as if our clock had been believed
    server._clock_read_at = float("-inf")
    await server.read(keys)
    assert abs(server.now() - rows[0]["s"]) < 1
