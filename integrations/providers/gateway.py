"""The image gateway: one key for twelve models, answered at once or as an operation to poll."""

import asyncio
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import cast
from urllib.parse import quote

import httpx

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Model, Order
from bot.provider import Failed, Finished, Input, Outcome, Pending, Standing
from integrations.providers import _forms, _json, _models, _openai, _wire, _words
from integrations.providers.gateway_settings import GatewaySettings

NAME = "gateway"
OPERATION_UNKNOWN = "operation unknown"
USD_MICROS_A_CREDIT = 1000

# Closed lists, in any letter case; every other status means: still under way.
GOOD_ENDS = frozenset({"completed", "succeeded"})
BAD_ENDS = frozenset({"failed", "error", "canceled", "cancelled", "expired"})

_MODELS_BODY_BYTES = 4 * 1024 * 1024
_OPERATION = re.compile(r"(?!\.{1,2}$)[\x21-\x7e]{1,300}")
_NOT_FOUND = 404


def open_gateway(
    settings: GatewaySettings,
    *,
    models: Sequence[Model] | None = None,
    client: httpx.AsyncClient | None = None,
) -> "Gateway":
    """The gateway as configured, on a client of its own unless one is given."""
    return Gateway(
        client or _wire.open_client(connections=settings.connections),
        load_models() if models is None else models,
        settings,
    )


# ── Models ───────────────────────────────────────────────────────────────────────────────────────────


def load_models() -> tuple[Model, ...]:
    """The catalogue that comes with Easel."""
    catalogue = _models.load(
        "gateway_models.toml",
        provider=NAME,
        usd_micros_a_credit=USD_MICROS_A_CREDIT,
        ends_upstream=True,
    )
    return catalogue.models


# ── The provider ─────────────────────────────────────────────────────────────────────────────────────


class Gateway:
    """Translates orders into the gateway's requests, and its answers into ours."""

    def __init__(self, client: httpx.AsyncClient, models: Sequence[Model], settings: GatewaySettings) -> None:
        self._wire = _wire.Wire(client, connections=settings.connections)
        self._models = tuple(models)
        self._settings = settings
        self._key = settings.key

    @property
    def name(self) -> str:
        return NAME

    @property
    def models(self) -> Sequence[Model]:
        return self._models

    @property
    def honours_keys(self) -> bool:
        return self._settings.honours_keys

    @property
    def polls_per_s(self) -> float:
        return self._settings.polls_per_s

    async def submit(
        self,
        order: Order,
        *,
        key: str,
        inputs: Sequence[Input] = (),
        webhook: str = "",  # noqa: ARG002  # the gateway documents none
    ) -> Outcome:
        sync = order.way == "sync"
        answer = await self._wire.post(
            self._url("images/generate/"),
            body=_body(order, inputs),
            headers=self._headers() | {"Idempotency-Key": key},
            within_s=self._settings.timeout_s if sync else self._settings.submit_timeout_s,
            hidden=(self._key, order.prompt),
        )
        if not answer.good:
            return _refusal_or_raise(answer)
        return _read_submit(await _wire.json_of(answer), answer, sync=sync)

    async def poll(self, operation: str, *, order: Order) -> Outcome:
        """A 404 may be passing: it is (Trouble.BROKEN, Reached.YES), to be borne a few times."""
        answer = await self._wire.get(
            self._url(f"images/generate/{quote(operation, safe='')}/"),
            params={"model": order.wire_name},
            headers=self._headers(),
            within_s=self._settings.poll_timeout_s,
            limit_bytes=_wire.POLL_BODY_BYTES,
            hidden=(self._key,),
        )
        if answer.good:
            return _read_poll(await _wire.json_of(answer), answer, operation)
        if answer.status == _NOT_FOUND and _wire.refusal_of(answer) is None:
            detail = f"{OPERATION_UNKNOWN}: {_wire.detail_of(answer)}"
            raise ProviderError(detail, reached=Reached.YES, trouble=Trouble.BROKEN)
        return _refusal_or_raise(answer)

    async def cancel(self, operation: str, *, order: Order) -> None:
        """The gateway documents no way to stop an operation."""

    async def standing(self) -> Standing:
        """Each half as far as it is told; raises where neither is, or where the key is wrong."""
        halves = await asyncio.gather(
            self._look("models/", _MODELS_BODY_BYTES),
            self._look("credits/", _wire.POLL_BODY_BYTES),
            return_exceptions=True,
        )
        errors = [half for half in halves if isinstance(half, BaseException)]
        for error in errors:
            wrong_key = isinstance(error, ProviderError) and error.trouble is Trouble.KEY
            if wrong_key or len(errors) == len(halves) or not isinstance(error, ProviderError):
                raise error
        models, credits_ = (None if isinstance(half, BaseException) else half for half in halves)
        return Standing(open_models=_open_models(models), credits_left=_credits_left(credits_))

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _look(self, path: str, limit_bytes: int) -> object:
        answer = await self._wire.get(
            self._url(path),
            headers=self._headers(),
            within_s=self._settings.poll_timeout_s,
            limit_bytes=limit_bytes,
            hidden=(self._key,),
        )
        if not answer.good:
            raise _wire.error_of(answer)
        return await _json.read(answer.body)

    def _url(self, path: str) -> str:
        return self._settings.url(path)

    def _headers(self) -> dict[str, str]:
        return _openai.bearer(self._key)


def _body(order: Order, inputs: Sequence[Input]) -> dict[str, object]:
    """Exactly what was ordered: number_of_images is 1 by default, and not every model knows it."""
    several: dict[str, object] = {"number_of_images": order.images} if order.images != 1 else {}
    given: dict[str, object] = (
        {"input_images": [one.url for one in _forms.parted(inputs)[0]]} if inputs else {}
    )
    return {**order.parameters, "model": order.wire_name, "prompt": order.prompt, **several, **given}


def _refusal_or_raise(answer: _wire.Reply) -> Failed:
    refused = _wire.refusal_of(answer)
    if refused is None:
        raise _wire.error_of(answer)
    return _refused(f"{answer.status} {_wire.detail_of(answer)}", refused)


def _refused(detail: str, refused: _words.Refused) -> Failed:
    return Failed(detail=detail, refused=True, withheld=refused == "picture")


# ── Reading answers ──────────────────────────────────────────────────────────────────────────────────


def _read_submit(value: Mapping[str, object], answer: _wire.Reply, *, sync: bool) -> Outcome:
    """By what the answer holds rather than by what the catalogue says of the model's way."""
    if _status(value) in BAD_ENDS:
        return _failed(value, answer)
    finished = _pictures(value)
    if finished is not None:
        return finished
    operation = _operation(value)
    if operation is not None:
        return Pending(operation=operation, retry_after_s=_wire.retry_after_s(answer.headers))
    if _complains(value):
        return _failed(value, answer)
    if sync and not value.get("data"):
        return Failed(detail="an answer without pictures", refused=True)
    raise _wire.unreadable(answer, "holds neither pictures nor an operation")


def _read_poll(value: Mapping[str, object], answer: _wire.Reply, operation: str) -> Outcome:
    status = _status(value)
    if status in BAD_ENDS:
        return _failed(value, answer)
    if status and status not in GOOD_ENDS:
        return Pending(operation=operation, retry_after_s=_wire.retry_after_s(answer.headers))
    finished = _pictures(value)
    if finished is not None:
        return finished
    if _complains(value):
        return _failed(value, answer)
    if status and value.get("data") == []:
        # Replicate's list is empty when its check kept every picture back (workflow, last table).
        return Failed(detail="completed without pictures", withheld=True)
    raise _wire.unreadable(answer, "holds neither a status nor pictures")


def _status(value: Mapping[str, object]) -> str:
    status = value.get("status")
    return status.strip().lower() if isinstance(status, str) else ""


def _operation(value: Mapping[str, object]) -> str | None:
    operation = value.get("operation_id")
    text = str(operation) if isinstance(operation, str | int) and not isinstance(operation, bool) else ""
    return text if _OPERATION.fullmatch(text) else None


def _complains(value: Mapping[str, object]) -> bool:
    return bool(value.get("error") or value.get("detail"))


def _failed(value: Mapping[str, object], answer: _wire.Reply) -> Failed:
    said = _words.clean(_words.words_of(value), answer.hidden, chars=_words.SAID_CHARS)
    detail, refused = _words.clean(said), _words.refusal_in(said)
    return Failed(detail=detail) if refused is None else _refused(detail, refused)


def _pictures(value: Mapping[str, object]) -> Finished | Failed | None:
    """The pictures of `data`, without those that the service itself calls unsafe; None without any."""
    data = value.get("data")
    items = data if isinstance(data, list) else [data]
    unsafe = _flags(value.get("has_nsfw_concepts"), len(items))
    found = [
        (_openai.picture_of(item), flag or _filtered(item)) for item, flag in zip(items, unsafe, strict=True)
    ]
    pictures = [(picture, kept_back) for picture, kept_back in found if picture is not None]
    shown = tuple(picture for picture, kept_back in pictures if not kept_back)
    if pictures and not shown:
        return Failed(detail="every picture was flagged", refused=True, withheld=True)
    return Finished(images=shown, withheld=len(pictures) - len(shown)) if shown else None


def _flags(value: object, count: int) -> list[bool]:
    """A black picture and `has_nsfw_concepts: [true]` is how fal answers a refused one."""
    flags = [flag is True for flag in value] if isinstance(value, list) else []
    return (flags + [False] * count)[:count]


def _filtered(item: object) -> bool:
    """A blurred picture and `finish_reason: CONTENT_FILTERED` is how Stability answers a refused one."""
    reason = item.get("finish_reason") if isinstance(item, dict) else None
    return isinstance(reason, str) and _words.refusal_in(f"finish_reason {reason}") is not None


# ── Reading the account ──────────────────────────────────────────────────────────────────────────────

_LEFT_NAMES = (
    "remaining", "remaining_credits", "credits_remaining", "credits_left", "remaining_balance",
    "balance", "available", "available_credits", "credits", "credit", "amount",
)  # fmt: skip
_LEFT_INSIDE = ("total", "data", "result", "credits", "balance")
_LEFT_DEPTH = 3  # as in {"data": {"total": {"remaining": 5}}}


def _open_models(value: object) -> frozenset[str] | None:
    """The ids of an OpenAI list, or of a bare one."""
    if isinstance(value, dict):
        value = value.get("data", value.get("models"))
    if not isinstance(value, list):
        return None
    return frozenset(_ids(value))


def _ids(items: Iterable[object]) -> Iterator[str]:
    for item in items:
        name = cast("dict[str, object]", item).get("id") if isinstance(item, dict) else item
        if isinstance(name, str):
            yield name


def _credits_left(value: object, depth: int = 0) -> float | None:
    """The first number under a name that means: what is left; the vendor's is total.remaining."""
    if not isinstance(value, dict):
        return _number(value)
    insides = [value.get(name) for name in _LEFT_INSIDE] if depth < _LEFT_DEPTH else []
    found = chain(
        (_number(value.get(name)) for name in _LEFT_NAMES),
        (_credits_left(inside, depth + 1) for inside in insides if isinstance(inside, dict)),
    )
    return next((number for number in found if number is not None), None)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value.replace(",", "") if isinstance(value, str) else value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
