"""fal keeps the provider's laws, and its own."""

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr, ValidationError

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Order
from bot.provider import Call, Failed, Finished, Input, Pending, RemoteImage, Standing
from integrations.providers.fal import Fal, FalSettings, load, open_fal
from tests.contract.provider_contract import PROMPT, SECRET, ProviderContract, Subject, error_of
from tests.fakes.scripted import Reply, scripted
from tests.fakes.there import there

ID = "764cabcf-b745-4b3e-ae38-1200304cf45b"
NOW = 1_800_000_000.0
SIGNER, STRANGER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
KEYS = "/.well-known/jwks.json"
URL = "https://v3.fal.media/files/1.jpg"
DONE = {"status": "COMPLETED", "metrics": {"inference_time": 3.7}, "logs": None}
GIVEN = (Input(data=b"a picture", media_type="image/png", sha256="ab" * 32, width=8, height=8),)


def jwks(*signers) -> Reply:
    xs = [base64.urlsafe_b64encode(s.public_key().public_bytes_raw()).rstrip(b"=").decode() for s in signers]
    return Reply(body={"keys": [{"kty": "OKP", "crv": "Ed25519", "x": x} for x in xs]})


def order(**more) -> Order:
    known: dict[str, Any] = {
        "provider": "fal",
        "model": "flux-1.1-pro-ultra",
        "wire": "fal-ai/flux-pro/v1.1-ultra",
        "prompt": PROMPT,
        "credits_each": 60,
    }
    return Order(**(known | more))


def signed(body, *, at=NOW, signer=SIGNER, request=ID, **more) -> Call:
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = str(int(at))
    said = "\n".join([request, "user-1", stamp, hashlib.sha256(body).hexdigest()]).encode()
    headers = {
        "x-fal-webhook-request-id": request, "x-fal-webhook-user-id": "user-1",
        "x-fal-webhook-timestamp": stamp, "x-fal-webhook-signature": signer.sign(said).hex(),
    }  # fmt: skip
    return Call(headers=headers | more, query={}, body=body, at=at)


def after(reply: Reply, status=DONE) -> Reply:
    """A look takes two requests when it is over: the status, then the result."""
    return Reply(body=status, then=reply)


def detail(type_, status=422, headers=None) -> Reply:
    rows = [{"loc": ["body", "prompt"], "msg": "no", "type": type_, "input": PROMPT}]
    return Reply(status=status, body={"detail": rows}, headers=headers or {})


def settings(url: str, **more) -> FalSettings:
    return FalSettings(base_url=url, api_key=SecretStr(SECRET), jwks_url=url + KEYS, **more)


def open_within(url: str, within_s: float) -> Fal:
    return open_fal(settings(url, **dict.fromkeys(("timeout_s", "submit_timeout_s", "poll_timeout_s"), within_s)))  # fmt: skip


SUBJECT = Subject(
    open=open_within,
    order=order(),
    given=GIVEN,
    order_of_given=order(inputs=1),
    submitted=Reply(body={"status": "IN_QUEUE", "request_id": ID, "queue_position": 0}),
    operation=ID,
    under_way=Reply(status=202, body={"status": "IN_PROGRESS", "logs": None}),
    finished=after(Reply(body={"images": [{"url": URL}], "has_nsfw_concepts": [False], "seed": 7})),
    failed=after(detail("internal_server_error", 500)),
    submit_refusals=(detail("content_policy_violation"),),
    poll_refusals=(
        after(detail("content_policy_violation")),
        after(
            Reply(status=422, body={"detail": "x"}), {**DONE, "error_type": "content_policy_violation"}
        ),
        after(Reply(body={"images": [{"url": URL}], "has_nsfw_concepts": [True]})),
        after(Reply(body={"image": {"url": URL}, "nsfw_content_detected": True})),
        after(Reply(body={"images": []})),
    ),
    unreadable=(
        Reply(body={}),
        Reply(body={"request_id": ""}),
        Reply(body={"request_id": 5}),
        Reply(body={"request_id": "../../x"}),
        Reply(body={"request_id": "x" * 5000}),
    ),
    meanings={503: (Reached.UNKNOWN, Trouble.BUSY)},
    costs=(
        (after(Reply(body={"images": [{"url": URL}]}, headers={"x-fal-billable-units": "1"})), 60_000),
        (after(Reply(body={"images": [{"url": URL}] * 2}, headers={"x-fal-billable-units": "2.0"})), 120_000),
        (
            after(Reply(body={"images": [{"url": URL}], "has_nsfw_concepts": [True]},
                        headers={"x-fal-billable-units": "1"})),
            60_000,
        ),
        (
            after(Reply(status=422, body={"detail": [{"type": "no_media_generated", "msg": "no"}]},
                        headers={"x-fal-billable-units": "1"})),
            60_000,
        ),
        (after(detail("runner_disconnected", 503)), 0),
    ),
    found=(
        (Reply(body={"items": []}), type(None)),
        (Reply(status=404, body={"detail": "Not Found"}), type(None)),
        (Reply(body={"items": [{"request_id": ID, "json_input": {"prompt": "another"}}]}), type(None)),
    ),
    call=lambda at: signed({"request_id": ID, "status": "OK", "payload": {"images": []}}, at=at),
    calls_about=ID,
)  # fmt: skip


class TestFal(ProviderContract):
    parameters = frozenset({"aspect_ratio", "image_size", "quality", "resolution", "seed", "size"})

    @pytest.fixture
    def subject(self) -> Subject:
        return SUBJECT

    @pytest.fixture
    async def server(self):
        async with scripted() as server:
            server.by_path[KEYS] = jwks(STRANGER, SIGNER)
            yield server


@pytest.fixture
async def server():
    async with scripted() as server:
        yield server


@pytest.fixture
async def fal(server):
    fal = open_fal(settings(server.url))
    yield fal
    await fal.aclose()


def urls(base: str) -> dict[str, str]:
    place = f"{base}/fal-ai/flux-pro/requests/{ID}"
    return {"status_url": f"{place}/status", "response_url": place, "cancel_url": f"{place}/cancel"}


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_submit_is_what_was_ordered_with_the_webhook_in_its_address(server, fal):
    server.answer(SUBJECT.submitted)
    await fal.submit(
        order(parameters={"aspect_ratio": "16:9", "seed": 5}, images=2), key="k", webhook="https://us/w?job=a.b"
    )  # fmt: skip
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", "/fal-ai/flux-pro/v1.1-ultra")
    assert seen.query == {"fal_webhook": "https://us/w?job=a.b"}
    assert seen.headers["authorization"] == f"Key {SECRET}"
    assert json.loads(seen.headers["x-fal-object-lifecycle-preference"]) == {
        "expiration_duration_seconds": 3600
    }
    assert seen.json == {"prompt": PROMPT, "aspect_ratio": "16:9", "seed": 5, "num_images": 2}


async def test_each_submit_has_a_seed_of_its_own_where_the_model_takes_one(server, fal):
    seeds = []
    for key in ("job-1", "job-1", "job-2"):
        server.answer(SUBJECT.submitted)
        await fal.submit(order(), key=key)
        seeds.append(server.seen[-1].json["seed"])
    assert seeds[0] == seeds[1] != seeds[2]
    assert all(0 <= seed < 2**31 for seed in seeds)
    server.answer(SUBJECT.submitted)
    await fal.submit(order(model="gpt-image-2", wire="openai/gpt-image-2"), key="k")
    assert server.seen[-1].json == {
        "prompt": PROMPT, "image_size": {"width": 1024, "height": 1024}, "quality": "medium"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("model", "parameters", "sent"),
    [
        ("black-forest-labs/flux-1.1-pro", {"aspect_ratio": "3:4"}, "portrait_4_3"),
        ("black-forest-labs/flux-2-pro", {}, {"width": 992, "height": 992}),
        ("black-forest-labs/flux-2-pro", {"aspect_ratio": "16:9", "resolution": "4MP"}, {"width": 2656, "height": 1488}),
        ("flux-schnell", {"aspect_ratio": "9:16"}, {"width": 736, "height": 1328}),
        ("gpt-image-2", {"size": "1536x1024"}, {"width": 1536, "height": 1024}),
        ("fal-ai/bytedance/seedream/v4.5", {"image_size": "landscape"}, "landscape_4_3"),
        ("fal-ai/bytedance/seedream/v4.5", {"image_size": "2K"}, {"width": 2048, "height": 2048}),
    ],
)  # fmt: skip
async def test_a_shape_is_sent_as_fal_calls_it(server, fal, model, parameters, sent):
    server.answer(SUBJECT.submitted)
    await fal.submit(order(model=model, wire="a/b", parameters=parameters), key="k")
    assert server.seen[-1].json["image_size"] == sent
    assert not {"aspect_ratio", "resolution", "size"} & set(server.seen[-1].json)


def test_what_counts_megapixels_stays_within_those_that_are_priced():
    from integrations.providers._fal_shapes import within

    for ratio in ("21:9", "16:9", "4:3", "3:2", "1:1", "9:16"):
        for megapixels in (1, 2, 4):
            size = within(ratio, megapixels)
            assert size["width"] % 16 == size["height"] % 16 == 0
            assert megapixels * 0.93e6 < size["width"] * size["height"] <= megapixels * 1e6


async def test_pictures_are_given_as_data_where_the_model_edits(server, fal):
    uri = "data:image/png;base64," + base64.b64encode(GIVEN[0].data).decode()
    for model, path, name, sent in [
        ("flux-1.1-pro-ultra", "/a/b", "image_url", uri),
        ("black-forest-labs/flux-2-pro", "/fal-ai/flux-2-pro/edit", "image_urls", [uri, uri]),
        ("xai/grok-imagine-image", "/xai/grok-imagine-image/edit", "image_url", uri),
    ]:
        server.answer(SUBJECT.submitted)
        given = GIVEN * (2 if isinstance(sent, list) else 1)
        await fal.submit(order(model=model, wire="a/b", inputs=len(given)), key="k", inputs=given)
        assert (server.seen[-1].path, server.seen[-1].json[name]) == (path, sent)


# ── The three addresses ──────────────────────────────────────────────────────────────────────────────


async def test_addresses_are_used_as_they_are_given(server, fal):
    odd = {name: f"{server.url}/odd/{name}" for name in urls("")}
    server.answer(Reply(body={"request_id": ID, **odd}), SUBJECT.under_way, SUBJECT.finished, Reply())
    pending = await fal.submit(order(), key="k")
    await fal.poll(pending.operation, order=order())
    assert isinstance(await fal.poll(pending.operation, order=order()), Finished)
    await fal.cancel(pending.operation, order=order())
    assert [(seen.method, seen.path) for seen in server.seen[1:]] == [
        ("GET", "/odd/status_url"), ("GET", "/odd/status_url"), ("GET", "/odd/response_url"), ("PUT", "/odd/cancel_url"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "base", ["https://elsewhere.example", "{url}.evil.example", "{url}@evil.example", "file://"]
)
async def test_the_key_goes_nowhere_else(server, fal, base):
    """An address of another host is not followed: the app's own is built from its name, without the path."""
    server.answer(Reply(body={"request_id": ID, **urls(base.format(url=server.url))}), SUBJECT.under_way)
    pending = await fal.submit(order(), key="k")
    assert pending.operation == ID
    await fal.poll(pending.operation, order=order())
    assert server.seen[-1].path == f"/fal-ai/flux-pro/requests/{ID}/status"
    with pytest.raises(ProviderError):
        await fal.poll(" ".join(urls(base.format(url=server.url)).values()), order=order())
    assert len(server.seen) == 2


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"status": "CANCELLED"}), (202, {"status": "CANCELLATION_REQUESTED"}),
        (400, {"status": "ALREADY_COMPLETED"}), (404, {"status": "NOT_FOUND"}),
    ],
)  # fmt: skip
async def test_what_can_not_be_cancelled_any_more_is_no_error(server, fal, status, body):
    server.answer(Reply(status=status, body=body))
    await fal.cancel(ID, order=order())
    server.answer(Reply(status=401))
    assert (await error_of(fal.cancel(ID, order=order()))).trouble is Trouble.KEY


# ── Looks ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"status": "IN_QUEUE", "queue_position": 0}, Pending(operation=ID, place=0)),
        ({"status": "IN_QUEUE", "queue_position": 12}, Pending(operation=ID, place=12)),
        ({"status": "IN_QUEUE", "queue_position": "first"}, Pending(operation=ID)),
        ({"status": "IN_QUEUE", "queue_position": True}, Pending(operation=ID)),
        ({"status": "IN_PROGRESS", "logs": [{"message": " 50%|###  | 14/28 [00:01<00:01, 13it/s]"}, 5, {"message": 5}]},
         Pending(operation=ID, step=14, steps=28)),
        ({"status": "IN_PROGRESS", "logs": "?"}, Pending(operation=ID)),
        ({"status": "SOMETHING_NEW"}, Pending(operation=ID)),
    ],
)  # fmt: skip
async def test_how_far_it_is_is_told(server, fal, told, expected):
    server.answer(Reply(status=202, body=told))
    assert await fal.poll(ID, order=order()) == expected
    assert server.seen[0].query == {"logs": "1"}


async def test_black_pictures_of_several_are_counted_and_not_shown(server, fal):
    pictures = [{"url": f"https://v3.fal.media/{n}.png"} for n in range(3)]
    server.answer(after(Reply(body={"images": pictures, "has_nsfw_concepts": [False, True]})))
    assert await fal.poll(ID, order=order()) == Finished(
        images=(RemoteImage(pictures[0]["url"]), RemoteImage(pictures[2]["url"])), withheld=1
    )


@pytest.mark.parametrize(
    ("reply", "again", "cost"),
    [
        (detail("no_media_generated"), True, None),
        (detail("value_error"), False, None),
        (detail("internal_server_error", 500), True, 0),
        (Reply(status=504, body={"detail": "x", "error_type": "startup_timeout"}), True, 0),
        (Reply(status=503, body={"detail": "x"}, headers={"X-Fal-Error-Type": "runner_disconnected"}), True, 0),
        (Reply(status=500, body={"detail": "x", "error_type": "something_new"}), False, 0),
    ],
)  # fmt: skip
async def test_a_failure_stands_in_the_result(server, fal, reply, again, cost):
    server.answer(after(reply))
    failed = await fal.poll(ID, order=order())
    assert isinstance(failed, Failed)
    assert (failed.again, failed.refused, failed.cost_usd_micros) == (again, False, cost)


async def test_an_outage_before_the_result_is_no_failure_of_the_model(server, fal):
    """The picture may be there: a new submit would be paid again."""
    for status in (500, 502, 503, 404, 429):
        server.answer(after(Reply(status=status, body="<html>Bad Gateway</html>")))
        assert (await error_of(fal.poll(ID, order=order()))).trouble in (Trouble.BROKEN, Trouble.BUSY)


async def test_an_exhausted_balance_may_be_a_403(server, fal):
    server.answer(Reply(status=403, body={"detail": "User is locked. Reason: Exhausted balance."}))
    assert (await error_of(fal.submit(order(), key="k"))).trouble is Trouble.BALANCE


# ── Lost answers ─────────────────────────────────────────────────────────────────────────────────────


async def test_a_lost_submit_is_known_by_what_was_asked(server, fal):
    server.answer(SUBJECT.submitted)
    await fal.submit(order(), key="job-1")
    sent = server.seen[0].json
    other = sent | {"seed": 1}
    for name in ("json_input", "payload", "input"):
        server.answer(
            Reply(body={"items": [{"request_id": "a", name: other}, {"request_id": "b", name: sent}]})
        )
        assert await fal.find(order(), key="job-1", since=NOW) == Pending(operation="b")
    asked = server.seen[-1].query
    assert (asked["endpoint_id"], asked["expand"]) == ("fal-ai/flux-pro/v1.1-ultra", "payloads")
    assert asked["start"] == "2027-01-15T07:59:50Z"
    twice = [{"request_id": id_, "json_input": sent} for id_ in ("a", "b")]
    server.answer(Reply(body={"requests": twice}))
    assert await fal.find(order(), key="job-1", since=NOW) is None, "none or two is uncertain"


# ── Webhooks ─────────────────────────────────────────────────────────────────────────────────────────


async def test_the_set_of_keys_is_fetched_once_and_once_more_when_none_fits(server, fal):
    server.by_path[KEYS] = jwks(STRANGER)
    call = signed({"request_id": ID})
    assert await fal.hear(call) is None
    assert len(server.seen) == 1
    server.by_path[KEYS] = jwks(SIGNER)
    assert await fal.hear(call) is None, "strangers can't make us ask all the time"
    later = signed({"request_id": ID}, at=NOW + 61)
    assert there(await fal.hear(later)).operation == ID
    assert there(await fal.hear(replace(later, at=NOW + 300))).operation == ID
    assert len(server.seen) == 2
    old = signed({"request_id": ID}, at=NOW + 61 + 24 * 3600)
    assert there(await fal.hear(old)).operation == ID
    assert len(server.seen) == 3, "a set is kept for a day at most"


async def test_without_the_keys_a_call_is_asked_to_come_again(server, fal):
    for reply in (Reply(status=500), Reply(body={"keys": []}), Reply(body="<html>")):
        server.by_path[KEYS] = reply
        with pytest.raises(ProviderError):
            await fal.hear(signed({"request_id": ID}))
    server.by_path[KEYS] = jwks(SIGNER)
    assert there(await fal.hear(signed({"request_id": ID}))).id == ID


async def test_a_call_of_fals_own_that_says_nothing_is_not_heard(server, fal):
    server.by_path[KEYS] = jwks(SIGNER)
    for body in ({}, {"request_id": 5}, {"request_id": "../x"}, b"[]", b"{", b"\xff"):
        assert await fal.hear(signed(body)) is None
    for name in signed({"request_id": ID}).headers:
        call = signed({"request_id": ID})
        assert (
            await fal.hear(replace(call, headers={k: v for k, v in call.headers.items() if k != name}))
            is None
        )


def test_calls_can_be_switched_off():
    assert open_fal(FalSettings()).listens
    assert not open_fal(FalSettings(webhook=False)).listens


# ── The account, settings, catalogue ─────────────────────────────────────────────────────────────────


def account(server, priced: Reply, billed: Reply) -> None:
    server.by_path = {"/v1/models/pricing": priced, "/v1/account/billing": billed}


async def test_money_is_told_where_the_key_may_see_it(server, fal):
    account(server, Reply(body={"prices": []}), Reply(body={"credits": {"current_balance": 12.5}}))
    assert await fal.standing() == Standing(usd_left=12.5)
    assert server.seen[0].query == {"endpoint_id": "fal-ai/flux-pro/v1.1-ultra"}
    for billed in (
        Reply(status=403),
        Reply(status=404),
        Reply(body={"credits": {}}),
        Reply(body={"credits": 5}),
        Reply(cut_before=True),
    ):
        account(server, Reply(body={"prices": []}), billed)
        assert await fal.standing() == Standing()


@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_key_is_told(server, fal, status):
    account(server, Reply(status=status), Reply(status=status))
    assert (await error_of(fal.standing())).trouble is Trouble.KEY


def test_the_defaults_are_the_documented_ones():
    plain = FalSettings()
    assert (plain.base_url, plain.webhook) == ("https://queue.fal.run", True)
    assert plain.platform_url == "https://api.fal.ai"
    assert not plain.ready
    assert FalSettings(base_url="https://queue.fal.run/").platform_url == "https://api.fal.ai"
    assert all(field.description for field in FalSettings.model_fields.values())
    with pytest.raises(ValidationError):
        FalSettings(jwks_url="keys")


def test_flux_ultra_is_the_default_and_ids_are_those_of_all_providers():
    models = {model.id: model for model in load().models}
    assert next(iter(models)) == "flux-1.1-pro-ultra"
    ultra = models["flux-1.1-pro-ultra"]
    assert (ultra.price().usd_micros, ultra.wire_name, ultra.maker) == (
        60_000, "fal-ai/flux-pro/v1.1-ultra", "Black Forest Labs",
    )  # fmt: skip
    assert all(model.maker and model.good_for for model in models.values()), "each is told of in models.toml"
