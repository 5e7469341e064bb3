"""fal: a queue of requests that are looked at by their own addresses, and webhooks signed with ED25519."""

import hashlib
import importlib.util
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pydantic

from bot.errors import ProviderError, Reached, Trouble
from bot.model import USD_MICROS, Model, Order
from bot.provider import Answer, Call, Failed, Finished, Heard, Input, Pending, RemoteImage, Standing
from integrations.providers import _fal_keys, _forms, _json, _models, _wire, _words
from integrations.providers._settings import ProviderSettings

NAME = "fal"
BASE_URL = "https://queue.fal.run"
JWKS_URL = "https://rest.fal.ai/.well-known/jwks.json"
_PLATFORM_URL = "https://api.fal.ai"  # prices, requests and money stand elsewhere than the queue
_LIFE_S = 3600  # of a picture at fal: it is fetched at once
_REFUSED = frozenset({"content_policy_violation"})
_AGAIN = frozenset({
    "no_media_generated", "internal_server_error", "request_timeout", "startup_timeout",
    "runner_scheduling_failure", "runner_connection_timeout", "runner_disconnected", "runner_connection_refused",
})  # fmt: skip
_ID = re.compile(r"[\w-]{1,200}")
_CLIENT_ERROR, _FORBIDDEN, _NOT_FOUND, _UNPROCESSABLE, _SERVER_ERROR, _UNAVAILABLE = (
    400,
    403,
    404,
    422,
    500,
    503,
)


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


class Fal:
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
    ) -> Answer:
        own = self._catalogue.own.get(order.model, {})
        path = own.get("edit", order.wire_name) if inputs else order.wire_name
        url = httpx.URL(self._settings.url(path), params={"fal_webhook": webhook} if webhook else None)
        answer = await self._wire.post(
            str(url),
            body=self._body(order, key) | await _given(inputs, own.get("given", "image_url")),
            headers=self._headers()
            | {"X-Fal-Object-Lifecycle-Preference": f'{{"expiration_duration_seconds": {_LIFE_S}}}'},
            within_s=self._settings.submit_timeout_s,
            limit_bytes=_wire.POLL_BODY_BYTES,
            hidden=(self._settings.key, order.prompt),
        )
        if not answer.good:
            return _not_taken(answer)
        return Pending(operation=self._operation(await _wire.json_of(answer), answer))

    async def poll(self, operation: str, *, order: Order) -> Answer:
        """One look at the queue; when it is over, a second one for what came of it."""
        places = self._places(operation, order)
        answer = await self._get(places.status, {"logs": "1"}, order)
        if not answer.good:
            raise _not_told(answer)
        told = await _wire.json_of(answer)
        status = told.get("status")
        if not isinstance(status, str) or not status:
            raise _wire.unreadable(answer, "holds no status")
        if status == "COMPLETED":
            return await self._result(places.response, told, order)
        return _under_way(operation, told)

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
        left = await self._look("/v1/account/billing", {"expand": "credits"})
        return Standing(usd_left=_usd_left(await _json.read(left.body)) if left.good else None)

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
        wanted = self._body(order, key)
        mine = {id_ for id_, asked in _requests(await _json.read(answer.body)) if _is_ours(asked, wanted)}
        return Pending(operation=mine.pop()) if len(mine) == 1 else None

    async def hear(self, call: Call) -> Heard | None:
        if not await self._keys.signed(call):
            return None
        told = await _json.read(call.body)
        request_id = told.get("request_id") if isinstance(told, dict) else None
        if not isinstance(request_id, str) or _ID.fullmatch(request_id) is None:
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
        body: dict[str, object] = {"prompt": order.prompt, **_shaped(asked, own.get("size", ""))}
        if known is not None and "seed" in known.parameters and "seed" not in body:
            body["seed"] = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4]) >> 1
        return body | ({"num_images": order.images} if order.images != 1 else {})

    def _operation(self, told: Mapping[str, object], answer: _wire.Answer) -> str:
        """The request's own addresses, as they were given: they leave out the path of the model."""
        request_id = told.get("request_id")
        if not isinstance(request_id, str) or _ID.fullmatch(request_id) is None:
            raise _wire.unreadable(answer, "holds no request_id")
        urls = [told.get(name) for name in ("status_url", "response_url", "cancel_url")]
        ours = [url for url in urls if isinstance(url, str) and self._settings.owns(url)]
        return " ".join(ours) if len(ours) == len(urls) else request_id

    def _places(self, operation: str, order: Order) -> "_Places":
        """Where a request is looked at; of one that is known by its id only, by the owner and name of its app."""
        urls = operation.split(" ")
        if len(urls) == len(_Places.NAMES) and all(self._settings.owns(url) for url in urls):
            return _Places(*urls)
        if _ID.fullmatch(operation) is None:
            raise ProviderError("the request is elsewhere than base_url", reached=Reached.YES)
        app = "/".join(order.wire_name.split("/")[:2])
        base = self._settings.url(f"{app}/requests/{operation}")
        return _Places(f"{base}/status", base, f"{base}/cancel")

    async def _result(self, url: str, status: Mapping[str, object], order: Order) -> Answer:
        own = self._catalogue.own.get(order.model, {})
        answer = await self._get(url, {}, order)
        cost = _cost(answer.headers, own.get("usd_unit"))
        if answer.good:
            return _pictures(await _wire.json_of(answer), status, answer, cost)
        types = {*_types(answer), *(word for word in (status.get("error_type"),) if isinstance(word, str))}
        detail = f"{answer.status} {_wire.detail_of(answer)}".strip()
        if types & _REFUSED:
            return Failed(detail=detail, refused=True, cost_usd_micros=cost)
        if answer.status == _UNPROCESSABLE or (answer.status >= _SERVER_ERROR and types):
            # 5xx is never billed; a 422 may be, and then its units are told.
            free = 0 if answer.status >= _SERVER_ERROR else None
            return Failed(
                detail=detail, again=bool(types & _AGAIN), cost_usd_micros=free if cost is None else cost
            )
        raise _not_told(answer)

    async def _get(self, url: str, params: Mapping[str, str], order: Order) -> _wire.Answer:
        return await self._wire.get(
            url,
            params=params or None,
            headers=self._headers(),
            within_s=self._settings.poll_timeout_s,
            hidden=(self._settings.key, order.prompt),
        )

    async def _look(self, path: str, params: Mapping[str, str]) -> _wire.Answer:
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


async def _given(inputs: Sequence[Input], name: str) -> dict[str, object]:
    """Pictures go along as data, and so are never public: one in a field, or several in a list."""
    uris = [await _forms.data_uri_of(one) for one in inputs]
    if not uris:
        return {}
    return {name: uris if name.endswith("s") else uris[0]}


# ── Shapes ───────────────────────────────────────────────────────────────────────────────────────────

_NAMED_SIZES = {
    "1:1": "square_hd", "4:3": "landscape_4_3", "3:4": "portrait_4_3", "16:9": "landscape_16_9", "9:16": "portrait_16_9",
    "square": "square_hd", "landscape": "landscape_4_3", "portrait": "portrait_4_3",
}  # fmt: skip
_SIDES = {"2K": 2048, "4K": 4096}
_PIXELS = re.compile(r"(\d{2,5})x(\d{2,5})")
_GRAIN = 16  # sides are multiples of it


def _shaped(asked: Mapping[str, str | int], how: str) -> dict[str, object]:
    """The parameters as fal calls them: most models take an `image_size` by name or in pixels."""
    rest: dict[str, object] = dict(asked)
    size = rest.pop("size", None) or rest.pop("image_size", None)
    if size is not None:
        return rest | {"image_size": _size_of(str(size))}
    if how == "name" and (ratio := rest.pop("aspect_ratio", None)) is not None:
        return rest | {"image_size": _size_of(str(ratio))}
    if how == "pixels":
        megapixels = str(rest.pop("resolution", "1MP")).removesuffix("MP")
        return rest | {"image_size": _within(str(rest.pop("aspect_ratio", "1:1")), float(megapixels))}
    return rest


def _size_of(value: str) -> object:
    if exact := _PIXELS.fullmatch(value):
        return {"width": int(exact[1]), "height": int(exact[2])}
    if side := _SIDES.get(value):
        return {"width": side, "height": side}
    return _NAMED_SIZES.get(value, value)


def _within(ratio: str, megapixels: float) -> dict[str, int]:
    """The largest sides of this shape within so many millions of pixels: what is begun of one more is paid."""
    width, _, height = ratio.partition(":")
    across = math.sqrt(megapixels * 1e6 * int(width) / int(height))
    down = across * int(height) / int(width)
    return {"width": int(across // _GRAIN) * _GRAIN, "height": int(down // _GRAIN) * _GRAIN}


# ── Reading answers ──────────────────────────────────────────────────────────────────────────────────


def _not_taken(answer: _wire.Answer) -> Failed:
    """A bad answer to a submit. Raises ProviderError for what is no refusal of the content."""
    if _types(answer) & _REFUSED:
        return Failed(detail=f"{answer.status} {_wire.detail_of(answer)}", refused=True)
    if answer.status == _UNAVAILABLE:  # it tries ten times inside: whether one got in, nobody knows
        raise _wire.error_of(answer, reached=Reached.UNKNOWN, trouble=Trouble.BROKEN)
    if answer.status == _FORBIDDEN and "balance" in _wire.detail_of(answer).lower():
        raise _wire.error_of(answer, trouble=Trouble.BALANCE)
    raise _wire.error_of(answer)


def _not_told(answer: _wire.Answer) -> ProviderError:
    """A bad answer to a look. A request that is unknown may be so for a moment only."""
    return _wire.error_of(answer, trouble=Trouble.BROKEN if answer.status == _NOT_FOUND else None)


def _types(answer: _wire.Answer) -> set[str]:
    """What kinds of error it tells: its own words for them, never its sentences."""
    value = _json.loads(answer.body)
    told = value if isinstance(value, dict) else {}
    details = told.get("detail")
    rows = [row for row in details if isinstance(row, dict)] if isinstance(details, list) else []
    words = [
        answer.headers.get("x-fal-error-type"),
        told.get("error_type"),
        *(row.get("type") for row in rows),
    ]
    return {word for word in words if isinstance(word, str) and word}


def _under_way(operation: str, told: Mapping[str, object]) -> Pending:
    place, logs = told.get("queue_position"), told.get("logs")
    lines = logs[-_LINES_MAX:] if isinstance(logs, list) else []
    texts = (line.get("message") for line in lines if isinstance(line, dict))
    step, steps = _words.steps_in("\n".join(text for text in texts if isinstance(text, str)))
    waits = isinstance(place, int) and not isinstance(place, bool) and place >= 0
    return Pending(operation=operation, step=step, steps=steps, place=place if waits else None)  # type: ignore[arg-type]  # it is an int then


_LINES_MAX = 50


def _pictures(
    told: Mapping[str, object], status: Mapping[str, object], answer: _wire.Answer, cost: int | None
) -> Answer:
    """The pictures without those that fal's check made black: these are billed, and shown to nobody."""
    listed = told.get("images", told.get("image"))
    items = listed if isinstance(listed, list) else [listed]
    urls = [url for item in items if (url := _url_of(item))]
    if not urls:
        if isinstance(listed, list) and not listed:
            return Failed(detail="completed without pictures", withheld=True, cost_usd_micros=cost)
        if status.get("error"):
            return Failed(detail=_words.clean(str(status["error"]), answer.hidden), cost_usd_micros=cost)
        raise _wire.unreadable(answer, "holds no pictures")
    flags = told.get("has_nsfw_concepts", told.get("nsfw_content_detected"))
    unsafe = [flag is True for flag in flags] if isinstance(flags, list) else [flags is True] * len(urls)
    shown = [url for url, kept_back in zip(urls, unsafe + [False] * len(urls), strict=False) if not kept_back]
    if not shown:
        return Failed(detail="every picture was flagged", refused=True, withheld=True, cost_usd_micros=cost)
    return Finished(
        images=tuple(map(RemoteImage, shown)), withheld=len(urls) - len(shown), cost_usd_micros=cost
    )


def _url_of(item: object) -> str:
    url = item.get("url") if isinstance(item, dict) else None
    return url if isinstance(url, str) and url.lower().startswith(("https://", "http://")) else ""


def _cost(headers: httpx.Headers, usd_unit: float | None) -> int | None:
    """What was billed, by the units that the answer tells of."""
    try:
        units = float(headers.get("x-fal-billable-units", ""))
    except ValueError:
        return None
    known = usd_unit is not None and math.isfinite(units) and 0 <= units < _UNITS_MAX
    return round(units * (usd_unit or 0) * USD_MICROS) if known else None


_UNITS_MAX = 10_000


def _usd_left(told: object) -> float | None:
    credits_ = told.get("credits") if isinstance(told, dict) else None
    left = credits_.get("current_balance") if isinstance(credits_, dict) else None
    usable = isinstance(left, int | float) and not isinstance(left, bool) and math.isfinite(left)
    return float(left) if usable else None  # type: ignore[arg-type]  # it is a number then


# ── Past requests ────────────────────────────────────────────────────────────────────────────────────


def _requests(told: object) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each past request with every input that stands in it, under whatever name."""
    inside = told if isinstance(told, dict) else {}
    lists = [told, *inside.values()]
    for row in (row for one in lists if isinstance(one, list) for row in one if isinstance(row, dict)):
        request_id = row.get("request_id")
        if isinstance(request_id, str) and _ID.fullmatch(request_id):
            yield from ((request_id, asked) for asked in _objects(row))


def _objects(value: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    yield value
    if depth < _DEPTH_MAX:
        for inner in value.values():
            if isinstance(inner, dict):
                yield from _objects(inner, depth + 1)


_DEPTH_MAX = 3


def _is_ours(asked: Mapping[str, Any], wanted: Mapping[str, object]) -> bool:
    return all(asked.get(name) == value for name, value in wanted.items())
