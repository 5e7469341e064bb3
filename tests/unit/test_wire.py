"""What every provider shares: errors, words, foreign JSON."""

import gzip
import json
import math
import time

import aiohttp
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ProviderError, Reached, Trouble
from bot.provider import Failed, Finished, Pending
from integrations.providers import _json, _models, _wire, _words, gateway
from tests.fakes.scripted import Reply as Answer
from tests.fakes.scripted import scripted
from tests.fakes.there import there

QUICK = settings(max_examples=60, deadline=None)  # the cores are shared

# ── Statuses ─────────────────────────────────────────────────────────────────────────────────────────


def test_only_a_definite_no_is_a_no():
    """Ruling 1."""
    for status in range(100, 600):
        reached = _wire.reached_of(status)
        assert (reached is Reached.NO) == (status in (429, 503)), status
        assert (reached is Reached.YES) == (400 <= status < 500 and status != 429), status


@pytest.mark.parametrize("status", [500, 502, 504, 599, 302, 408])
def test_what_is_nobodys_fault_is_broken(status):
    assert _wire.trouble_of(status) is Trouble.BROKEN


NEVER_SENT = [
    (httpx.ConnectError("refused"), None, True),
    (httpx.ConnectTimeout("slow"), None, True),
    (httpx.ReadTimeout("slow"), None, False),
    (httpx.RemoteProtocolError("cut"), None, False),
    (httpx.ConnectTimeout("slow"), aiohttp.ConnectionTimeoutError("slow"), True),
    (httpx.ConnectTimeout("cut"), aiohttp.ServerDisconnectedError(), False),
    (httpx.ConnectTimeout("reset"), aiohttp.ClientOSError(104, "reset"), False),
    (httpx.ReadTimeout("slow"), aiohttp.SocketTimeoutError("slow"), False),
]


@pytest.mark.parametrize(("error", "cause", "expected"), NEVER_SENT)
def test_a_cut_connection_is_not_taken_for_one_that_never_was(error, cause, expected):
    error.__cause__ = cause
    assert _wire.never_sent(error) is expected


async def test_a_handshake_that_never_ends_is_never_sent():
    async with scripted() as server:
        wire = _wire.Wire(_wire.open_client())
        with pytest.raises(ProviderError) as caught:
            await wire.post(server.url.replace("http:", "https:"), body={}, within_s=0.6)
        await wire.aclose()
        assert not server.seen
    assert caught.value.reached is Reached.NO


async def test_a_request_is_what_was_asked_for_and_no_more():
    async with scripted() as server:
        wire = _wire.Wire(_wire.open_client())
        for params in (None, {"model": "a/b c&d"}):
            server.answer(Answer(body={}, headers={"Set-Cookie": "a=b; Path=/"}))
            await wire.get(f"{server.url}/a%2Fb/?s=1%2B1", params=params, within_s=30)
        for method, content in (("PUT", b"x" * (30_000)), ("POST", b"")):
            server.answer(Answer(body={}))
            await wire.send(method, server.url, content, headers={"Accept": "image/*"}, within_s=30)
        await wire.aclose()
    plain, asked, put, empty = server.seen
    assert (plain.path, plain.query, asked.query) == ("/a%2Fb/", {"s": "1+1"}, {"model": "a/b c&d"})
    assert (len(put.body), empty.body) == (30_000, b"")
    accepted = ["application/json", "application/json", "image/*", "image/*"]
    assert [seen.headers["accept"] for seen in server.seen] == accepted
    for seen in server.seen:
        assert {"cookie", "transfer-encoding"}.isdisjoint(seen.headers)
        assert seen.headers["accept-encoding"] == "identity"


async def test_what_is_packed_all_the_same_is_bounded_unpacked():
    packed = Answer(body=gzip.compress(b" " * 100_000 + b"{}"), headers={"Content-Encoding": "gzip"})
    async with scripted() as server:
        wire = _wire.Wire(_wire.open_client())
        server.answer(packed, packed)
        reply = await wire.get(server.url, within_s=30)
        assert await _wire.json_of(reply) == {}
        with pytest.raises(ProviderError, match="more than 50000 bytes"):
            await wire.get(server.url, within_s=30, limit_bytes=50_000)
        await wire.aclose()


def answer(status=200, body=b"", hidden=(), **headers) -> _wire.Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return _wire.Reply(status=status, headers=httpx.Headers(named), body=body, hidden=hidden)


def test_retry_after_of_a_date_falls_back_on_our_clock():
    later = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 60))
    assert 50 < there(_wire.retry_after_s(httpx.Headers({"Retry-After": later}))) <= 60


@pytest.mark.parametrize(
    "text", ["", "soon", "inf", "nan", "Sat, 99 Nov 2026", "Sat, 21 Nov 99999 12:00:00 GMT"]
)
def test_a_retry_after_that_says_nothing_is_none(text):
    assert _wire.retry_after_s(httpx.Headers({"Retry-After": text})) is None


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "said",
    [
        "moderation_blocked: image_generation_user_error",
        "content_policy_violation",
        "Your request was rejected by our safety system",
        "Request Moderated",
        "content_moderation",
        "NSFW content detected",
        "Prediction failed: The input was flagged as sensitive (E005)",
        "The input or output was flagged as sensitive. Please try again with different inputs. (E005)",
        "blockReason PROHIBITED_CONTENT",
        "finishReason SAFETY",
    ],
)
def test_a_refused_prompt_is_known_by_the_services_words(said):
    assert _words.refusal_in(said) == "prompt"


@pytest.mark.parametrize("said", ["Content Moderated", "finishReason IMAGE_SAFETY", "CONTENT_FILTERED"])
def test_a_refused_picture_is_known_by_the_services_words(said):
    assert _words.refusal_in(said) == "picture"


@pytest.mark.parametrize(
    "said",
    [
        "model not enabled for this tenant",
        "invalid parameters",
        "authentication_error - Bearer token is not supplied",
        "out of memory",
        "content-type must be application/json",
        "finishReason STOP",
        "your account was blocked",
        "",
    ],
)
def test_other_errors_are_no_refusals(said):
    assert _words.refusal_in(said) is None


@pytest.mark.parametrize("status", [401, 402, 408, 429, 500, 503, 200])
def test_these_statuses_are_no_refusals_whatever_they_say(status):
    assert _wire.refusal_of(answer(status, b'{"detail": "content policy"}')) is None


def test_a_refusal_is_found_behind_a_long_message():
    body = {"message": "x " * 500, "errors": ["content_policy_violation"]}
    assert _wire.refusal_of(answer(400, json.dumps(body).encode())) == "prompt"


def test_a_detail_is_one_short_line_without_secrets():
    long_prompt = "an otter " * 40
    text = (
        f"no: {long_prompt[:100]}\n\x1b[31m{'QUJD' * 99} data:image/png;base64,AAAA Bearer {'k' * 20} \u202e"
        + "w " * 500
    )
    line = _words.clean(text, (long_prompt,))
    assert len(line) <= 300
    assert line.isprintable()
    for secret in ("otter an otter", "QUJDQUJD", "AAAA", "kkkk"):
        assert secret not in line


@QUICK
@given(st.text(), st.text(min_size=3))
def test_what_is_hidden_is_never_told(text, secret):
    if secret.strip() and len(secret.strip()) > 2 and secret not in "[hidden]":
        assert secret not in _words.clean(text + secret, (secret,)).replace("[hidden]", "\0")


@pytest.mark.parametrize("piece", ["<", "<script", "<a ", "bearer "])
def test_a_malicious_page_costs_no_more_than_its_length(piece, monkeypatch):
    """Five megabytes, and all of them cleaned: anything but linear would run into the suite's timeout."""
    length = 5 * 1024 * 1024
    monkeypatch.setattr(_words, "_RAW_CHARS", length)
    page = (piece * length)[:length]
    assert len(_wire.detail_of(answer(500, page.encode(), hidden=("x" * 500,)))) <= _words.DETAIL_CHARS


# ── Foreign JSON ─────────────────────────────────────────────────────────────────────────────────────

WORDS = st.text() | st.text('ab\\"/\n', min_size=5) | st.text("AB+/=", min_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
)


@QUICK
@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
def test_lifting_changes_nothing(value, escaped, indent):
    body = json.dumps(value, ensure_ascii=escaped, indent=indent).encode("utf-8", "surrogatepass")
    assert _json.loads(body, long_bytes=4) == json.loads(body)


@QUICK
@given(st.binary(max_size=200) | st.text('{}[]",:\\ab1', max_size=60).map(str.encode))
def test_foreign_bytes_are_json_or_nothing(body):
    try:
        expected = json.loads(body)
    except (ValueError, RecursionError):
        expected = None
    found = _json.loads(body, long_bytes=4)
    assert found == expected or expected is None or math.isnan(expected)


@pytest.mark.parametrize(
    "body",
    [b"[" * 1_000_000, b'{"a":' * 200_000, b'"' + b"\\" * 1_000_000, b'""' * 500_000, b'"\\"' * 300_000],
    ids=["lists", "objects", "backslashes", "strings", "escapes"],
)
def test_malicious_json_is_nothing_and_soon(body):
    """A million bytes: what is not linear would take hours, and run into the suite's timeout."""
    assert _json.loads(body) is None


async def test_a_big_picture_is_read_whole():
    big = "QUJD" * 700_000
    body = json.dumps({"data": [{"url": big}, big, [big]], big: "x"}).encode()
    assert await _json.read(bytearray(body)) == {"data": [{"url": big}, big, [big]], big: "x"}


# ── Catalogues ───────────────────────────────────────────────────────────────────────────────────────

ENTRY = '[[models]]\nid = "{}"\nmaker = "M"\ncredits = 3\nway = "async"\nusual_s = 9\n'


def test_a_price_in_dollars_follows_the_credits_unless_given():
    text = ENTRY.format("a") + ENTRY.format("b") + "usd_micros = 7"
    prices = [model.usd_micros for model in _models.parse(text, provider="p").models]
    assert prices == [3000, 7]


@pytest.mark.parametrize(
    "text",
    [
        "models = []",
        ENTRY.format(""),
        ENTRY.format("a") * 2,
        ENTRY.format("a") + 'aliases = ["b"]\n' + ENTRY.format("b"),
        ENTRY.format("a") + "colour = 1",
        ENTRY.format("a").replace("async", "later"),
        ENTRY.format("a").replace("3", "-3"),
        ENTRY.format("a") + "images_max = 9",
        "not = toml = at all",
    ],
)
def test_a_catalogue_that_is_wrong_is_refused(text):
    with pytest.raises(ValueError):
        _models.parse(text, provider="p")


# ── Whatever a service answers ───────────────────────────────────────────────────────────────────────

NAMES = st.sampled_from(
    [
        "data",
        "status",
        "error",
        "detail",
        "operation_id",
        "url",
        "b64_json",
        "has_nsfw_concepts",
        "message",
        "id",
    ]
)
ENDS = st.sampled_from(
    ["completed", "failed", "processing", "https://x/y.png", "data:image/png;base64,AA", "op"]
)
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ENDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
)


@QUICK
@given(st.dictionaries(NAMES, ODD, max_size=5), st.booleans())
def test_an_odd_answer_is_an_outcome_or_a_provider_error(value, sync):
    for read in (
        lambda: gateway._read_submit(value, answer(), sync=sync),
        lambda: gateway._read_poll(value, answer(), "op"),
    ):
        outcome: Finished | Pending | Failed | ProviderError
        try:
            outcome = read()
        except ProviderError as error:
            outcome = error
        match outcome:
            case ProviderError():
                assert (outcome.reached, outcome.trouble) == (Reached.UNKNOWN, Trouble.BROKEN)
            case Finished():
                assert outcome.images
            case _:
                assert isinstance(outcome, Pending | Failed)


@QUICK
@given(ODD)
def test_an_odd_account_is_read_or_not_told(value):
    found = gateway._open_models(value)
    assert found is None or all(isinstance(name, str) for name in found)
    left = gateway._credits_left(value)
    assert left is None or isinstance(left, float)
