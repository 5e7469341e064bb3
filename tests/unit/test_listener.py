"""The listener keeps its bounds: nobody holds it up, and there is always a place for who answers at once."""

import asyncio
import contextlib

import h11
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.http import listener
from bot.http.bodies import Bounded
from tests.fakes.patience import PATIENCE_S
from tests.fakes.raw import asked, connection, is_closed, status_of

HALF = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
LARGE_BYTES = 32 * 1024 * 1024  # more than the kernel takes for somebody who doesn't read


async def hello(_):
    return PlainTextResponse("hello")


async def large(_):
    return Response(bytes(LARGE_BYTES))


async def length(request):
    return PlainTextResponse(str(len(await request.body())))


@contextlib.asynccontextmanager
async def served(*, places=listener.PLACES_MAX, trusted_proxies=(), who=None):
    routes = [Route("/", hello), Route("/large", large), Route("/length", length, methods=["POST"])]
    if who is not None:
        routes.append(Route("/who", who))
    door = listener.bind("127.0.0.1", 0)
    app = Bounded(Starlette(routes=routes), limit_bytes=1000)
    async with listener.serving(app, door, places=places, trusted_proxies=trusted_proxies):
        yield f"http://127.0.0.1:{door.getsockname()[1]}"


async def test_a_head_that_never_ends_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(listener, "HEAD_S", 0.2)
    async with served() as url:
        async with connection(url) as (reader, _):  # says nothing at all
            assert await is_closed(reader)
        async with connection(url) as (reader, writer):
            writer.write(HALF)
            assert await is_closed(reader)


async def test_a_trickle_of_bytes_buys_no_time(monkeypatch):
    monkeypatch.setattr(listener, "HEAD_S", 0.3)
    async with served() as url, connection(url) as (reader, writer):
        writer.write(HALF)

        async def trickle():
            with contextlib.suppress(ConnectionError):
                while True:
                    writer.write(b"X-More: 1\r\n")
                    await writer.drain()
                    await asyncio.sleep(0.05)

        trickling = asyncio.create_task(trickle())
        assert await is_closed(reader)
        trickling.cancel()


async def test_a_body_that_never_ends_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(listener, "BODY_S", 0.2)
    async with served() as url, connection(url) as (reader, writer):
        writer.write(b"POST /length HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nhalf")
        assert await is_closed(reader)


async def test_what_nobody_reads_is_not_kept(monkeypatch):
    monkeypatch.setattr(listener, "STALL_S", 0.2)
    monkeypatch.setattr(listener, "HEAD_S", 0.2)
    lost = asyncio.Event()
    end = listener.Connection.connection_lost

    def noticed(self, exc):
        end(self, exc)
        lost.set()

    monkeypatch.setattr(listener.Connection, "connection_lost", noticed)
    async with served() as url, connection(url) as (_, writer):
        writer.write(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")  # and reads nothing
        async with asyncio.timeout(PATIENCE_S):
            await lost.wait()


async def test_a_slow_reader_gets_everything(monkeypatch):
    monkeypatch.setattr(listener, "STALL_S", 1.0)
    monkeypatch.setattr(listener, "HEAD_S", 1.0)
    async with served() as url, connection(url) as (reader, writer):
        writer.write(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        read_bytes = pieces = 0
        while piece := await reader.read(1024 * 1024):
            read_bytes += len(piece)
            pieces += 1
            if pieces < 25:  # for longer than either limit
                await asyncio.sleep(0.1)
        assert read_bytes > LARGE_BYTES


async def test_a_full_room_has_a_place_for_who_answers_at_once():
    async with served(places=8) as url, contextlib.AsyncExitStack() as stack:
        held = [await stack.enter_async_context(connection(url)) for _ in range(30)]
        for _, writer in held:
            writer.write(HALF)
        assert [await asked(url, "/") for _ in range(20)] == [200] * 20
        # Those who have kept it waiting longest have gone.
        assert await is_closed(held[0][0])


async def test_a_request_under_way_keeps_its_place():
    going, go = asyncio.Event(), asyncio.Event()

    async def slow(_):
        going.set()
        await go.wait()
        return PlainTextResponse("at last")

    async with served(places=4, who=slow) as url, contextlib.AsyncExitStack() as stack:
        answer = asyncio.create_task(asked(url, "/who"))
        await going.wait()
        for _ in range(12):
            _, writer = await stack.enter_async_context(connection(url))
            writer.write(HALF)
        assert await asked(url, "/") == 200
        go.set()
        assert await answer == 200


BAD_HOSTS = [
    "[evil.com]",
    "[",
    "[::1",
    "x/page/login?",
    "x/page/login#",
    "someone@127.0.0.1",
    "127.0.0.1:port",
    "127.0.0.1:999999999",
    "127.0.0.1 evil.example",
    "127.0.0.1, evil.example",
    "%31",
    "é",
]


@pytest.mark.parametrize("host", BAD_HOSTS)
async def test_a_host_that_is_none_is_the_clients_mistake(host):
    async with served() as url:
        assert await asked(url, "/", host=host) == 400


async def test_a_request_that_is_none_is_the_clients_mistake():
    async with served() as url:
        for request in [
            b"\x00\x01\x02\r\n\r\n",
            b"GET\r\n\r\n",
            b"GET / HTTP/1.1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 1_000_000,
        ]:
            assert 400 <= await status_of(url, request) < 500, request[:60]
        for target in ["*", "//", "http://[evil/", "/%00", "/%ff", "?", "/?%ff=%"]:
            assert await asked(url, target) < 500, target


async def test_a_body_too_large_is_read_no_further():
    async with served() as url:
        assert await asked(url, "/length", "Content-Length: 1001", method="POST") == 413
        assert await asked(url, "/length", f"Content-Length: {'9' * 19}", method="POST") == 413
        assert await asked(url, "/", "Content-Length: 1001") == 413
        chunks = b"".join(b"64\r\n" + b"x" * 100 + b"\r\n" for _ in range(11))
        head = b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert await status_of(url, head + chunks + b"0\r\n\r\n") == 413
        assert await status_of(url, head + b"1\r\nx\r\n0\r\n\r\n") == 200


CHUNKED = b"POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
# What can't be read, before, while and after the request that it follows is answered.
BROKEN_LATER = {
    "with the head": ((CHUNKED + b"zz\r\n",), True),
    "an endless chunk's name": ((CHUNKED + b"1;" + b"a" * 200_000,), True),
    "while it is read": ((CHUNKED, b"zz\r\n"), True),
    "after the answer": ((CHUNKED.replace(b"/length", b"/nowhere"), b"zz\r\n"), True),
    "within the answer": ((CHUNKED.replace(b"POST /length", b"GET /large"), b"zz\r\n"), True),
    "gone in its midst": ((b"POST /length HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf",), False),
}


@pytest.mark.parametrize("name", BROKEN_LATER)
async def test_bytes_of_strangers_write_nothing_into_the_log(name, caplog):
    parts, ends = BROKEN_LATER[name]
    async with served() as url:
        async with connection(url) as (reader, writer):
            for part in parts:
                writer.write(part)
                with contextlib.suppress(ConnectionError):
                    await writer.drain()
                await asyncio.sleep(0.05)  # one after the other
            if ends:
                assert await is_closed(reader)
        assert await asked(url, "/") == 200
    assert not caplog.records, caplog.text[:500]


async def test_a_body_in_crumbs_is_not_taken_apart(monkeypatch):
    """A hundred thousand chunks of one byte each once held everybody up for seconds."""
    taken = []
    following = h11.Connection.next_event

    def counted(self):
        taken.append(self)
        return following(self)

    monkeypatch.setattr(h11.Connection, "next_event", counted)
    async with served() as url, connection(url) as (reader, writer):
        writer.write(CHUNKED + b"1\r\nx\r\n" * 100_000)
        assert await is_closed(reader)
    assert len(taken) < 10_000
    async with served() as url:
        assert await status_of(url, CHUNKED + b"1\r\nx\r\n" * 900 + b"0\r\n\r\n") == 200


async def test_a_body_with_two_lengths_is_refused_and_nothing_behind_it_is_read():
    async with served() as url, connection(url) as (reader, writer):
        both = CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 5\r\n\r\n0\r\n\r\n")
        writer.write(both + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            told = await reader.read()
    assert told.startswith(b"HTTP/1.1 400")
    assert told.count(b"HTTP/1.1") == 1


async def test_nobody_is_believed_to_be_somebody_else():
    seen = []

    async def who(request):
        seen.append((request.client.host, request.scope["scheme"]))
        return PlainTextResponse("")

    told = ("X-Forwarded-For: 203.0.113.7", "X-Forwarded-Proto: https")
    async with served(who=who) as url:
        await asked(url, "/who", *told)
    async with served(who=who, trusted_proxies=["127.0.0.0/8"]) as url:
        await asked(url, "/who", *told)
    assert seen == [("127.0.0.1", "http"), ("203.0.113.7", "https")]


def test_connections_leave_descriptors_for_the_work():
    for files in (64, 256, 1024, 4096, 65_536):
        for jobs in (1, 64, 1000):
            places = listener.places_of(files, jobs=jobs)
            assert listener.PLACES_MIN <= places <= listener.PLACES_MAX
            if places > listener.PLACES_MIN:  # two listeners, and the work
                kept = min(listener.FILES_OF_OURS + listener.FILES_A_JOB * jobs, files * 3 // 4)
                assert 2 * places + kept <= files
