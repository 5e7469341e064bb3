"""Webhooks of image services: who may call, what is believed of it, and how it wakes the job on any replica."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette

from bot.errors import ProviderError, Reached
from bot.http.calls import Calls
from bot.job import Job, State
from bot.jobs.asking import Asking
from bot.jobs.ear import Ear
from bot.model import Model, Order
from bot.pictures.links import LinkKey, Ring
from bot.ports import Requester
from bot.provider import Heard
from bot.store.health import Healths
from integrations.providers import _signatures

NOW = 1_800_000_000.0
SECRET = "whsec_" + base64.b64encode(b"a secret of the service's").decode()


class Painter:
    """A service that signs as Standard Webhooks say."""

    name = "painter"
    listens = True

    async def hear(self, call):
        if b"later" in call.body:
            raise ProviderError("no keys now", reached=Reached.NO)
        if not _signatures.is_standard(call, SECRET):
            return None
        return Heard(id=call.headers["webhook-id"], operation=json.loads(call.body)["id"])


class Deaf:
    name = "deaf"


class Table(Healths):
    def __init__(self):
        self.rows, self.reads = {}, 0

    async def hear(self, key, operation, *, now):
        self.rows.setdefault(key, (operation, now))

    async def heard(self, key):
        return self.rows[key][0] if key in self.rows else None

    async def heard_since(self, since):
        self.reads += 1
        return {key for key, (_, at) in self.rows.items() if at >= since}


def job_of(job="job", provider="painter"):
    return Job(
        id=job, version=1, state=State.RENDERING, requester=Requester(surface="s", community="c", user="u"),
        order=Order(provider=provider, model="m", prompt="fox", credits_each=1),
        created_at=NOW, deadline_at=NOW + 600, due_at=NOW,
    )  # fmt: skip


def signed(body: bytes, *, at=NOW, called="msg_1", secret=b"a secret of the service's"):
    mac = hmac.digest(secret, f"{called}.{int(at)}.".encode() + body, hashlib.sha256)
    told = f"v1,{base64.b64encode(b'another').decode()} v1,{base64.b64encode(mac).decode()} v2,x"
    return {"webhook-id": called, "webhook-timestamp": str(int(at)), "webhook-signature": told}


@pytest.fixture
def house():
    ring, table = Ring([LinkKey("1", b"k" * 32)]), Table()
    services: Any = {"painter": Painter(), "deaf": Deaf()}
    calls = Calls(
        services, healths=table, public_url="https://us.example/",
        sign=ring.sign, read=lambda token: ring.read(token, now=NOW), clock=lambda: NOW,
    )  # fmt: skip
    return calls, table


async def post(calls, address, body, headers):
    transport = httpx.ASGITransport(Starlette(routes=list(calls.routes())))
    async with httpx.AsyncClient(transport=transport) as client:
        return (await client.post(address, content=body, headers=headers)).status_code


async def test_a_signed_call_tells_which_operation_a_submit_has_made(house):
    calls, table = house
    address = calls.address(job_of())
    assert address.startswith("https://us.example/webhooks/painter?job=")
    body = b'{"id": "op-7", "status": "succeeded"}'
    assert await post(calls, address, body, signed(body)) == 204
    assert table.rows == {"job-1": ("op-7", NOW)}
    assert await post(calls, address, body, signed(body)) == 204, (
        "the service comes again, and is told that it is known"
    )


BODY = b'{"id": "op-7"}'


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, BODY),
        (signed(BODY), b'{"id": "op-8"}'),
        (signed(BODY, secret=b"another"), BODY),
        (signed(BODY, at=NOW - 301), BODY),
        (signed(BODY, at=NOW + 301), BODY),
        (signed(BODY) | {"webhook-id": "msg_2"}, BODY),
        (signed(BODY) | {"webhook-timestamp": "never"}, BODY),
        (signed(BODY) | {"webhook-signature": "v1,"}, BODY),
        (signed(BODY) | {"webhook-signature": "v1," * 5000}, BODY),
    ],
)
async def test_what_is_not_the_services_or_too_old_changes_nothing(house, headers, body):
    calls, table = house
    assert await post(calls, calls.address(job_of()), body, headers) == 401
    assert table.rows == {}


async def test_a_genuine_call_can_not_be_turned_to_another_job_or_service(house):
    calls, table = house
    mine = parse_qs(urlsplit(calls.address(job_of())).query)["job"][0]
    for address in (
        "https://us.example/webhooks/painter",
        "https://us.example/webhooks/painter?job=other-1",
        f"https://us.example/webhooks/painter?job={mine[:-1]}x",
        f"https://us.example/webhooks/deaf?job={mine}",
        f"https://us.example/webhooks/nobody?job={mine}",
        f"https://us.example/webhooks/painter?job={Ring([LinkKey('1', b'k' * 32)]).sign('pictures/x')}",
    ):
        assert await post(calls, address, BODY, signed(BODY)) == 404
    assert table.rows == {}


async def test_what_can_not_be_verified_now_is_asked_to_come_again_and_what_is_too_long_is_not_read(house):
    calls, _ = house
    assert await post(calls, calls.address(job_of()), b"later", signed(b"later")) == 503
    assert await post(calls, calls.address(job_of()), b"x" * 300_000, signed(b"x")) == 413


def test_without_a_public_address_nobody_is_told_one():
    calls = Calls({}, healths=Table(), public_url="", sign=str, read=str, clock=lambda: NOW)
    assert calls.address(job_of()) == ""


# ── Signatures ───────────────────────────────────────────────────────────────────────────────────────


def test_a_signature_of_the_body_alone():
    right = hmac.new(b"secret", BODY, hashlib.sha256).hexdigest()
    assert _signatures.is_hmac_hex(f"sha256={right}", BODY, "secret")
    for given, secret in (
        ("", "secret"),
        (f"sha256={right}", ""),
        (right[:-1], "secret"),
        ("sha256=é", "secret"),
    ):
        assert not _signatures.is_hmac_hex(given, BODY, secret)


def test_an_ed25519_signature_by_any_key_of_a_set():
    mine, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()

    def x(key):
        return base64.urlsafe_b64encode(key.public_key().public_bytes_raw()).rstrip(b"=").decode()

    keys = _signatures.keys_of({"keys": [{"x": x(other)}, {"x": x(mine)}, {"x": "short"}, {"x": 5}, 7]})
    assert len(keys) == 2
    good = mine.sign(b"said").hex()
    assert _signatures.is_ed25519(good, b"said", keys)
    assert not _signatures.is_ed25519(good, b"said otherwise", keys)
    assert not _signatures.is_ed25519(good, b"said", keys[:1])
    for odd in ("", "zz", "é", good[:-2]):
        assert not _signatures.is_ed25519(odd, b"said", keys)
    nothing: Any
    for nothing in (None, [], {"keys": "x"}, {"keys": [{}]}, "x"):
        assert _signatures.keys_of(nothing) == ()


# ── Waiting for it ───────────────────────────────────────────────────────────────────────────────────


async def test_a_call_that_came_in_anywhere_wakes_its_job_once_and_nobody_asks_for_nothing():
    table = Table()
    ear = Ear(table)
    await ear.listen(NOW)
    assert table.reads == 0, "nobody waits"
    mine, other = job_of("mine"), job_of("other")
    ear.expect(mine)
    await table.hear("other-1", "op", now=NOW)
    await ear.listen(NOW + 1)
    assert not ear.take(mine)
    await table.hear("mine-1", "op", now=NOW + 1)
    await ear.listen(NOW + 2)
    assert ear.take(mine)
    await ear.listen(NOW + 3)
    assert not ear.take(mine)
    ear.expect(other)
    ear.leave(other)
    ear.leave(mine)
    reads = table.reads
    await asyncio.sleep(0)
    await ear.listen(NOW + 4)
    assert table.reads == reads


async def test_a_call_that_came_long_before_the_submits_answer_is_not_missed_beside_others():
    table = Table()
    ear = Ear(table)
    ear.expect(job_of("other"))
    for second in range(30):
        await ear.listen(NOW + second)
        if second == 3:
            await table.hear("mine-1", "op", now=NOW + 3)
    mine = job_of("mine")
    ear.expect(mine)
    await ear.listen(NOW + 30)
    assert ear.take(mine)
    ear.expect(mine)
    await ear.listen(NOW + 31)
    assert not ear.take(mine), "it is told once"


async def test_a_call_is_not_missed_where_the_clock_was_set_back():
    table = Table()
    ear = Ear(table)
    mine = job_of("mine")
    ear.expect(mine)
    await ear.listen(NOW)
    await table.hear("mine-1", "op", now=NOW - 3600)
    await ear.listen(NOW - 3599)
    assert ear.take(mine)


async def test_a_call_for_an_earlier_submit_wakes_nobody_each_second():
    """It comes behind the look that has found that submit failed."""
    table = Table()
    ear = Ear(table)
    first = job_of("mine")
    ear.expect(first)
    await ear.listen(NOW)
    second = replace(first, attempt=first.attempt + 1)
    await table.hear(first.key(), "op", now=NOW + 1)
    assert await ear.listen(NOW + 1) == {"mine"}
    ear.expect(second)
    assert await ear.listen(NOW + 2) == set()
    await table.hear(second.key(), "op", now=NOW + 3)
    assert await ear.listen(NOW + 3) == {"mine"}
    assert ear.take(second)


async def test_who_leaves_leaves_with_all_of_the_jobs_submits():
    table = Table()
    ear = Ear(table)
    first = job_of("mine")
    ear.expect(first)
    ear.expect(replace(first, attempt=2))
    ear.leave(first)
    await ear.listen(NOW)
    assert table.reads == 0


def test_a_model_of_which_the_service_never_calls_is_polled_as_usual():
    """Where a call is waited for that never comes, a picture would be looked at a tenth as often."""
    painter: Any = Painter()
    painter.models = (Model(id="m", provider="painter"), Model(id="mute", provider="painter", calls=False))
    asking = Asking(
        {"painter": painter},
        healths=Table(),
        inputs=lambda _job: contextlib.nullcontext(()),
        webhook=lambda job: f"https://us/{job.id}",
    )
    mute = replace(job_of(), order=replace(job_of().order, model="mute"))
    assert asking.webhook(job_of()) == "https://us/job"
    assert asking.webhook(mute) == ""
    assert asking.webhook(job_of(provider="nobody")) == ""
