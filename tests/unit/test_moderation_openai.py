"""Laws of the layer that asks OpenAI's omni-moderation, against a strict stand-in of the service."""

import base64
import io
import json

import pytest
from PIL import Image

from bot.errors import ConfigError, ProviderError, Trouble
from bot.ports import Policy, Severity
from integrations.moderation.openai import open_openai
from tests.fakes import openai_moderation

STRICT, STANDARD, RELAXED = (Policy(level=level) for level in ("strict", "standard", "relaxed"))


def picture(kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "tomato").save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
async def service():
    async with openai_moderation.running() as running:
        yield running


@pytest.fixture
async def layer(service):
    opened = layer_of(service)
    yield opened
    await opened.aclose()


def layer_of(service, **options):
    """It asks again at once, so that no test waits."""
    given = {"base_url": service.url, "api_key": openai_moderation.KEY, "timeout_s": 120, **options}
    return open_openai(given, rest_s=0.0)


async def test_a_harmless_prompt_is_allowed(layer):
    assert Severity.ALLOW is (await layer.judge_prompt("a red fox", STRICT)).severity


@pytest.mark.parametrize(
    ("policy", "severity"),
    [(STRICT, Severity.REFUSE), (STANDARD, Severity.REFUSE), (RELAXED, Severity.SPOILER)],
)
async def test_the_level_decides_what_a_score_means(layer, service, policy, severity):
    service.scores = {"sexual": 0.7}
    verdict = await layer.judge_prompt("x", policy)
    assert (severity, "sexual", "openai") == (verdict.severity, verdict.category, verdict.layer)


async def test_what_was_told_of_the_same_words_or_picture_is_not_asked_again(layer, service):
    service.scores = {"sexual": 0.7}
    said = [(await layer.judge_prompt("x", policy)).severity for policy in (STANDARD, STANDARD, RELAXED)]
    assert said == [Severity.REFUSE, Severity.REFUSE, Severity.SPOILER], "the level is asked each time"
    for kind in ("PNG", "PNG", "GIF"):
        await layer.judge_image(picture(kind), "x", STANDARD)
    assert len(service.asked) == 1 + 2
    await layer.check()
    assert len(service.asked) == 4, "a check asks"


async def test_what_is_remembered_is_bounded(layer, service, monkeypatch):
    layer._omni._told._most = 2
    for words in ("a", "b", "c", "c", "a"):
        await layer.judge_prompt(words, STANDARD)
    assert [body["input"] for body in service.asked] == ["a", "b", "c", "a"]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_what_may_pass_is_asked_once_more(layer, service, status):
    service.failures = [status]
    assert (await layer.judge_prompt("x", STRICT)).severity is Severity.ALLOW
    service.failures = [status, status]
    with pytest.raises(ProviderError):
        await layer.judge_prompt("y", STRICT)
    assert (await layer.judge_prompt("y", STRICT)).severity is Severity.ALLOW, "a failure is not remembered"
    assert len(service.asked) == 2 + 2 + 1


async def test_what_won_t_pass_is_asked_once(layer, service):
    service.status = 401
    with pytest.raises(ProviderError):
        await layer.judge_prompt("x", STRICT)
    assert len(service.asked) == 1


async def test_a_pause_that_is_longer_than_the_time_ends_it_and_holds_the_next_back(layer, service):
    service.failures, service.retry_after = [429], "3600"
    for words in ("x", "y"):
        with pytest.raises(ProviderError) as caught:
            await layer.judge_prompt(words, STANDARD)
        assert caught.value.trouble is Trouble.BUSY
    assert len(service.asked) == 1


async def test_beyond_what_the_account_may_ask_it_is_tried_until_a_refusal(service):
    small = layer_of(service, requests_per_minute=2)
    for words in "abc":
        await small.judge_prompt(words, STANDARD)
    service.failures, service.retry_after = [429], "1000"
    for words in "de":
        with pytest.raises(ProviderError):
            await small.judge_prompt(words, STANDARD)
    await small.aclose()
    assert len(service.asked) == 3 + 1


async def test_a_large_picture_is_sent_small(layer, service):
    buffer = io.BytesIO()
    Image.new("RGB", (1600, 1200), "tomato").save(buffer, "PNG")
    await layer.judge_image(buffer.getvalue(), "x", STANDARD)
    sent = base64.b64decode(service.asked[0]["input"][0]["image_url"]["url"].partition(",")[2])
    assert max(Image.open(io.BytesIO(sent)).size) == 768


async def test_minors_are_refused_at_every_level(layer, service):
    service.scores = {"sexual": 0.3, "sexual/minors": 0.3}
    for policy in (STRICT, STANDARD, RELAXED):
        verdict = await layer.judge_prompt("x", policy)
        assert (verdict.severity, verdict.category) == (Severity.REFUSE, "minors")


async def test_a_category_of_tomorrow_counts_as_its_family(layer, service):
    service.scores = {"sexual/of-tomorrow": 0.9, "weather": 1.0}
    assert (await layer.judge_prompt("x", STANDARD)).category == "sexual"


async def test_insults_count_only_where_the_community_says_so(layer, service):
    service.scores = {"harassment": 0.95}
    assert Severity.ALLOW is (await layer.judge_prompt("x", STANDARD)).severity
    assert Severity.REFUSE is (await layer.judge_prompt("x", Policy(insults=False))).severity


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
async def test_a_picture_is_sent_alone_and_withheld_without_blame(layer, service, kind):
    service.scores = {"violence/graphic": 0.9}
    verdict = await layer.judge_image(picture(kind), "x", STANDARD)
    assert (verdict.severity, verdict.category, verdict.strike) == (Severity.WITHHOLD, "violence", False)
    assert len(service.asked[0]["input"]) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"null", b"[]", b"{}", b'{"results": []}', b'{"results": [{"flagged": false}]}',
        b'{"results": [{"flagged": false, "category_scores": {}}]}',
        b'{"results": [{"flagged": false, "category_scores": {"sexual": 7}}]}',
        b'{"results": [{"flagged": false, "category_scores": {"sexual": "NaN"}}]}',
        b"<html>", b"\xff\xfe", json.dumps({"results": "x" * 2_000_000}).encode(),
    ],
    ids=str,
)  # fmt: skip
async def test_a_malformed_answer_is_an_error_never_a_yes(layer, service, raw):
    service.raw = raw
    with pytest.raises(ProviderError):
        await layer.judge_prompt("x", RELAXED)


@pytest.mark.parametrize(
    ("status", "trouble"),
    [(429, Trouble.BUSY), (503, Trouble.BUSY), (500, Trouble.BROKEN), (401, Trouble.KEY), (404, Trouble.MODEL_CLOSED), (400, Trouble.ORDER)],
)  # fmt: skip
async def test_a_status_says_what_the_operator_must_know(layer, service, status, trouble):
    service.status = status
    with pytest.raises(ProviderError) as caught:
        await layer.judge_prompt("x", STANDARD)
    assert trouble is caught.value.trouble


async def test_a_service_that_is_gone_is_an_error():
    gone = open_openai({"base_url": "http://127.0.0.1:1", "api_key": "k", "timeout_s": 1}, rest_s=0.0)
    with pytest.raises(ProviderError):
        await gone.judge_prompt("x", STANDARD)
    await gone.aclose()


def test_a_missing_key_names_its_place_in_the_configuration():
    with pytest.raises(ConfigError, match=r"moderation\.options\.openai\] api_key"):
        open_openai({})


async def test_the_key_is_in_no_text_of_the_layer(layer):
    assert openai_moderation.KEY not in repr(vars(layer))


async def test_the_check_says_whether_the_service_answers_and_what_to_do(layer, service):
    assert (await layer.check())[0]
    service.status = 429
    ok, detail, fix = await layer.check()
    assert (ok, "429" in detail, "quota" in fix) == (False, True, True)
    wrong = open_openai({"base_url": service.url, "api_key": "sk-wrong"})
    ok, _, fix = await wrong.check()
    assert (ok, "api_key" in fix) == (False, True)
    assert "sk-wrong" not in repr(await wrong.check())
    await wrong.aclose()


async def test_the_check_of_a_service_that_is_not_there_says_so():
    nowhere = open_openai({"base_url": "http://127.0.0.1:9/v1", "api_key": "k"}, rest_s=0.0)
    ok, _, fix = await nowhere.check()
    assert (ok, "base_url" in fix) == (False, True)
    await nowhere.aclose()
