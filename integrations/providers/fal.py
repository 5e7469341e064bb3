"""fal: a queue of requests that are looked at by their own addresses, and webhooks signed with ED25519."""

import hashlib
import importlib.util
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pydantic

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Model, Order
from bot.provider import Call, Failed, Finder, Heard, Input, Listener, Outcome, Pending, Standing
from integrations.providers import _fal_answers, _fal_keys, _fal_shapes, _forms, _json, _models, _wire
from integrations.providers._settings import ProviderSettings

NAME = "fal"
BASE_URL = "https://queue.fal.run"
JWKS_URL = "https://rest.fal.ai/.well-known/jwks.json"
_PLATFORM_URL = "https://api.fal.ai"  # prices, requests and money stand elsewhere than the queue
_LIFE_S = 3600  # of a picture at fal: it is fetched at once
_AGAIN = frozenset({
    "no_media_generated", "internal_server_error", "request_timeout", "startup_timeout",
    "runner_scheduling_failure", "runner_connection_timeout", "runner_disconnected", "runner_connection_refused",
})  # fmt: skip
_CLIENT_ERROR, _FORBIDDEN, _NOT_FOUND, _UNPROCESSABLE, _SERVER_ERROR = 400, 403, 404, 422, 500


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────


class FalSettings(ProviderSettings, frozen=True):
    """The section [providers.fal] of the configuration."""

    base_url: str = pydantic.Field(
        default=BASE_URL, description="Where the queue is, with or without a last slash."
    )
    webhook: bool = pydantic.Field(
        default=True, description="Whether fal calls us when a picture is done; needs [http] public_url."
    )
    jwks_url: str = pydantic.Field(
        default=JWKS_URL, description="Where the keys are that fal signs its calls with."
    )

    @pydantic.field_validator("jwks_url")
    @classmethod
    def _is_address(cls, jwks_url: str) -> str:
        return cls._is_web_address(jwks_url)

    @property
    def platform_url(self) -> str:
        """Where prices, past requests and money are told: beside the queue, where that is not fal's own."""
        return _PLATFORM_URL if self.base_url == BASE_URL else self.base_url

    def owns(self, url: str) -> bool:
        """Whether an address is below our own base: only there goes the key."""
        return url.startswith(f"{self.base_url}/") and not set(url) & set(" \t\r\n\\@")


def open_fal(settings: FalSettings, *, client: httpx.AsyncClient | None = None) -> "Fal":
    """Fal as configured, on a client of its own unless one is given."""
    return Fal(client or _wire.open_client(connections=settings.connections), load(), settings)


def load() -> _models.Catalogue:
    """What fal draws; it may go on with what a maker has ended."""
    return _models.load("fal_models.toml", provider=NAME, ends_upstream=True)


# ── The provider ─────────────────────────────────────────────────────────────────────────────────────


class Fal(Finder, Listener):
    """Translates orders into requests of fal's queue, and its answers into ours."""

    name = NAME
    honours_keys = False

    def __init__(
        self, client: httpx.AsyncClient, catalogue: _models.Catalogue, settings: FalSettings
    ) -> None:
        self._wire = _wire.Wire(client, connections=settings.connections)
        self._catalogue = catalogue
        self._settings = settings
        self._keys = _fal_keys.Keys(
            self._wire, settings.jwks_url, within_s=min(settings.poll_timeout_s, _fal_keys.WITHIN_S)
        )

    @property
    def models(self) -> Sequence[Model]:
        return self._catalogue.models

    @property
    def polls_per_s(self) -> float:
        return self._settings.polls_per_s

    @property
    def listens(self) -> bool:
        """Its calls are signed with ED25519, which needs the extra `fal`."""
        return self._settings.webhook and importlib.util.find_spec("cryptography") is not None

    async def submit(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), webhook: str = ""
    ) -> Outcome:
        own = self._catalogue.own.get(order.model, {})
        path = own.get("edit", order.wire_name) if inputs else order.wire_name
        url = httpx.URL(self._settings.url(path), params={"fal_webhook": webhook} if webhook else None)
        answer = await self._wire.post(
            str(url),
            body=self._body(order, key) | await _given(order, own, inputs),
            headers=self._headers()
            | {"X-Fal-Object-Lifecycle-Preference": f'{{"expiration_duration_seconds": {_LIFE_S}}}'},
            within_s=self._settings.submit_timeout_s,
            limit_bytes=_wire.POLL_BODY_BYTES,
            hidden=(self._settings.key, order.prompt),
        )
        if not answer.good:
            return _fal_answers.not_taken(answer)
        return Pending(operation=self._operation(await _wire.json_of(answer), answer))

    async def poll(self, operation: str, *, order: Order) -> Outcome:
        """One look at the queue; when it is over, a second one for what came of it."""
        places = self._places(operation, order)
        answer = await self._get(places.status, {"logs": "1"}, order)
        if not answer.good:
            raise _fal_answers.not_told(answer)
        told = await _wire.json_of(answer)
        status = told.get("status")
        if not isinstance(status, str) or not status:
            raise _wire.unreadable(answer, "holds no status")
        if status == "COMPLETED":
            return await self._result(places.response, told, order)
        return _fal_answers.under_way(operation, told)

    async def cancel(self, operation: str, *, order: Order) -> None:
        """What runs or is over already can't be stopped: that is no error."""
        answer = await self._wire.send(
            "PUT",
            self._places(operation, order).cancel,
            headers=self._headers(),
            within_s=self._settings.poll_timeout_s,
            hidden=(self._settings.key,),
        )
        if not answer.good and answer.status not in (_CLIENT_ERROR, _NOT_FOUND):
            raise _wire.error_of(answer)

    async def standing(self) -> Standing:
        """The prices tell whether the key is good; the money only an admin's key may see."""
        priced = await self._look("/v1/models/pricing", {"endpoint_id": self.models[0].wire_name})
        if priced.status == _FORBIDDEN:
            raise _wire.error_of(priced, trouble=Trouble.KEY)
        if not priced.good and priced.status != _NOT_FOUND:
            raise _wire.error_of(priced)
        try:
            left = await self._look("/v1/account/billing", {"expand": "credits"})
        except ProviderError:  # it draws all the same
            return Standing()
        return Standing(usd_left=_fal_answers.usd_left(await _json.read(left.body)) if left.good else None)

    async def find(
        self, order: Order, *, key: str, inputs: Sequence[Input] = (), since: float
    ) -> Pending | None:
        """Our own words stand in what fal keeps of its requests: exactly one may be ours."""
        own = self._catalogue.own.get(order.model, {})
        answer = await self._look(
            "/v1/models/requests/by-endpoint",
            {
                "endpoint_id": own.get("edit", order.wire_name) if inputs else order.wire_name,
                "start": datetime.fromtimestamp(max(0.0, since - _EARLIER_S), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                "limit": "100",
                "expand": "payloads",
            },
        )  # fmt: skip
        if answer.status == _NOT_FOUND:
            return None
        if not answer.good:
            raise _wire.error_of(answer)
        # What is not told by words and a seed is told by the picture.
        wanted = self._body(order, key) or await _given(order, own, inputs)
        mine = {
            id_
            for id_, asked in _fal_answers.requests_of(await _json.read(answer.body))
            if _fal_answers.is_ours(asked, wanted)
        }
        return Pending(operation=mine.pop()) if len(mine) == 1 else None

    async def hear(self, call: Call) -> Heard | None:
        if not await self._keys.signed(call):
            return None
        told = await _json.read(call.body)
        request_id = told.get("request_id") if isinstance(told, dict) else None
        if not isinstance(request_id, str) or _fal_answers.ID.fullmatch(request_id) is None:
            return None
        return Heard(id=call.headers["x-fal-webhook-request-id"], operation=request_id)

    async def aclose(self) -> None:
        await self._wire.aclose()

    # ── Requests ─────────────────────────────────────────────────────────────────────────────────────

    def _body(self, order: Order, key: str) -> dict[str, object]:
        """What is asked. A seed of the submit's own makes a lost one known by what was asked."""
        own = self._catalogue.own.get(order.model, {})
        known = next((one for one in self.models if one.id == order.model), None)
        asked = {**(known.defaults if known else {}), **order.parameters}
        body = _fal_shapes.shaped(asked, own.get("size", ""))
        if not own.get("wordless"):
            body = {"prompt": order.prompt, **body}
        if known is not None and "seed" in known.parameters and "seed" not in body:
            body["seed"] = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) >> 1
        return body | ({"num_images": order.images} if order.images != 1 else {})

    def _operation(self, told: Mapping[str, object], answer: _wire.Reply) -> str:
        """The request's own addresses, as they were given: they leave out the path of the model."""
        request_id = told.get("request_id")
        if not isinstance(request_id, str) or _fal_answers.ID.fullmatch(request_id) is None:
            raise _wire.unreadable(answer, "holds no request_id")
        urls = [told.get(name) for name in ("status_url", "response_url", "cancel_url")]
        ours = [url for url in urls if isinstance(url, str) and self._settings.owns(url)]
        return " ".join(ours) if len(ours) == len(urls) else request_id

    def _places(self, operation: str, order: Order) -> "_Places":
        """Where a request is looked at; of one that is known by its id only, by the owner and name of its app."""
        urls = operation.split(" ")
        if len(urls) == len(_Places.NAMES) and all(self._settings.owns(url) for url in urls):
            return _Places(*urls)
        if _fal_answers.ID.fullmatch(operation) is None:
            raise ProviderError("the request is elsewhere than base_url", reached=Reached.YES)
        app = "/".join(order.wire_name.split("/")[:2])
        base = self._settings.url(f"{app}/requests/{operation}")
        return _Places(f"{base}/status", base, f"{base}/cancel")

    async def _result(self, url: str, status: Mapping[str, object], order: Order) -> Outcome:
        own = self._catalogue.own.get(order.model, {})
        answer = await self._get(url, {}, order)
        cost = _fal_answers.cost_of(answer.headers, own.get("usd_unit"))
        if answer.good:
            return _fal_answers.pictures_of(await _wire.json_of(answer), status, answer, cost)
        types = {
            *_fal_answers.types_of(answer),
            *(word for word in (status.get("error_type"),) if isinstance(word, str)),
        }
        detail = f"{answer.status} {_wire.detail_of(answer)}".strip()
        if types & _fal_answers.REFUSED:
            return Failed(detail=detail, refused=True, cost_usd_micros=cost)
        if answer.status == _UNPROCESSABLE or (answer.status >= _SERVER_ERROR and types):
            # 5xx is never billed; a 422 may be, and then its units are told.
            free = 0 if answer.status >= _SERVER_ERROR else None
            return Failed(
                detail=detail, again=bool(types & _AGAIN), cost_usd_micros=free if cost is None else cost
            )
        raise _fal_answers.not_told(answer)

    async def _get(self, url: str, params: Mapping[str, str], order: Order) -> _wire.Reply:
        return await self._wire.get(
            url,
            params=params or None,
            headers=self._headers(),
            within_s=self._settings.poll_timeout_s,
            hidden=(self._settings.key, order.prompt),
        )

    async def _look(self, path: str, params: Mapping[str, str]) -> _wire.Reply:
        return await self._wire.get(
            f"{self._settings.platform_url}{path}",
            params=params,
            headers=self._headers(),
            within_s=self._settings.poll_timeout_s,
            limit_bytes=_LIST_BYTES,
            hidden=(self._settings.key,),
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Key {self._settings.key}"} if self._settings.key else {}


_EARLIER_S = 10.0  # its clock may differ from ours
_LIST_BYTES = 16 * 1024 * 1024  # pictures that were given stand in it


class _Places:
    """The three addresses of a request."""

    NAMES = ("status", "response", "cancel")

    def __init__(self, status: str, response: str, cancel: str) -> None:
        self.status, self.response, self.cancel = status, response, cancel


async def _given(order: Order, own: Mapping[str, Any], inputs: Sequence[Input]) -> dict[str, object]:
    """Pictures go along as data, and so are never public: one in a field, or several in a list."""
    pictures, mask = _forms.parted(inputs)
    name = own.get("given", "image_url")
    uris = [await _forms.data_uri_of(one) for one in pictures]
    given: dict[str, object] = {name: uris if name.endswith("s") else uris[0]} if uris else {}
    if field := own.get("mask"):
        if mask is None:
            raise _forms.no_mask(order)
        given[field] = await _forms.data_uri_of(await _forms.grey_of(mask))
    return given
