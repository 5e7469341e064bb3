"""Google's Gemini models keep the provider's laws, and their own: HTTP 200 says little there."""

import asyncio
import base64
from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr

from bot.cli.check_services import provider_row as row_of
from bot.errors import ProviderError, Reached, Trouble
from bot.job import State
from bot.model import Order
from bot.provider import Failed, Finished, InlineImage, Input, Standing
from integrations.providers.google import GoogleSettings, open_google
from tests.contract.provider_contract import PROMPT, SECRET, ProviderContract, Subject, error_of
from tests.fakes.scripted import Reply, scripted
from tests.fakes.services import google as local
from tests.fakes.services import ground
from tests.fakes.services.pictures import png
from tests.fakes.there import there

MODEL = "gemini-2.5-flash-image"
BANANA = "gemini-nano-banana-2.1"
PIXEL = "iVBORw0KGgo="
USAGE = {"promptTokenCount": 100, "candidatesTokenCount": 1290, "totalTokenCount": 1390}
PAID = 38_730  # 100 x 0.3 + 1290 x 30


def said(*parts, reason="STOP", **more):
    return {
        "candidates": [{"content": {"role": "model", "parts": list(parts)}, "finishReason": reason}],
        **more,
    }


def drawn(data=PIXEL, **more):
    return {"inlineData": {"mimeType": "image/png", "data": data}, **more}


def order(**more) -> Order:
    known: dict[str, Any] = {
        "provider": "google",
        "model": MODEL,
        "prompt": PROMPT,
        "credits_each": 39,
        "usd_micros_each": 39_000,
        "way": "sync",
    }
    return Order(**(known | more))


def settings(url: str, **more) -> GoogleSettings:
    return GoogleSettings(base_url=url, api_key=SecretStr(SECRET), **more)


def open_within(url: str, within_s: float):
    limits = dict.fromkeys(("timeout_s", "submit_timeout_s", "poll_timeout_s"), within_s)
    return open_google(settings(url, **limits))


def given(data: bytes = b"a picture") -> Input:
    return Input(data=data, media_type="image/png", sha256="ab" * 32, width=8, height=8)


REFUSALS = (
    *({"promptFeedback": {"blockReason": reason}, "usageMetadata": {"promptTokenCount": 9}}
      for reason in ("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "IMAGE_SAFETY", "OTHER")),
    *({"candidates": [{"finishReason": reason, "index": 0}]}
      for reason in ("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT",
                     "RECITATION", "IMAGE_RECITATION", "ESCALATION")),
    said(drawn(), reason="IMAGE_SAFETY"),  # whatever comes with it
    {"candidates": [], "usageMetadata": {}},
    {"responseId": "r1", "modelVersion": "1"},
)  # fmt: skip

SUBJECT = Subject(
    open=open_within,
    order=order(),
    given=(given(),),
    order_of_given=order(inputs=1),
    submitted=Reply(body=said({"text": "Here."}, drawn())),
    submit_refusals=tuple(Reply(body=body) for body in REFUSALS),
    unreadable=(Reply(body={}), Reply(body={"candidates": "?"}), Reply(body={"hello": 1})),
    meanings={403: (Reached.YES, Trouble.KEY)},
    costs=(
        (Reply(body=said(drawn(), usageMetadata=USAGE)), PAID),
        (Reply(body=said({"text": "No."}, usageMetadata=USAGE)), PAID),
        (Reply(body=said(reason="IMAGE_SAFETY", usageMetadata=USAGE)), PAID),
        (
            Reply(
                body={"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 100}}
            ),
            30,
        ),
        (Reply(body={"promptFeedback": {"blockReason": "SAFETY"}}), 0),
    ),
)


class TestGoogle(ProviderContract):
    parameters = frozenset({"aspect_ratio", "image_size", "thinking_level"})

    @pytest.fixture
    def subject(self) -> Subject:
        return SUBJECT


@pytest.fixture
async def server():
    async with scripted() as server:
        yield server


@pytest.fixture
async def google(server):
    google = open_google(settings(server.url + "/v1beta/"))
    yield google
    await google.aclose()


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────


async def test_a_submit_is_exactly_what_was_ordered(server, google):
    server.answer(SUBJECT.submitted)
    asked = {"aspect_ratio": "16:9", "image_size": "2K", "thinking_level": "high"}
    await google.submit(order(model=BANANA, parameters=asked, inputs=1), key="k", inputs=(given(),))
    (seen,) = server.seen
    assert (seen.method, seen.target) == ("POST", f"/v1beta/models/{BANANA}:generateContent")
    assert seen.headers["x-goog-api-key"] == SECRET
    data = base64.b64encode(b"a picture").decode()
    picture = {"inlineData": {"mimeType": "image/png", "data": data}}
    assert seen.json == {
        "contents": [{"role": "user", "parts": [{"text": PROMPT}, picture]}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
            "thinkingConfig": {"thinkingLevel": "HIGH"},
        },
    }


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────────


async def test_the_picture_is_the_last_one_that_is_no_draft(server, google):
    parts = (drawn("AAAA"), {"text": "better:"}, drawn("BBBB"), drawn("CCCC", thought=True))
    server.answer(Reply(body=said(*parts)))
    assert await google.submit(order(), key="k") == Finished(images=(InlineImage("BBBB"),))


@pytest.mark.parametrize(
    "reason", ["NO_IMAGE", "STOP", "IMAGE_OTHER", "MAX_TOKENS", "LANGUAGE", "A_NEW_WORD"]
)
async def test_an_answer_that_talks_instead_of_drawing_is_no_violation(server, google, reason):
    server.answer(Reply(body=said({"text": "I would rather not."}, reason=reason)))
    outcome = await google.submit(order(), key="k")
    assert isinstance(outcome, Failed)
    assert (outcome.refused, outcome.withheld, outcome.again) == (False, False, True)
    assert "rather not" not in outcome.detail


async def test_a_limited_account_is_the_operators_trouble(server, google):
    server.answer(Reply(body={"candidates": [{"finishReason": "PUP_LIMITED_DISABLED"}]}))
    error = await error_of(google.submit(order(), key="k"))
    assert (error.reached, error.trouble) == (Reached.YES, Trouble.KEY)


async def test_several_pictures_are_as_many_calls_and_each_may_end_otherwise(server, google):
    server.answer(
        Reply(body=said(drawn(), usageMetadata=USAGE)),
        Reply(body=said(reason="IMAGE_SAFETY", usageMetadata=USAGE)),
        Reply(status=429),
        Reply(cut_before=True),
    )
    outcome = await google.submit(order(images=4), key="k")
    # Nobody knows what the cut call has made: it counts as the table says.
    assert outcome == Finished(images=(InlineImage(PIXEL),), withheld=1, cost_usd_micros=2 * PAID + 39_000)


@pytest.mark.parametrize(
    ("replies", "reached"),
    [
        ((Reply(status=429), Reply(status=429)), Reached.NO),
        ((Reply(status=429), Reply(cut_before=True)), Reached.UNKNOWN),
        ((Reply(body=said(reason="IMAGE_SAFETY")), Reply(status=500)), Reached.UNKNOWN),
    ],
)
async def test_calls_that_drew_nothing_are_as_doubtful_as_the_worst_of_them(server, google, replies, reached):
    server.answer(*replies)
    assert (await error_of(google.submit(order(images=2), key="k"))).reached is reached


async def test_a_refusal_beside_an_error_is_a_refusal(server, google):
    server.answer(Reply(body={"promptFeedback": {"blockReason": "SAFETY"}}), Reply(status=429))
    outcome = await google.submit(order(images=2), key="k")
    assert isinstance(outcome, Failed)
    assert outcome.refused


# ── Errors ───────────────────────────────────────────────────────────────────────────────────────────


def error(status, *details, word=""):
    return Reply(
        status=status, body={"error": {"code": status, "message": "no", "status": word, "details": details}}
    )


@pytest.mark.parametrize(
    ("reply", "trouble", "after_s"),
    [
        (error(400, {"reason": "API_KEY_INVALID"}, word="INVALID_ARGUMENT"), Trouble.KEY, None),
        (error(400, {"reason": "OTHER"}, word="INVALID_ARGUMENT"), Trouble.ORDER, None),
        (error(400, word="FAILED_PRECONDITION"), Trouble.BALANCE, None),
        (error(429, {"retryDelay": "12.5s"}, word="RESOURCE_EXHAUSTED"), Trouble.BUSY, 12.5),
        (error(429, {"retryDelay": "soon"}, None, 5), Trouble.BUSY, None),
        (error(429, {"violations": [{"quotaId": "RequestsPerDayPerProject"}]}), Trouble.BALANCE, None),
    ],
)
async def test_what_the_details_of_an_error_tell(server, google, reply, trouble, after_s):
    server.answer(reply)
    caught = await error_of(google.submit(order(), key="k"))
    assert (caught.trouble, caught.retry_after_s) == (trouble, after_s)


# ── The account, and models that end ─────────────────────────────────────────────────────────────────


async def test_the_list_of_models_says_which_are_open(server, google):
    server.answer(
        Reply(body={"models": [{"name": "models/a"}, {"no": 1}, 5], "nextPageToken": "p2"}),
        Reply(body={"models": [{"name": "models/b"}]}),
    )
    assert await google.standing() == Standing(open_models=frozenset({"a", "b"}))
    assert [seen.query.get("pageToken") for seen in server.seen] == [None, "p2"]


async def test_a_list_without_models_closes_none(server, google):
    server.answer(Reply(body={"models": []}))
    assert (await google.standing()).open_models is None


async def test_an_answers_word_on_its_models_end_is_told(server, google):
    status = {"modelStage": "DEPRECATED", "retirementTime": "2027-03-15T07:00:00Z", "message": "Use another."}
    server.answer(
        Reply(body=said(drawn(), modelStatus=status)), Reply(body={"models": [{"name": "models/a"}]})
    )
    await google.submit(order(), key="k")
    standing = await google.standing()
    assert standing.ends == {MODEL: date(2027, 3, 15)}
    assert standing.advice == f"{MODEL}: deprecated Use another."


@pytest.mark.parametrize(
    "status", [{"retirementTime": "0001-01-01T00:00:00Z"}, {"retirementTime": 5}, [], "?"]
)
async def test_a_day_that_is_none_ends_nothing(server, google, status):
    server.answer(
        Reply(body=said(drawn(), modelStatus=status)), Reply(body={"models": [{"name": "models/a"}]})
    )
    await google.submit(order(), key="k")
    assert (await google.standing()).ends == {}


# ── Against a strict local service, which the official SDK proves ────────────────────────────────────


@pytest.fixture
async def service():
    async with local.gemini() as service:
        yield service


def drawn_by_the_sdk(url: str) -> tuple[bytes, set[str]]:
    """What the official SDK understands of the service: a picture, and the names of the models."""
    from google import genai
    from google.genai import errors as genai_errors
    from google.genai import types as genai_types

    options = genai_types.HttpOptions(base_url=url.removesuffix("/v1beta"), api_version="v1beta")
    config = genai_types.GenerateContentConfig(
        response_modalities=["IMAGE"],
        image_config=genai_types.ImageConfig(aspect_ratio="16:9", image_size="2K"),
        thinking_config=genai_types.ThinkingConfig(thinking_level=genai_types.ThinkingLevel.HIGH),
    )
    picture = genai_types.Part.from_bytes(data=png(7), mime_type="image/png")
    text = genai_types.Part.from_text(text="a red fox")
    contents = genai_types.Content(role="user", parts=[text, picture])
    with genai.Client(api_key=local.KEY, http_options=options) as sdk:
        answer = sdk.models.generate_content(model=BANANA, contents=contents, config=config)
        with pytest.raises(genai_errors.ClientError) as caught:
            sdk.models.generate_content(model="gemini-1-image", contents="a fox", config=config)
        names = {str(model.name).removeprefix("models/") for model in sdk.models.list()}
    assert caught.value.code == 404
    blobs = [part.inline_data for part in answer.parts or () if part.inline_data and not part.thought]
    return there(blobs[-1]).data or b"", names


async def test_the_official_sdk_and_the_provider_read_the_same_service(service):
    picture, names = await asyncio.to_thread(drawn_by_the_sdk, service.url)
    google = open_google(GoogleSettings(base_url=service.url, api_key=SecretStr(local.KEY)))
    asked = {"aspect_ratio": "16:9", "image_size": "2K", "thinking_level": "high"}
    ours = await google.submit(
        order(model=BANANA, prompt="a red fox", parameters=asked, inputs=1),
        key="k",
        inputs=(given(png(7)),),
    )
    standing = await google.standing()
    await google.aclose()

    first, second = service.calls
    assert first == second, "what we send is what the SDK sends"
    assert isinstance(ours, Finished)
    (image,) = ours.images
    assert isinstance(image, InlineImage)
    assert base64.b64decode(image.data) == picture == png(2)
    assert standing.open_models == frozenset(names)


async def test_the_local_service_refuses_what_the_real_one_refuses(service):
    google = open_google(GoogleSettings(base_url=service.url, api_key=SecretStr(local.KEY)))
    for asked in ({"image_size": "512"}, {"aspect_ratio": "5:3"}, {"thinking_level": "most"}):
        with pytest.raises(ProviderError) as caught:
            await google.submit(order(model=BANANA, parameters=asked), key="k")
        assert caught.value.trouble is Trouble.ORDER
    await google.aclose()


async def test_every_value_of_the_catalogue_is_taken(service):
    google = open_google(GoogleSettings(base_url=service.url, api_key=SecretStr(local.KEY)))
    for model in google.models:
        if model.id not in local.MODELS:
            continue  # it has ended there
        for name, values in model.parameters.items():
            for value in values:
                outcome = await google.submit(order(model=model.id, parameters={name: value}), key="k")
                assert isinstance(outcome, Finished), (model.id, name, value)
                sent = str(service.calls[-1]["generationConfig"])
                assert value.lower() in sent.lower(), (model.id, name, value)
    await google.aclose()


async def test_with_this_key_alone_the_house_draws(service, tmp_path, monkeypatch):
    section = {"base_url": service.url, "api_key": local.KEY}
    async with ground.running(tmp_path, providers={"google": section}) as studio:
        job = await studio.over(await studio.imagine("a red fox --ar 16:9 --n 2 --model nano-banana-2.1"))
        assert (job.state, job.order.provider, len(job.images)) == (State.FINISHED, "google", 2)
        # By tokens: 10 x 1.5 + 205 x 7.5 + 1120 x 30, a picture.
        assert job.cost_usd_micros == 2 * 35_152
        row = await row_of(studio.house, studio.house.providers["google"])
        assert row["ok"]
        assert "gemini-3.1-flash-image" in row["fix"], "of which the service's own list knows nothing"
        monkeypatch.setattr(local, "KEY", "another")
        row = await row_of(studio.house, studio.house.providers["google"])
        assert (row["name"], row["ok"]) == ("google", False)
        assert "key" in row["fix"]
