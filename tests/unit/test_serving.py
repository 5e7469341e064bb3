"""Pictures by their links: what may be done with one, who may keep a copy, and for how long."""

import httpx
import pytest
from obstore.store import MemoryStore

from bot.http import server
from bot.http.guard import LOCAL
from bot.model import PNG
from bot.pictures.assets import PRIVATE_LINK_S, Assets
from bot.pictures.links import LinkKey, Ring
from bot.process.telemetry import Metrics
from tests.fakes.darkroom import shared_darkroom

KEY = "pictures/J1/1.png"
DATA = bytes(range(100))
BEGAN_S = 1_000.0


class Clock:
    now = BEGAN_S

    def __call__(self) -> float:
        return self.now


async def ready() -> server.Readiness:
    return server.Readiness(parts={}, surfaces={})


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def assets(clock):
    assets = Assets(
        MemoryStore(), darkroom=shared_darkroom(), ring=Ring([LinkKey("1", b"k" * 32)]), clock=clock
    )
    await assets.keep("pictures/J1/1", DATA, PNG)
    return assets


@pytest.fixture
async def client(assets):
    app = server.application(assets=assets, metrics=Metrics(), ready=ready, names=LOCAL)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080"
    ) as client:
        yield client


async def test_a_copy_of_a_private_picture_never_outlives_its_link(assets, client, clock):
    path = assets.path(KEY, private=True)
    for passed_s in (0, 1, 1800, PRIVATE_LINK_S - 1):
        clock.now = BEGAN_S + passed_s
        answer = await client.get(path)
        assert answer.headers["cache-control"] == f"private, max-age={PRIVATE_LINK_S - passed_s}, immutable"
    clock.now = BEGAN_S + PRIVATE_LINK_S - 0.5
    assert "max-age=0," in (await client.get(path)).headers["cache-control"]
    clock.now = BEGAN_S + PRIVATE_LINK_S
    gone = await client.get(path)
    assert (gone.status_code, gone.headers["cache-control"]) == (404, "no-store")


async def test_a_public_picture_may_lie_in_a_cdn_and_what_is_gone_may_not(assets, client):
    path = assets.path(KEY)
    assert (await client.get(path)).headers["cache-control"] == "public, max-age=86400, immutable"
    await assets.delete([KEY])
    gone = await client.get(path)
    assert (gone.status_code, gone.headers["cache-control"]) == (410, "no-store")


@pytest.mark.parametrize("private", [True, False])
async def test_a_picture_is_a_picture_and_can_do_nothing(assets, client, private):
    headers = (await client.get(assets.path(KEY, private=private))).headers
    assert headers["content-type"] == PNG
    assert headers["x-content-type-options"] == "nosniff"
    assert {"default-src 'none'", "sandbox"} <= {
        one.strip() for one in headers["content-security-policy"].split(";")
    }
    assert headers["content-disposition"] == 'inline; filename="J1-1.png"'
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("asked", "status", "part", "told"),
    [
        ("bytes=0-9", 206, DATA[:10], "bytes 0-9/100"),
        ("bytes=90-", 206, DATA[90:], "bytes 90-99/100"),
        ("bytes=-10", 206, DATA[90:], "bytes 90-99/100"),
        ("bytes=-1000", 206, DATA, "bytes 0-99/100"),
        ("bytes=99-1000", 206, DATA[99:], "bytes 99-99/100"),
        ("bytes=0-0", 206, DATA[:1], "bytes 0-0/100"),
        ("bytes=100-", 416, b"", "bytes */100"),
        ("bytes=-0", 416, b"", "bytes */100"),
        ("bytes=20-10", 416, b"", "bytes */100"),
        ("bytes=0-9,20-29", 200, DATA, None),
        ("bytes=-", 200, DATA, None),
        ("lines=0-9", 200, DATA, None),
        ("bytes=" + "9" * 400 + "-", 200, DATA, None),
    ],
)
async def test_a_part_is_answered_with_that_part(assets, client, asked, status, part, told):
    answer = await client.get(assets.path(KEY), headers={"Range": asked})
    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == (status, part, told)
    if status != 416:
        assert int(answer.headers["content-length"]) == len(part)


async def test_a_part_of_another_file_is_answered_with_all(assets, client):
    mark = (await client.get(assets.path(KEY))).headers["etag"]
    for known, status in ((mark, 206), ('"another"', 200)):
        headers = {"Range": "bytes=0-9", "If-Range": known}
        assert (await client.get(assets.path(KEY), headers=headers)).status_code == status


async def test_who_has_it_is_told_so(assets, client):
    """Also where the link was made anew meanwhile: the picture is the same."""
    first = await client.get(assets.path(KEY))
    headers = {"If-None-Match": first.headers["etag"]}
    again = await client.get(assets.path(KEY, private=True), headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"].startswith("private, max-age=3600")


@pytest.mark.parametrize("asked", [{}, {"Range": "bytes=0-9"}])
async def test_a_head_is_told_the_whole_length(assets, client, asked):
    answer = await client.head(assets.path(KEY), headers=asked)
    assert (answer.status_code, answer.headers["content-length"]) == (200, "100")


async def test_other_methods_do_nothing(assets, client):
    for method in ("POST", "PUT", "DELETE"):
        assert (await client.request(method, assets.path(KEY))).status_code in (404, 405)
    assert (await client.get(assets.path(KEY))).content == DATA
