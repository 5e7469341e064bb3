"""OpenAI's images: drawn and edited while one waits, billed by the token."""

import re
from collections.abc import Mapping, Sequence
from datetime import date

import pydantic

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Model, Order
from bot.provider import Failed, Finished, Input, Outcome, Standing
from integrations.providers import _forms, _json, _models, _openai, _wire
from integrations.providers._settings import ProviderSettings

NAME = "openai"
BASE_URL = "https://api.openai.com/v1"

_LIST_BYTES = 4 * 1024 * 1024
_SLOW = {("size", "3840x2160"), ("quality", "max")}  # what takes minutes
_SLOW_TIMES = 2
_TOO_MANY = 429
_SERVER_ERROR = 500
_NO_MONEY = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_REFUSALS = frozenset({"moderation_blocked", "content_policy_violation"})
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────


class OpenAISettings(ProviderSettings, frozen=True):
    """The section [providers.openai] of the configuration."""

    base_url: str = pydantic.Field(
        default=BASE_URL, description="Where OpenAI's service is, or one that speaks as it does."
    )
    api_key: pydantic.SecretStr = pydantic.Field(
        default=pydantic.SecretStr(""),
        description="A key of OpenAI, `sk-...`, that may use images and list models.",
    )


def open_openai(settings: OpenAISettings) -> "OpenAI":
    """OpenAI as configured."""
    return OpenAI(_wire.Wire(connections=settings.connections), settings)


# ── The provider ─────────────────────────────────────────────────────────────────────────────────────


class OpenAI:
    """Translates orders into OpenAI's requests, and its answers into ours."""

    def __init__(self, wire: _wire.Wire, settings: OpenAISettings) -> None:
        self._wire = wire
        self._settings = settings
        self._catalogue = _models.load("openai_models.toml", provider=NAME)

    @property
    def name(self) -> str:
        return NAME

    @property
    def models(self) -> Sequence[Model]:
        return self._catalogue.models

    @property
    def honours_keys(self) -> bool:
        return False  # it documents no idempotency, and its list of what was made doesn't exist

    @property
    def polls_per_s(self) -> float:
        return self._settings.polls_per_s

    async def submit(
        self,
        order: Order,
        *,
        key: str,
        inputs: Sequence[Input] = (),
        webhook: str = "",  # noqa: ARG002  # it answers at once
    ) -> Outcome:
        answer = await self._asked(order, inputs, key)
        if not answer.good:
            return _refusal_or_raise(answer)
        return self._read(await _wire.json_of(answer), answer, order)

    async def _asked(self, order: Order, inputs: Sequence[Input], key: str) -> _wire.Reply:
        body: dict[str, str | int] = {
            **order.parameters, "model": order.wire_name, "prompt": order.prompt, "n": order.images,
        }  # fmt: skip
        slow = _SLOW & set(order.parameters.items())
        within_s = self._settings.timeout_s * (_SLOW_TIMES if slow else 1)
        hidden = (self._settings.key, order.prompt)
        if not inputs:
            return await self._wire.post(
                self._settings.url("images/generations"),
                body=body,
                headers=_openai.bearer(self._settings.key),
                within_s=within_s,
                hidden=hidden,
            )
        pictures, mask = _forms.parted(inputs)
        field = "image" if len(pictures) == 1 else "image[]"
        files = [(field, _forms.file_of(given)) for given in pictures]
        if mask is not None:  # there what is see-through may change
            files.append(("mask", _forms.file_of(await _forms.clear_of(mask))))
        return await self._wire.post_form(
            self._settings.url("images/edits"),
            form=_forms.form(
                {name: str(value) for name, value in body.items()},
                files,
                key=key,
            ),
            headers=_openai.bearer(self._settings.key),
            within_s=within_s,
            hidden=hidden,
        )

    def _read(self, value: Mapping[str, object], answer: _wire.Reply, order: Order) -> Outcome:
        cost = self._cost(value, order)
        images = _openai.pictures_of(value.get("data"))
        if images:
            return Finished(images=tuple(images), cost_usd_micros=cost)
        if _openai.holds_nothing(value):
            return Failed(
                detail="an answer without pictures", refused=True, withheld=True, cost_usd_micros=cost
            )
        raise _wire.unreadable(answer, "holds no pictures")

    def _cost(self, value: Mapping[str, object], order: Order) -> int | None:
        """What the tokens cost that were used; a picture's are dearer than a text's, so that is what is unnamed."""
        usage, tokens = _openai.part(value, "usage"), self._catalogue.tokens.get(order.model)
        if tokens is None or not usage:
            return None
        told, made = _openai.part(usage, "input_tokens_details"), _openai.part(usage, "output_tokens_details")
        came, went = _openai.count(usage, "input_tokens"), _openai.count(usage, "output_tokens")
        text_in = _openai.count(told, "text_tokens") if told or order.inputs else came
        image_in = _openai.count(told, "image_tokens") if told else came - text_in
        text_out = min(_openai.count(made, "text_tokens"), went)
        return tokens.usd_micros(
            text_in=text_in, image_in=image_in, text_out=text_out, image_out=went - text_out
        )

    async def poll(self, operation: str, *, order: Order) -> Outcome:  # noqa: ARG002  # there are none
        raise ProviderError("nothing goes on behind an answer", reached=Reached.YES, trouble=Trouble.BROKEN)

    async def cancel(self, operation: str, *, order: Order) -> None:
        """Nothing stops what was asked for."""

    async def standing(self) -> Standing:
        answer = await self._wire.get(
            self._settings.url("models"),
            headers=_openai.bearer(self._settings.key),
            within_s=self._settings.poll_timeout_s,
            limit_bytes=_LIST_BYTES,
            hidden=(self._settings.key,),
        )
        if answer.good:
            return _standing(await _json.read(answer.body))
        if "missing scopes" in _wire.detail_of(answer).lower():
            return Standing(
                advice="the key may not list models: allow it to, so that closed and ended ones are seen"
            )
        raise _error(answer)

    async def aclose(self) -> None:
        await self._wire.aclose()


# ── Reading answers ──────────────────────────────────────────────────────────────────────────────────


def _refusal_or_raise(answer: _wire.Reply) -> Failed:
    said = _openai.complaint_in(answer)
    what = _wire.refusal_of(answer)
    if said.code in _REFUSALS or what is not None:
        stage = _openai.part(said.body, "moderation_details").get("moderation_stage")
        kept_back = stage == "output" or (stage is None and what == "picture")
        # Whether a refusal is billed isn't told: nothing is booked.
        return _openai.refused(answer, "picture" if kept_back else "prompt", cost_usd_micros=0)
    raise _error(answer)


def _error(answer: _wire.Reply) -> ProviderError:
    said = _openai.complaint_in(answer)
    again = answer.headers.get("x-should-retry", "").lower()
    too_many = answer.status == _TOO_MANY
    # An empty account comes under the status of a queue; that it is of no use to come again tells them apart.
    if said.code in _NO_MONEY or said.kind in _NO_MONEY or (too_many and again == "false"):
        return _wire.error_of(answer, reached=Reached.YES, trouble=Trouble.BALANCE)
    if answer.status < _SERVER_ERROR and "must be verified" in said.words:
        return _wire.error_of(answer, reached=Reached.YES, trouble=Trouble.MODEL_CLOSED)
    return _wire.error_of(answer, after_s=_after_s(answer.headers) if too_many else None)


def _after_s(headers: _wire.Headers) -> float | None:
    """When to come again, where `Retry-After` doesn't say it: OpenAI has headers of its own."""
    told = [f"{headers.get('retry-after-ms', '')}ms"]
    told += [headers.get(f"x-ratelimit-reset-{what}", "") for what in ("requests", "tokens")]
    own, *resets = [
        sum(float(n) * _SECONDS[unit] for n, unit in _DURATION.findall(text[:40])) for text in told
    ]
    wait_s = own or max(resets)
    return min(wait_s, _wire.RETRY_AFTER_MAX_S) if wait_s > 0 else None


def _standing(value: object) -> Standing:
    """Which models there are, and which of them end when: `shutdown_date`, where it is announced."""
    data = value.get("data") if isinstance(value, dict) else None
    if not isinstance(data, list):
        return Standing()
    listed = {one["id"]: one for one in data if isinstance(one, dict) and isinstance(one.get("id"), str)}
    ends = {name: day for name, one in listed.items() if (day := _day(one.get("shutdown_date"))) is not None}
    return Standing(open_models=frozenset(listed), ends=ends)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if isinstance(text, str) else None
    except ValueError:
        return None
