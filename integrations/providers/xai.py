"""xAI's Grok Imagine: drawn and edited while one waits; each answer tells what it cost, refusals too."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence

import pydantic

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Model, Order
from bot.provider import Failed, Finished, InlineImage, Input, Outcome, RemoteImage, Standing
from integrations.providers import _forms, _json, _models, _openai, _wire
from integrations.providers._settings import ProviderSettings

NAME = "xai"
BASE_URL = "https://api.x.ai/v1"

_TICKS_A_USD_MICRO = 10_000  # 10,000,000,000 of them are a US dollar
_BLOCKED = ("api_key_blocked", "api_key_disabled", "team_blocked")
_NO_MONEY = ("credits", "spending limit", "billing")
_BAD_REQUEST, _FORBIDDEN, _TOO_MANY = 400, 403, 429


class XAISettings(ProviderSettings, frozen=True):
    """The section [providers.xai] of the configuration."""

    base_url: str = pydantic.Field(default=BASE_URL, description="Where xAI's service is.")
    api_key: pydantic.SecretStr = pydantic.Field(
        default=pydantic.SecretStr(""), description="A key of xAI, `xai-...`, that may use images."
    )
    timeout_s: float = pydantic.Field(
        default=360.0, gt=0, le=3600, description="How long pictures may take; large ones take over a minute."
    )


def open_xai(settings: XAISettings) -> "XAI":
    """The service xAI as configured."""
    return XAI(_wire.Wire(connections=settings.connections), settings)


class XAI:
    """Translates orders into xAI's requests, and its answers into ours."""

    def __init__(self, wire: _wire.Wire, settings: XAISettings) -> None:
        self._wire = wire
        self._settings = settings
        self._models = _models.load("xai_models.toml", provider=NAME).models

    @property
    def name(self) -> str:
        return NAME

    @property
    def models(self) -> Sequence[Model]:
        return self._models

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
        key: str,  # noqa: ARG002  # it knows none
        inputs: Sequence[Input] = (),
        webhook: str = "",  # noqa: ARG002  # it answers at once
    ) -> Outcome:
        answer = await self._wire.post(
            # Pictures that are sent to the other place are dropped without a word, and billed.
            self._settings.url("images/edits" if inputs else "images/generations"),
            body=await _body(order, inputs),
            headers=_openai.bearer(self._settings.key),
            within_s=self._settings.timeout_s,
            hidden=(self._settings.key, order.prompt),
        )
        if not answer.good:
            return _refusal_or_raise(answer)
        return _read(await _wire.json_of(answer), answer, order)

    async def poll(self, operation: str, *, order: Order) -> Outcome:  # noqa: ARG002  # there are none
        raise ProviderError("nothing goes on behind an answer", reached=Reached.YES, trouble=Trouble.BROKEN)

    async def cancel(self, operation: str, *, order: Order) -> None:
        """Nothing stops what was asked for."""

    async def standing(self) -> Standing:
        """Raises where the key is wrong or blocked; the list of models is told as far as it is there."""
        key, listed = await asyncio.gather(self._look("api-key"), self._look("image-generation-models"))
        if not key.good:
            raise _error(key)
        told = await _wire.json_of(key)
        if blocked := [name for name in _BLOCKED if told.get(name) is True]:
            raise ProviderError(", ".join(blocked), reached=Reached.YES, trouble=Trouble.KEY)
        return Standing(open_models=_names(await _json.read(listed.body)) if listed.good else None)

    async def _look(self, path: str) -> _wire.Reply:
        return await self._wire.get(
            self._settings.url(path),
            headers=_openai.bearer(self._settings.key),
            within_s=self._settings.poll_timeout_s,
            hidden=(self._settings.key,),
        )

    async def aclose(self) -> None:
        await self._wire.aclose()


async def _body(order: Order, inputs: Sequence[Input]) -> dict[str, object]:
    pictures = [
        {"url": await _forms.data_uri_of(given), "type": "image_url"} for given in _forms.parted(inputs)[0]
    ]
    named: dict[str, object] = {}
    if pictures:
        named = {"images": pictures} if len(pictures) > 1 else {"image": pictures[0]}
    asked = {"model": order.wire_name, "prompt": order.prompt, "n": order.images}
    return {**order.parameters, **asked, "response_format": "b64_json", **named}


# ── Reading answers ──────────────────────────────────────────────────────────────────────────────────


def _read(value: Mapping[str, object], answer: _wire.Reply, order: Order) -> Outcome:
    data, cost = value.get("data"), _cost(value)
    slots = data if isinstance(data, list) else []
    shown = tuple(picture for slot in slots if (picture := _shown(slot)) is not None)
    if shown:
        # Fewer than were asked for: the others were kept back.
        return Finished(images=shown, withheld=max(order.images - len(shown), 0), cost_usd_micros=cost)
    if _openai.holds_nothing(value) or any(map(_is_kept_back, slots)):
        detail = "every picture was kept back"
        return Failed(detail=detail, refused=True, withheld=True, cost_usd_micros=cost)
    if not data and value.get("block_reason"):
        return Failed(detail="the order was blocked", refused=True, cost_usd_micros=cost)
    raise _wire.unreadable(answer, "holds no pictures")


def _is_kept_back(slot: object) -> bool:
    return isinstance(slot, dict) and slot.get("respect_moderation") is False


def _shown(slot: object) -> InlineImage | RemoteImage | None:
    """The picture of a slot; a refused one may hold bytes all the same, which nobody shall see."""
    return None if _is_kept_back(slot) else _openai.picture_of(slot)


def _cost(value: Mapping[str, object]) -> int | None:
    usage = _openai.part(value, "usage")
    if "cost_in_usd_ticks" not in usage:
        return None
    return round(_openai.count(usage, "cost_in_usd_ticks") / _TICKS_A_USD_MICRO)


def _refusal_or_raise(answer: _wire.Reply) -> Failed:
    said = _openai.complaint_in(answer)
    moderated = answer.status == _BAD_REQUEST and "content moderation" in said.words
    what = "picture" if moderated or "content-moderated" in said.code else _wire.refusal_of(answer)
    if what is None:
        raise _error(answer)
    return _openai.refused(answer, what, cost_usd_micros=_cost(said.whole))


def _error(answer: _wire.Reply) -> ProviderError:
    words = _openai.complaint_in(answer).words
    if answer.status == _BAD_REQUEST and "incorrect api key" in words:
        return _wire.error_of(answer, reached=Reached.YES, trouble=Trouble.KEY)
    if answer.status in (_FORBIDDEN, _TOO_MANY) and any(word in words for word in _NO_MONEY):
        return _wire.error_of(answer, reached=Reached.YES, trouble=Trouble.BALANCE)
    return _wire.error_of(answer)


def _names(value: object) -> frozenset[str] | None:
    """The ids of the list, and what else they are called."""
    models = value.get("models") if isinstance(value, dict) else None
    return frozenset(_each_name(models)) if isinstance(models, list) else None


def _each_name(models: Sequence[object]) -> Iterator[str]:
    for one in models:
        if isinstance(one, dict):
            aliases = one.get("aliases")
            names = [one.get("id"), *(aliases if isinstance(aliases, list) else ())]
            yield from (name for name in names if isinstance(name, str))
