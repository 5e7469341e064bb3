"""The door for what others send: bounded, then verified, and only then read."""

import asyncio
import hashlib
import json

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from bot.http import bodies
from bot.http.bodies import BODY_LIMIT_BYTES
from bot.http.webhooks import json_object, webhook


class Line:
    """An ASGI request whose chunks are counted as they are taken."""

    def __init__(self, *chunks, headers=(), declared=None, cut=False, stalls=False):
        self._chunks = list(chunks)
        self._cut = cut
        self._stalls = stalls
        self.taken = 0
        sent = dict(headers)
        if declared is not None:
            sent["content-length"] = declared
        self._headers = [(name.encode(), value.encode("latin-1")) for name, value in sent.items()]
        self.status = 0
        self.text = b""

    async def receive(self):
        if self._stalls:
            await asyncio.Event().wait()
        if self.taken == len(self._chunks) and self._cut:
            return {"type": "http.disconnect"}
        chunk = self._chunks[self.taken] if self._chunks else b""
        self.taken += 1
        return {
            "type": "http.request",
            "body": chunk,
            "more_body": self._cut or self.taken < len(self._chunks),
        }

    async def send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.text += message.get("body", b"")

    async def meets(self, app):
        scope = {
            "type": "http", "method": "POST", "path": "/hook", "raw_path": b"/hook", "root_path": "", "scheme": "http",
            "query_string": b"", "headers": self._headers, "server": ("127.0.0.1", 1), "client": ("127.0.0.1", 2),
            "http_version": "1.1", "asgi": {"version": "3.0"},
        }  # fmt: skip
        await app(scope, self.receive, self.send)
        return self.status


class Hook:
    """A service that signs with the digest of its body, and notes what was verified and read."""

    def __init__(self):
        self.verified, self.read = [], []
        route = webhook("/hook", signed_by=["x-mark"], is_genuine=self.is_genuine, take=self.take)
        self.app = Starlette(routes=[route])

    def is_genuine(self, headers, body):
        self.verified.append(len(body))
        return headers["x-mark"] == hashlib.sha256(body).hexdigest()

    async def take(self, headers, body):
        self.read.append(json_object(body))
        return PlainTextResponse("taken")


@pytest.fixture
def hook():
    return Hook()


def signed(body, **more):
    return Line(body, headers={"x-mark": hashlib.sha256(body).hexdigest()}, **more)


async def test_what_is_signed_is_read(hook):
    assert await signed(b'{"a": 1}').meets(hook.app) == 200
    assert hook.read == [{"a": 1}]


async def test_of_what_nobody_signed_not_a_byte_is_read(hook):
    lines = [Line(b"x" * 1_000_000, declared=str(1_000_000)) for _ in range(4)]
    lines += [Line(*[b"x" * 50_000] * 20), Line(b"{}"), Line(b"{}", headers={"x-mark": ""})]
    assert [await line.meets(hook.app) for line in lines] == [413] * 4 + [401] * 3
    assert [line.taken for line in lines] == [0] * 7
    assert (hook.verified, hook.read) == ([], [])


async def test_a_wrong_signature_is_refused_before_anything_is_parsed(hook):
    for body in (b"[" * 200_000, b"\xff\xfe", b'{"a": 1}', b""):
        assert await Line(body, headers={"x-mark": "0" * 64}).meets(hook.app) == 401
    assert hook.read == []


async def test_a_body_without_an_end_is_read_up_to_the_limit_and_no_further(hook):
    chunk = b"x" * 50_000
    line = Line(*[chunk] * 100, headers={"x-mark": "0"})
    assert await line.meets(hook.app) == 413
    assert line.taken == BODY_LIMIT_BYTES // len(chunk) + 1
    assert hook.verified == []


@pytest.mark.parametrize("declared", ["9" * 5_000, "-1", "1e3", "²", str(BODY_LIMIT_BYTES + 1)])
async def test_an_odd_length_is_refused_unread(hook, declared):
    line = Line(b"{}", headers={"x-mark": "0"}, declared=declared)
    assert await line.meets(hook.app) == 413
    assert line.taken == 0


async def test_the_longest_body_is_taken(hook):
    body = json.dumps({"a": "x" * (BODY_LIMIT_BYTES - 9)}).encode()
    assert len(body) == BODY_LIMIT_BYTES
    assert await signed(body).meets(hook.app) == 200


async def test_a_line_that_is_cut_in_the_body_is_no_trouble_of_ours(hook):
    assert await Line(b"{", headers={"x-mark": "0"}, cut=True).meets(hook.app) == 400
    assert hook.verified == []


async def test_a_body_that_comes_too_slowly_is_given_up(hook, monkeypatch):
    monkeypatch.setattr(bodies, "READ_WITHIN_S", 0.01)
    assert await signed(b"{}", stalls=True).meets(hook.app) == 408
    assert hook.verified == []


async def test_a_letter_in_two_escapes_is_whole(hook):
    assert await signed(rb'{"a": "\ud83d\ude00"}').meets(hook.app) == 200
    assert hook.read == [{"a": "\N{GRINNING FACE}"}]


@pytest.mark.parametrize(
    "body",
    [b"[]", b"[" * 250_000, b'{"a":' * 40_000, b"1" * 5_000, b'{"a": NaN}', b'{"a": -Infinity}', b'"{}"', b"null",
     b"", b"\xff\xfe", b'{"a": ' + b"9" * 5_000 + b"}", b"{", b"\x00",
     rb'{"a": "\ud800"}', rb'{"\uDC00": 1}', rb'{"a": [["\ud83d \ude00"]]}'],
)  # fmt: skip
async def test_what_is_signed_and_no_json_object_is_the_senders_mistake(hook, body):
    assert await signed(body).meets(hook.app) == 400
    assert hook.read == []
    with pytest.raises(HTTPException):
        json_object(body)
