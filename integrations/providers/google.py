"""Google's Gemini image models: one call a picture, answered at once, with refusals that look like success."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import cast
from urllib.parse import quote

import httpx
import pydantic

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Model, Order
from bot.provider import Failed, Finished, InlineImage, Input, Outcome, Standing
from integrations.providers import _forms, _json, _models, _wire, _words
from integrations.providers._settings import ProviderSettings
from integrations.providers._together import together

NAME = "google"
BASE_URL = "https://generativelanguage.googleapis.com/v1beta"

# Why a call ended, as the service names it; every name that stands nowhere here is a failure worth one more call.
PICTURE_REFUSED = frozenset(
    {
        "SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT",
        "RECITATION", "IMAGE_RECITATION", "ESCALATION",
    }
)  # fmt: skip
ACCOUNT_LIMITED = "PUP_LIMITED_DISABLED"
ENDING = frozenset({"LEGACY", "DEPRECATED", "RETIRED"})

_MODELS_BODY_BYTES = 4 * 1024 * 1024
_PAGES_MAX = 5
_BAD_REQUEST, _FORBIDDEN, _TOO_MANY = 400, 403, 429
_DAY = re.compile(r"20[2-9]\d-\d\d-\d\d(?=T|$)")
_SECONDS = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s")


class GoogleSettings(ProviderSettings, frozen=True):
    """The section [providers.google] of the configuration."""

    base_url: str = pydantic.Field(default=BASE_URL, description="Where the Gemini API is.")
    timeout_s: float = pydantic.Field(
        default=300.0, gt=0, le=3600, description="How long a picture may take; 4K takes minutes."
    )


def open_google(settings: GoogleSettings, *, client: httpx.AsyncClient | None = None) -> "Google":
    """The Gemini API as configured, on a client of its own unless one is given."""
    return Google(client or _wire.open_client(connections=settings.connections), settings)


class Google:
    """Translates orders into calls of generateContent, and their answers into ours."""

    def __init__(self, client: httpx.AsyncClient, settings: GoogleSettings) -> None:
        self._wire = _wire.Wire(client, connections=settings.connections)
        self._settings = settings
        self._key = settings.key
        self._catalogue = _models.load("google_models.toml", provider=NAME)
        self._ends: dict[str, date] = {}  # what answers told of their models, by the service's names
        self._notices: dict[str, str] = {}

    @property
    def name(self) -> str:
        return NAME

    @property
    def models(self) -> Sequence[Model]:
        return self._catalogue.models

    @property
    def honours_keys(self) -> bool:
        return False

    @property
    def polls_per_s(self) -> float:
        return self._settings.polls_per_s

    async def submit(
        self,
        order: Order,
        *,
        key: str,  # noqa: ARG002  # the service knows none
        inputs: Sequence[Input] = (),
        webhook: str = "",  # noqa: ARG002  # it calls nobody
    ) -> Outcome:
        """A call a picture, side by side; each is billed, and may fail, by itself."""
        body = await _body(order, inputs)
        calls = [self._draw(order, body) for _ in range(order.images)]
        return together(await asyncio.gather(*calls), each_usd_micros=order.usd_micros_each)

    async def poll(self, operation: str, *, order: Order) -> Outcome:  # noqa: ARG002  # there are none
        """The service answers at once."""
        raise ProviderError("the service knows no operations", reached=Reached.YES)

    async def cancel(self, operation: str, *, order: Order) -> None:
        """A call can't be stopped; one that is cut is billed all the same."""

    async def standing(self) -> Standing:
        """By the list of models, and what answers told of their models' ends. The account itself is not told."""
        names: set[str] = set()
        page = ""
        for _ in range(_PAGES_MAX):
            answer = await self._wire.get(
                self._settings.url("models"),
                params={"pageSize": "1000"} | ({"pageToken": page} if page else {}),
                headers=self._headers(),
                within_s=self._settings.poll_timeout_s,
                limit_bytes=_MODELS_BODY_BYTES,
                hidden=(self._key,),
            )
            if not answer.good:
                raise _error(answer)
            told = await _wire.json_of(answer)
            names |= {_text(one, "name").removeprefix("models/") for one in _objects(told.get("models"))}
            page = _text(told, "nextPageToken")
            if not page:
                break
        # A list that was cut, or that is none, closes no model.
        known = frozenset(names - {""}) if names and not page else None
        advice = "; ".join(f"{name}: {notice}" for name, notice in sorted(self._notices.items()))
        return Standing(open_models=known, ends=dict(self._ends), advice=advice)

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _draw(self, order: Order, body: Mapping[str, object]) -> Finished | Failed | ProviderError:
        """One picture; an error is handed over, since the calls beside it may have done better."""
        try:
            answer = await self._wire.post(
                self._settings.url(f"models/{quote(order.wire_name, safe='')}:generateContent"),
                body=body,
                headers=self._headers(),
                within_s=self._settings.timeout_s,
                hidden=(self._key, order.prompt),
            )
            if not answer.good:
                return _error(answer)
            told = await _wire.json_of(answer)
            self._note_end(order.wire_name, told.get("modelStatus"))
            return _read(told, answer, self._cost_usd_micros(order, told.get("usageMetadata")))
        except ProviderError as error:
            return error

    def _headers(self) -> dict[str, str]:
        return {"x-goog-api-key": self._key} if self._key else {}

    def _note_end(self, model: str, status: object) -> None:
        """Remembers what an answer says of its model's life: the list of models doesn't tell."""
        if not isinstance(status, dict):
            return
        if day := _day(_text(status, "retirementTime")):
            self._ends[model] = day
        if (stage := _text(status, "modelStage")) in ENDING:
            self._notices[model] = _words.clean(f"{stage.lower()} {_text(status, 'message')}")
        elif stage:
            self._notices.pop(model, None)

    def _cost_usd_micros(self, order: Order, usage: object) -> int | None:
        """By the tokens of an answer, refusals included; None where it doesn't tell them."""
        tokens = self._catalogue.tokens.get(order.model)
        if tokens is None or not isinstance(usage, dict) or not usage:
            return None
        made = _tokens(usage, "candidatesTokenCount")
        details = _objects(usage.get("candidatesTokensDetails"))
        image = sum(_tokens(one, "tokenCount") for one in details if _text(one, "modality") == "IMAGE")
        # Without details all that was made is a picture, which is the dearer reading.
        image = min(image, made) if details else made
        return tokens.usd_micros(
            text_in=_tokens(usage, "promptTokenCount"),
            text_out=_tokens(usage, "thoughtsTokenCount") + made - image,
            image_out=image,
        )


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────


async def _body(order: Order, inputs: Sequence[Input]) -> dict[str, object]:
    given = [
        {"inlineData": {"mimeType": one.media_type, "data": await _forms.base64_of(one.data)}}
        for one in _forms.parted(inputs)[0]
    ]
    asked = order.parameters
    image = {
        theirs: str(asked[ours])
        for ours, theirs in (("aspect_ratio", "aspectRatio"), ("image_size", "imageSize"))
        if ours in asked
    }
    config: dict[str, object] = {"responseModalities": ["IMAGE"]}
    if image:
        config["imageConfig"] = image
    if "thinking_level" in asked:
        config["thinkingConfig"] = {"thinkingLevel": str(asked["thinking_level"]).upper()}
    contents = [{"role": "user", "parts": [{"text": order.prompt}, *given]}]
    return {"contents": contents, "generationConfig": config}


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────────


def _read(
    told: Mapping[str, object], answer: _wire.Reply, cost: int | None
) -> Finished | Failed | ProviderError:
    """One call's answer: HTTP 200, whatever became of it."""
    reason, words = _ending(told, answer)
    if reason == ACCOUNT_LIMITED:
        return ProviderError(
            f"the account is limited for abuse: {words}", reached=Reached.YES, trouble=Trouble.KEY
        )
    if reason in PICTURE_REFUSED:
        return Failed(detail=words, refused=True, withheld=True, cost_usd_micros=cost)
    candidates = told.get("candidates")
    if not candidates and _is_about_this(told):
        return Failed(detail=words or "an answer without candidates", refused=True, cost_usd_micros=cost or 0)
    if not isinstance(candidates, list):
        return _wire.unreadable(answer, "holds no candidates")
    picture = _picture(candidates)
    if picture is None:
        return Failed(detail=f"no picture came: {words}", again=True, cost_usd_micros=cost)
    return Finished(images=(InlineImage(picture),), cost_usd_micros=cost)


def _is_about_this(told: Mapping[str, object]) -> bool:
    """Whether an answer without candidates is one of generateContent at all."""
    return any(name in told for name in ("candidates", "promptFeedback", "usageMetadata", "responseId"))


def _ending(told: Mapping[str, object], answer: _wire.Reply) -> tuple[str, str]:
    """Why the first candidate ended, and the service's words for it and for the prompt."""
    first = next(iter(_objects(told.get("candidates"))), {})
    feedback = told.get("promptFeedback")
    feedback = feedback if isinstance(feedback, dict) else {}
    reason = _text(first, "finishReason")
    said = (
        reason,
        _text(first, "finishMessage"),
        _text(feedback, "blockReason"),
        _text(feedback, "blockReasonMessage"),
    )
    return reason, _words.clean(" ".join(filter(None, said)), answer.hidden)


def _picture(candidates: Sequence[object]) -> str | None:
    """The last picture that is no draft; drafts are thoughts."""
    found: str | None = None
    for candidate in _objects(candidates):
        content = candidate.get("content")
        for part in _objects(content.get("parts") if isinstance(content, dict) else None):
            inline = part.get("inlineData")
            data = inline.get("data") if isinstance(inline, dict) else None
            if isinstance(data, str) and data and part.get("thought") is not True:
                found = data
    return found


# ── Errors ───────────────────────────────────────────────────────────────────────────────────────────


def _error(answer: _wire.Reply) -> ProviderError:
    """A bad key is a 400 here, as is an account without billing; a day's quota is a 429 that no patience mends."""
    value = _json.loads(answer.body)
    error = value.get("error") if isinstance(value, dict) else None
    error = error if isinstance(error, dict) else {}
    details = _objects(error.get("details"))
    return _wire.error_of(answer, trouble=_trouble(answer.status, error, details), after_s=_delay_s(details))


def _trouble(
    status: int, error: Mapping[str, object], details: Sequence[Mapping[str, object]]
) -> Trouble | None:
    if status == _FORBIDDEN or (status == _BAD_REQUEST and _names(details, "reason", "API_KEY_INVALID")):
        return Trouble.KEY
    if status == _BAD_REQUEST and error.get("status") == "FAILED_PRECONDITION":
        return Trouble.BALANCE
    violations = [one for detail in details for one in _objects(detail.get("violations"))]
    if status == _TOO_MANY and any("perday" in _text(one, "quotaId").lower() for one in violations):
        return Trouble.BALANCE
    return None


def _names(details: Sequence[Mapping[str, object]], name: str, value: str) -> bool:
    return any(detail.get(name) == value for detail in details)


def _delay_s(details: Sequence[Mapping[str, object]]) -> float | None:
    """`"retryDelay": "12s"`; bounded."""
    for detail in details:
        if match := _SECONDS.fullmatch(_text(detail, "retryDelay")):
            return min(float(match[1]), _wire.RETRY_AFTER_MAX_S)
    return None


# ── Reading foreign values ───────────────────────────────────────────────────────────────────────────


def _objects(value: object) -> list[dict[str, object]]:
    items = value if isinstance(value, list) else []
    return [cast("dict[str, object]", item) for item in items if isinstance(item, dict)]


def _text(value: Mapping[str, object], name: str) -> str:
    found = value.get(name)
    return found if isinstance(found, str) else ""


def _tokens(value: Mapping[str, object], name: str) -> int:
    found = value.get(name)
    return max(found, 0) if isinstance(found, int) and not isinstance(found, bool) else 0


def _day(text: str) -> date | None:
    match = _DAY.match(text)
    try:
        return date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None
