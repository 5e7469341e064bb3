"""The laws of bot/pictures/assets.py, on a local folder, in memory, and on an S3 server on 127.0.0.1."""

import asyncio
import hashlib
import io
import random
import socket
import urllib.request
from typing import Any

import pytest
from aiohttp import web
from PIL import Image

from bot.errors import BadImage, ConfigError, NotThere, StoreBusy
from bot.model import JPEG, PNG, WEBP
from bot.pictures.assets import PRIVATE_LINK_S, Assets, Opened, media_type_of
from bot.pictures.backends import open_backend
from bot.pictures.links import LinkKey, Ring
from bot.ports import Gallery
from tests.fakes.darkroom import shared_darkroom
from tests.fakes.patience import PATIENCE_S

RING = Ring([LinkKey("k1", b"1" * 32)])
S3_KEYS = {"access_key_id": "test", "secret_access_key": "test", "region": "us-east-1"}


@pytest.fixture
def darkroom():
    return shared_darkroom()


@pytest.fixture(scope="module")
def s3():
    """An S3 server in a thread of its own."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    request = urllib.request.Request(f"{url}/pictures", method="PUT")
    urllib.request.urlopen(request, timeout=PATIENCE_S).close()
    yield url
    server.stop()


@pytest.fixture(params=["folder", "memory", "s3"])
def backend(request, tmp_path):
    match request.param:
        case "folder":
            return open_backend(str(tmp_path / "a" / "b"))
        case "memory":
            return open_backend("memory://")
        case _:
            prefix = hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
            endpoint = request.getfixturevalue("s3")
            return open_backend(f"s3://pictures/{prefix}", endpoint=endpoint, options=S3_KEYS)


@pytest.fixture
def assets(backend, darkroom):
    return Assets(backend, darkroom=darkroom, ring=RING, public_url="https://easel.example/")


@pytest.fixture
def local(tmp_path, darkroom):
    return Assets(open_backend(tmp_path.as_uri()), darkroom=darkroom, ring=RING)


def noise(side: int) -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (side, side), random.Random(3).randbytes(side * side * 3)).save(out, "PNG")
    return out.getvalue()


def token_of(url: str) -> str:
    return url.rpartition("/a/")[2]


# ── Keeping ──────────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_kept_is_found_and_read(assets):
    data = b"\x89PNG" + bytes(range(256)) * 50
    kept = await assets.keep("jobs/J1/1", data, PNG)
    assert kept.key == "jobs/J1/1.png"
    assert (kept.media_type, kept.size_bytes) == (PNG, len(data))
    assert kept.sha256 == hashlib.sha256(data).hexdigest()
    assert await assets.find("jobs/J1/1") == kept
    assert await assets.read(kept.key) == data


@pytest.mark.parametrize("media_type", [PNG, JPEG, WEBP])
async def test_the_key_tells_the_type(local, media_type):
    assert media_type_of((await local.keep("J1/1", b"x", media_type)).key) == media_type


async def test_a_name_is_kept_once(assets):
    """A replica that comes late, or again, is told what the first one kept."""
    first = await assets.keep("J1/1", b"first", PNG)
    assert await assets.keep("J1/1", b"first", PNG) == first
    assert await assets.keep("J1/1", b"second", PNG) == first
    assert await assets.keep("J1/1", b"third", JPEG) == first
    assert await assets.read(first.key) == b"first"


async def test_racers_agree_on_one_image(assets):
    answers = await asyncio.gather(*(assets.keep("J1/1", bytes([n]) * 9, PNG) for n in range(8)))
    assert len(set(answers)) == 1
    assert hashlib.sha256(await assets.read("J1/1.png")).hexdigest() == answers[0].sha256


class Watched:
    """A store that says what it was asked for."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.asked: list[str] = []

    def __getattr__(self, name):
        self.asked.append(name)
        return getattr(self._inner, name)


async def test_a_picture_that_was_just_kept_is_handed_to_whoever_shows_it_once(darkroom):
    store: Any = Watched(open_backend("memory://"))
    assets = Assets(store, darkroom=darkroom, ring=RING)
    data = noise(8)
    kept = await assets.keep("a/1", data, PNG, first=True)
    assert store.asked == ["put_async"]
    assert await assets.fit(kept.key, limit_bytes=len(data)) == (data, PNG)
    assert store.asked == ["put_async"]
    assert await assets.fit(kept.key, limit_bytes=len(data)) == (data, PNG)
    assert store.asked == ["put_async", "get_async"]


async def test_what_was_just_kept_and_is_deleted_is_handed_to_nobody(darkroom):
    assets = Assets(open_backend("memory://"), darkroom=darkroom, ring=RING)
    kept = await assets.keep("a/1", noise(8), PNG)
    await assets.delete([kept.key])
    for take in (assets.read(kept.key), assets.fit(kept.key, limit_bytes=9000)):
        with pytest.raises(NotThere):
            await take


async def test_what_was_just_kept_and_is_deleted_elsewhere_is_served_to_nobody(tmp_path, darkroom):
    """By another replica, or a command of the operator."""
    url = tmp_path.as_uri()
    here, there = (Assets(open_backend(url), darkroom=darkroom, ring=RING) for _ in range(2))
    kept = await here.keep("a/1", noise(8), PNG)
    await there.delete([kept.key])
    with pytest.raises(NotThere):
        await here.read(kept.key)


async def test_what_was_just_kept_is_held_for_some_seconds_though_nobody_shows_it(darkroom, monkeypatch):
    monkeypatch.setattr("bot.pictures.assets._FRESH_S", 0.0)
    store: Any = Watched(open_backend("memory://"))
    assets = Assets(store, darkroom=darkroom, ring=RING)
    kept = await assets.keep("a/1", noise(8), PNG, first=True)
    await asyncio.sleep(0.01)
    await assets.fit(kept.key, limit_bytes=9000)
    assert store.asked == ["put_async", "get_async"]


async def fetched(assets: Assets, store: Any, keys: list[str]) -> int:
    """How many of them had to be fetched to be shown."""
    store.asked.clear()
    for key in keys:
        await assets.fit(key, limit_bytes=9000)
    return len(store.asked)


async def test_only_so_much_is_held_for_whoever_shows_it_next(darkroom, monkeypatch):
    monkeypatch.setattr("bot.pictures.assets._FRESH_MOST_BYTES", 2 * len(noise(8)))
    store: Any = Watched(open_backend("memory://"))
    assets = Assets(store, darkroom=darkroom, ring=RING)
    keys = [(await assets.keep(f"a/{n}", noise(8), PNG, first=True)).key for n in range(3)]
    assert await fetched(assets, store, keys[::-1]) == 1


async def test_a_name_that_is_kept_anew_counts_once(darkroom, monkeypatch):
    """Deleted elsewhere, and kept again by whoever does the job once more."""
    monkeypatch.setattr("bot.pictures.assets._FRESH_MOST_BYTES", 2 * len(noise(8)))
    store: Any = Watched(open_backend("memory://"))
    assets = Assets(store, darkroom=darkroom, ring=RING)
    elsewhere = Assets(store, darkroom=darkroom, ring=RING)
    for _ in range(4):
        key = (await assets.keep("a/1", noise(8), PNG, first=True)).key
        await elsewhere.delete([key])
    keys = [(await assets.keep(f"a/{n}", noise(8), PNG, first=True)).key for n in (2, 3)]
    assert await fetched(assets, store, keys) == 0


async def test_a_first_name_that_is_there_all_the_same_stays_as_it_is(assets):
    before = await assets.keep("a/1", noise(8), PNG)
    assert await assets.keep("a/1", noise(16), PNG, first=True) == before
    assert await assets.read(before.key) == noise(8)


async def test_names_are_not_prefixes(assets):
    await assets.keep("J1/10", b"ten", PNG)
    assert await assets.find("J1/1") is None


async def test_what_is_no_picture_is_not_kept(local):
    with pytest.raises(BadImage):
        await local.keep("J1/1", b"<svg/>", "image/svg+xml")


async def test_what_is_deleted_is_gone_and_deleting_again_is_no_error(assets):
    kept = await assets.keep("J1/1", b"x", PNG)
    other = await assets.keep("J1/2", b"y", PNG)
    await assets.delete([kept.key, "J1/never.png"])
    await assets.delete([kept.key])
    assert await assets.find("J1/1") is None
    with pytest.raises(NotThere):
        await assets.read(kept.key)
    assert await assets.read(other.key) == b"y"


async def test_everything_below_a_folder_is_listed_with_its_age(assets):
    for name in ("jobs/J1/1", "jobs/J1/2", "jobs/J2/1", "sheets/J1"):
        await assets.keep(name, b"xyz", PNG)
    assert sorted([entry.key async for entry in assets.list("jobs/J1")]) == ["jobs/J1/1.png", "jobs/J1/2.png"]
    assert len([entry async for entry in assets.list()]) == 4
    assert [entry async for entry in assets.list("nowhere")] == []
    entries = [entry async for entry in assets.list("jobs/")]
    assert len(entries) == 3
    assert all(entry.size_bytes == 3 and entry.modified_at > 1_600_000_000 for entry in entries)


async def test_an_image_is_made_to_fit(assets):
    data = noise(200)
    kept = await assets.keep("J1/1", data, PNG)
    assert await assets.fit(kept.key, limit_bytes=len(data)) == (data, PNG)
    small, media_type = await assets.fit(kept.key, limit_bytes=9000)
    assert media_type == JPEG
    assert len(small) <= 9000


async def test_a_bucket_is_told_the_type_and_that_it_never_changes(s3, darkroom):
    backend = open_backend("s3://pictures/told", endpoint=s3, options=S3_KEYS)
    kept = await Assets(backend, darkroom=darkroom, ring=RING).keep("J1/1", b"x", WEBP)
    result = await backend.get_async(kept.key)
    assert result.attributes["Content-Type"] == WEBP
    assert "immutable" in result.attributes["Cache-Control"]


async def test_assets_are_a_gallery(local):
    gallery: Gallery = local
    assert gallery.link("J1/1.png") is None


# ── No way out of the folder ─────────────────────────────────────────────────────────────────────────

TRAVERSALS = [
    "../x.png", "a/../../x.png", "/etc/x.png", "a//b.png", "a/./b.png", ".hidden.png", "a/.b.png", "a\\..\\b.png",
    "a%2e%2e/x.png", "a\0.png", "a.png\n", "", "a/", "é.png", "a b.png", "-x.png", "x" * 300 + ".png",
    "a/b/c/d/e/f.png", "C:/x.png", "file:///etc/x.png",
]  # fmt: skip


@pytest.mark.parametrize("key", TRAVERSALS)
async def test_no_key_leads_elsewhere(local, tmp_path, key):
    (tmp_path.parent / "x.png").write_bytes(b"secret")
    with pytest.raises(NotThere):
        await local.read(key)
    with pytest.raises(NotThere):
        await local.delete([key])
    with pytest.raises(ValueError, match="asset name"):
        await local.keep(key, b"x", PNG)
    with pytest.raises(ValueError, match="asset name"):
        await local.find(key)
    assert (tmp_path.parent / "x.png").read_bytes() == b"secret"


async def test_only_images_are_read(local, tmp_path):
    (tmp_path / "easel.db").write_bytes(b"secret")
    with pytest.raises(NotThere):
        await local.read("easel.db")


# ── Links ────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_public_link_is_good_for_years(assets):
    url = assets.link("J1/1.png", now=1_000)
    assert url.startswith("https://easel.example/a/")
    assert assets.resolve(token_of(url), now=10_000_000_000) == Opened(key="J1/1.png", left_s=None)
    assert assets.link("J1/1.png", now=2_000) == url


async def test_a_private_link_dies_after_an_hour(assets):
    token = token_of(assets.link("J1/1.png", private=True, now=1_000))
    assert assets.resolve(token, now=1_000 + PRIVATE_LINK_S - 1) == Opened(key="J1/1.png", left_s=1)
    assert assets.resolve(token, now=1_000 + PRIVATE_LINK_S) is None


def test_a_token_is_one_path_segment():
    assert set(RING.sign("a/b_c/d-e.png", expires_at=5)) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
    )


def test_every_change_of_a_token_breaks_it():
    for token in (RING.sign("J1/1.png"), RING.sign("J1/1.png", expires_at=2_000)):
        assert RING.read(token, now=0) == "J1/1.png"
        for at in range(len(token)):
            for letter in "Aa0_.-":
                changed = token[:at] + letter + token[at + 1 :]
                if changed != token:
                    assert RING.read(changed, now=0) is None, changed
            assert RING.read(token[:at] + token[at + 1 :], now=0) is None
        for junk in ("", "=", "A", "\n", "é", "." * 10):
            assert (RING.read(token + junk, now=0) == "J1/1.png") is (junk == "")


@pytest.mark.parametrize(
    "token", ["", ".", "...", "....", "k1...", "nobody...", "é.é.é.é", "k1.\ud800.1.x", "x" * 5000]
)
def test_garbage_is_no_link(token):
    assert RING.read(token, now=0) is None


def test_nobody_can_sign_with_the_key_that_stands_for_unknown_ones():
    forged = Ring([LinkKey("nobody", hashlib.sha256(b"1" * 32).digest())]).sign("J1/1.png")
    assert RING.read(forged, now=0) is None


def test_an_expiry_cannot_be_moved_to_another_field():
    public = RING.sign("J1/1.png")
    key_id, asset, _, mac = public.split(".")
    assert RING.read(f"{key_id}.{asset}.99999999999.{mac}", now=0) is None


def test_the_newest_key_signs_and_the_old_ones_are_still_read():
    old, new = LinkKey("2025", b"o" * 32), LinkKey("2026", b"n" * 32)
    token = Ring([old]).sign("J1/1.png")
    ring = Ring([new, old])
    assert ring.read(token, now=0) == "J1/1.png"
    assert ring.sign("J1/1.png").startswith("2026.")
    assert Ring([new]).read(token, now=0) is None
    assert Ring([LinkKey("2025", b"x" * 32)]).read(token, now=0) is None


def test_a_weak_or_missing_key_stops_the_start():
    for make in (lambda: Ring([]), lambda: LinkKey("k", b"short"), lambda: LinkKey("a.b", b"x" * 32)):
        with pytest.raises(ConfigError):
            make()


def test_a_secret_is_in_no_repr():
    assert "1111" not in repr(LinkKey("k1", b"1" * 32))


# ── When the store can't ─────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def full_disk():
    """No file of this process can grow past a megabyte, as on a disk that fills up in mid-write."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_a_full_disk_is_busy_and_keeps_no_half(local, tmp_path, full_disk):
    with pytest.raises(StoreBusy, match=r"J1/1\.png"):
        await local.keep("J1/1", bytes(5_000_000), PNG)
    assert await local.find("J1/1") is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert (await local.keep("J1/1", bytes(5000), PNG)).size_bytes == 5000


@pytest.fixture
async def sick():
    """A bucket that answers every request with one status."""
    runners = []

    async def start(status: int) -> str:
        async def answer(request):
            return web.Response(status=status)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", answer)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        await web.SockSite(runner, sock).start()
        return f"http://127.0.0.1:{sock.getsockname()[1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.mark.parametrize("status", [503, 403])
async def test_a_bucket_that_refuses_is_busy(sick, darkroom, status):
    backend = open_backend("s3://pictures", endpoint=await sick(status), options=S3_KEYS)
    assets = Assets(backend, darkroom=darkroom, ring=RING)
    for call in (assets.keep("J1/1", b"x", PNG), assets.read("J1/1.png"), assets.delete(["J1/1.png"])):
        with pytest.raises(StoreBusy):
            await call
    with pytest.raises(StoreBusy):
        [entry async for entry in assets.list()]


# ── Opening ──────────────────────────────────────────────────────────────────────────────────────────


async def test_folders_are_opened_by_path_or_url(tmp_path, monkeypatch, darkroom):
    monkeypatch.chdir(tmp_path)
    for url in ("./one", str(tmp_path / "two"), (tmp_path / "with space").as_uri()):
        await Assets(open_backend(url), darkroom=darkroom, ring=RING).keep("J1/1", b"x", PNG)
    for folder in ("one", "two", "with space"):
        assert (tmp_path / folder / "J1" / "1.png").read_bytes() == b"x"


def test_a_bad_url_stops_the_start(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    for url in ("ftp://host/x", "http://host/x", str(tmp_path / "file" / "below")):
        with pytest.raises(ConfigError, match=r"assets\.url"):
            open_backend(url)


def test_an_unknown_option_of_a_bucket_stops_the_start():
    with pytest.raises(ConfigError, match=r"assets\.url"):
        open_backend("s3://pictures", options={"acess_key_id": "x"})


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("gs://bucket/prefix", {"skip_signature": "true"}),
        ("az://box/prefix", {"account_name": "a", "skip_signature": "true"}),
    ],
)
def test_other_clouds_are_opened(url, options):
    assert open_backend(url, options=options) is not None
