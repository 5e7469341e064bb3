"""Replicate: predictions that are looked at by their id, webhooks by its secret, and a list for lost answers."""

import hashlib
import ipaddress
import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
import pydantic

from bot.errors import ProviderError, Reached, Trouble
from bot.model import USD_MICROS, Model, Order
from bot.provider import (
    Call,
    Failed,
    Finder,
    Finished,
    Heard,
    InlineImage,
    Input,
    Listener,
    Outcome,
    Pending,
    RemoteImage,
    Standing,
)
from integrations.providers import _forms, _json, _models, _signatures, _wire, _words
from integrations.providers._settings import ProviderSettings

NAME = "replicate"
BASE_URL = "https://api.replicate.com/v1"
_FINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})
_ID = re.compile(r"[A-Za-z0-9]{1,100}")
_RESETS = re.compile(r"resets in ~?(\d{1,5}(?:\.\d+)?) ?s", re.IGNORECASE)
_MEMORY = re.compile(r"\bE1001\b|out of memory", re.IGNORECASE)
_AGAIN = re.compile(
    r"\bE1000\b|timed? ?out|\b50[0234]\b|bad gateway|service unavailable|connection (reset|refused)",
    re.IGNORECASE,
)
_FORBIDDEN, _NOT_FOUND, _TOO_MANY, _SERVER_ERROR, _UNAVAILABLE = 403, 404, 429, 500, 503


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────


class ReplicateSettings(ProviderSettings, frozen=True):
    """The section [providers.replicate] of the configuration."""

    base_url: str = pydantic.Field(
        default=BASE_URL, description="Where its API is, with or without a last slash."
    )
    webhook: bool = pydantic.Field(
        default=True,
        description="Whether it calls us when a picture is done; needs webhook_secret and [http] public_url.",
    )
    webhook_secret: pydantic.SecretStr = pydantic.Field(
        default=pydantic.SecretStr(""),
        description="What it signs its calls with: GET /webhooks/default/secret tells it.",
    )
    cancel_after_s: int = pydantic.Field(
        default=600,
        ge=5,
        le=86_400,
        description="When it ends a prediction by itself: not before the [worker] deadline_s.",
    )


def open_replicate(settings: ReplicateSettings, *, client: httpx.AsyncClient | None = None) -> "Replicate":
    """Replicate as configured, on a client of its own unless one is given."""
    return Replicate(client or _wire.open_client(connections=settings.connections), load(), settings)


def load() -> _models.Catalogue:
    """What Replicate draws; it may go on with what a maker has ended."""
    return _models.load("replicate_models.toml", provider=NAME, ends_upstream=True)


# ── The provider ─────────────────────────────────────────────────────────────────────────────────────


class Replicate(Finder, Listener):
    """Translates orders into predictions, and its answers into ours."""

    name = NAME
    honours_keys = False

    def __init__(
        self, client: httpx.AsyncClient, catalogue: _models.Catalogue, settings: ReplicateSettings
    ) -> None:
        self._wire = _wire.Wire(client, connections=settings.connections)
        self._catalogue = catalogue
        self._settings = settings

    @property
    def models(self) -> Sequence[Model]:
        return self._catalogue.models

    @property
    def polls_per_s(self) -> float:
        return self._settings.polls_per_s

    @property
    def listens(self) -> bool:
        return self._settings.webhook and bool(self._settings.webhook_secret.get_secret_value())

    async def submit(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), webhook: str = ""
    ) -> Outcome:
        """Official models are asked by their name, others by a version."""
        name, _, version = order.wire_name.partition(":")
        asked: dict[str, object] = {"input": self._input(order, key) | await self._given(order, inputs)}
        if version:
            asked["version"] = version
        if webhook and _may_be_called(webhook):
            asked |= {"webhook": webhook, "webhook_events_filter": ["completed"]}
        answer = await self._wire.post(
            self._settings.url("predictions" if version else f"models/{quote(name)}/predictions"),
            body=asked,
            headers=self._headers() | {"Cancel-After": f"{self._settings.cancel_after_s}s"},
            within_s=self._settings.submit_timeout_s,
            limit_bytes=_LIST_BYTES,  # it repeats what was given
            hidden=(self._settings.key, order.prompt),
        )
        if not answer.good:
            raise _not_taken(answer)
        return self._read(await _wire.json_of(answer), answer, order)

    async def poll(self, operation: str, *, order: Order) -> Outcome:
        answer = await self._look(f"predictions/{quote(operation, safe='')}", {}, order)
        if not answer.good:
            raise _not_told(answer)
        return self._read(await _wire.json_of(answer), answer, order)

    async def cancel(self, operation: str, *, order: Order) -> None:  # noqa: ARG002  # its id suffices
        answer = await self._wire.send(
            "POST",
            self._settings.url(f"predictions/{quote(operation, safe='')}/cancel"),
            headers=self._headers(),
            within_s=self._settings.poll_timeout_s,
            limit_bytes=_LIST_BYTES,
            hidden=(self._settings.key,),
        )
        if not answer.good and answer.status != _NOT_FOUND:
            raise _not_told(answer)

    async def standing(self) -> Standing:
        """The account is free to ask for, and tells no money."""
        answer = await self._look("account", {})
        if not answer.good:
            raise _not_told(answer)
        await _wire.json_of(answer)
        return Standing()

    async def find(
        self,
        order: Order,
        *,
        key: str,
        inputs: Sequence[Input] = (),
        since: float,
    ) -> Pending | None:
        """The list tells what was made since then: exactly one with our own input counts."""
        after = datetime.fromtimestamp(max(0.0, since - _EARLIER_S), UTC)
        # What is not told by words and a seed is told by the picture, which its list may leave out.
        wanted = self._input(order, key) or await self._given(order, inputs)
        url, params = "predictions", {"created_after": after.strftime("%Y-%m-%dT%H:%M:%SZ")}
        mine: set[str] = set()
        looked = 0
        for _ in range(_PAGES_MAX):
            answer = await self._look(url, params, order)
            if not answer.good:
                raise _not_told(answer)
            page = await _wire.json_of(answer)
            for row in _candidates(page, after, order.wire_name.partition(":")[0]):
                given = row.get("input")
                # The list may leave the input out; then the prediction itself is asked.
                if not given and looked < _LOOKS_MAX:
                    looked += 1
                    given = await self._input_of(row["id"], order)
                if isinstance(given, dict) and all(given.get(n) == value for n, value in wanted.items()):
                    mine.add(row["id"])
            further = page.get("next")
            if not isinstance(further, str) or not further.startswith(self._settings.url("predictions?")):
                break
            url, params = further.removeprefix(self._settings.url("")), {}
        return Pending(operation=mine.pop()) if len(mine) == 1 else None

    async def hear(self, call: Call) -> Heard | None:
        """A final state only: whatever else it tells is no reason to look."""
        if not _signatures.is_standard(call, self._settings.webhook_secret.get_secret_value()):
            return None
        told = await _json.read(call.body)
        prediction = told.get("id") if isinstance(told, dict) and told.get("status") in _FINAL else None
        if not isinstance(prediction, str) or _ID.fullmatch(prediction) is None:
            return None
        return Heard(id=call.headers["webhook-id"], operation=prediction)

    async def aclose(self) -> None:
        await self._wire.aclose()

    # ── Requests ─────────────────────────────────────────────────────────────────────────────────────

    def _input(self, order: Order, key: str) -> dict[str, object]:
        """What is asked, without pictures. A seed of the submit's own makes a lost one known by it."""
        own = self._own(order)
        known = next((one for one in self.models if one.id == order.model), None)
        asked: dict[str, object] = {**(known.defaults if known else {}), **order.parameters}
        if "resolution" in asked:
            asked["resolution"] = str(asked["resolution"]).replace("MP", " MP")
        if known is not None and "seed" in known.parameters and "seed" not in asked:
            asked["seed"] = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) >> 1
        count = own.get("count")
        several = {count: order.images} if count and order.images != 1 else {}
        words = {} if own.get("wordless") else {"prompt": order.prompt}
        return {**words, **asked, **several}

    async def _given(self, order: Order, inputs: Sequence[Input]) -> dict[str, object]:
        """Pictures go along as data: its files would be addresses that only its own models can read."""
        own = self._own(order)
        pictures, mask = _forms.parted(inputs)
        uris = [await _forms.data_uri_of(one) for one in pictures]
        given: dict[str, object] = (
            {own.get("given", "image"): uris if own.get("several") else uris[0]} if uris else {}
        )
        if field := own.get("mask"):
            if mask is None:
                raise _forms.no_mask(order)
            given[field] = await _forms.data_uri_of(await _forms.grey_of(mask))
        return given

    async def _input_of(self, prediction: str, order: Order) -> object:
        answer = await self._look(f"predictions/{prediction}", {}, order)
        return (await _wire.json_of(answer)).get("input") if answer.good else None

    async def _look(self, path: str, params: Mapping[str, str], order: Order | None = None) -> _wire.Reply:
        return await self._wire.get(
            self._settings.url(path),
            params=params or None,
            headers=self._headers(),
            within_s=self._settings.poll_timeout_s,
            limit_bytes=_LIST_BYTES,
            hidden=(self._settings.key, *([order.prompt] if order else [])),
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._settings.key}"} if self._settings.key else {}

    def _own(self, order: Order) -> Mapping[str, Any]:
        return self._catalogue.own.get(order.model, {})

    # ── Reading answers ──────────────────────────────────────────────────────────────────────────────

    def _read(self, told: Mapping[str, object], answer: _wire.Reply, order: Order) -> Outcome:
        prediction, status = told.get("id"), told.get("status")
        if (
            not isinstance(prediction, str)
            or _ID.fullmatch(prediction) is None
            or not isinstance(status, str)
        ):
            raise _wire.unreadable(answer, "holds no prediction")
        cost = _cost(told, self._own(order).get("usd_second"))
        whole = order.usd_micros_each * order.images
        match status:
            case "succeeded":
                return _pictures(told, order, whole if cost is None else cost, told_cost=cost)
            case "failed":
                return _failed(told, answer, cost)
            case "canceled":  # it ran, and is billed
                return Failed(
                    detail="canceled at the service", cost_usd_micros=whole if cost is None else cost
                )
            case "aborted":  # it never began
                return Failed(detail="aborted at the service", cost_usd_micros=0)
            case _:  # starting, processing, and what a later version may call it on the way
                logs = told.get("logs")
                step, steps = _words.steps_in(logs) if isinstance(logs, str) else (0, 0)
                return Pending(operation=prediction, step=step, steps=steps)


_EARLIER_S = 10.0  # its clock may differ from ours
_PAGES_MAX, _LOOKS_MAX = 5, 20  # of a search for a lost answer
_LIST_BYTES = 64 * 1024 * 1024  # pictures that were given stand in it as data


def _may_be_called(webhook: str) -> bool:
    """It refuses whole predictions whose webhook is plain http; on this machine only tests listen."""
    url = httpx.URL(webhook)
    try:
        return url.scheme == "https" or ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        return url.host == "localhost"


def _not_taken(answer: _wire.Reply) -> ProviderError:
    """A bad answer to a submit: of a 5xx nobody knows whether the prediction exists."""
    if answer.status >= _SERVER_ERROR:
        trouble = Trouble.BUSY if answer.status == _UNAVAILABLE else Trouble.BROKEN
        return _wire.error_of(answer, reached=Reached.UNKNOWN, trouble=trouble)
    return _not_told(answer) if answer.status != _NOT_FOUND else _wire.error_of(answer)


def _not_told(answer: _wire.Reply) -> ProviderError:
    """Any other bad answer. A prediction that is unknown may be so for a moment only."""
    if answer.status == _TOO_MANY:
        found = _RESETS.search(_wire.detail_of(answer))
        after_s = min(float(found[1]), _wire.RETRY_AFTER_MAX_S) if found else None
        return _wire.error_of(answer, after_s=after_s)
    troubles = {_FORBIDDEN: Trouble.KEY, _NOT_FOUND: Trouble.BROKEN}
    return _wire.error_of(answer, trouble=troubles.get(answer.status))


def _pictures(
    told: Mapping[str, object], order: Order, billed: int, *, told_cost: int | None
) -> Finished | Failed:
    """One address or a list; what is missing of what was asked was kept back by the model's own check."""
    output = told.get("output")
    items = output if isinstance(output, list) else [output]
    images = tuple(image for item in items if (image := _picture(item)) is not None)
    if images:
        return Finished(images=images, withheld=max(0, order.images - len(images)), cost_usd_micros=told_cost)
    if told.get("data_removed"):
        return Failed(detail="the picture was removed before it was fetched", cost_usd_micros=billed)
    return Failed(detail="succeeded without pictures", withheld=True, cost_usd_micros=told_cost)


def _picture(item: object) -> InlineImage | RemoteImage | None:
    if not isinstance(item, str):
        return None
    if item[:8].lower().startswith(("https://", "http://")):
        return RemoteImage(item)
    head, comma, data = item.partition(",")
    inline = comma and data and head.lower().startswith("data:image/") and head.lower().endswith(";base64")
    return InlineImage(data) if inline else None


def _failed(told: Mapping[str, object], answer: _wire.Reply, cost: int | None) -> Failed:
    """Its error is free text of the model's author: looked through with care, and shown to nobody."""
    error = told.get("error")
    said = _words.clean(error if isinstance(error, str) else "", answer.hidden, chars=_words.SAID_CHARS)
    detail = _words.clean(said) or "failed without a word"
    if (refused := _words.refusal_in(said)) is not None:
        return Failed(detail=detail, refused=True, withheld=refused == "picture", cost_usd_micros=cost)
    again = _MEMORY.search(said) is None and _AGAIN.search(said) is not None
    return Failed(detail=detail, again=again, cost_usd_micros=cost)


def _cost(told: Mapping[str, object], usd_second: float | None) -> int | None:
    """Where seconds are paid: how long it ran. Official models are paid by the picture, and tell nothing."""
    metrics = told.get("metrics")
    seconds = metrics.get("predict_time") if isinstance(metrics, Mapping) else None
    if usd_second is None or isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return round(seconds * usd_second * USD_MICROS) if math.isfinite(seconds) and seconds >= 0 else None


def _candidates(page: Mapping[str, object], after: datetime, model: str) -> list[dict[str, Any]]:
    """The rows of a list that may be ours: made since then, of that model as far as it is told."""
    rows = page.get("results")
    found = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [
        row
        for row in found
        if isinstance(row.get("id"), str)
        and _ID.fullmatch(row["id"])
        and row.get("model") in (None, "", model)
        and _is_since(row.get("created_at"), after)
    ]


def _is_since(created_at: object, after: datetime) -> bool:
    try:
        at = datetime.fromisoformat(str(created_at))
    except ValueError:
        return True
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) >= after
