"""OpenRouter's image models: one call a picture, answered at once, with what it really cost."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

import httpx
import pydantic

from bot.errors import ProviderError, Reached, Trouble
from bot.model import USD_MICROS, Model, Order
from bot.process.recent import Recent
from bot.provider import Failed, Finder, Finished, Input, Outcome, Standing
from integrations.providers import _forms, _json, _models, _openai, _wire, _words
from integrations.providers._settings import ProviderSettings
from integrations.providers._together import Share, together

NAME = "openrouter"
BASE_URL = "https://openrouter.ai/api/v1"

_GENERATION = "x-generation-id"
_REMEMBERED = 1000  # submits whose answers were lost
_LIST_BYTES = 8 * 1024 * 1024
_DEARER = 1.05  # so much above the table a price is worth a word
_CLIENT_ERROR, _FORBIDDEN, _TIMEOUT, _OVERLOADED = 400, 403, 408, 529
_REFUSALS = frozenset({"content_policy_violation", "refusal"})


class OpenRouterSettings(ProviderSettings, frozen=True):
    """The section [providers.openrouter] of the configuration."""

    base_url: str = pydantic.Field(default=BASE_URL, description="Where OpenRouter is.")
    api_key: pydantic.SecretStr = pydantic.Field(
        default=pydantic.SecretStr(""), description="A key of OpenRouter, `sk-or-...`."
    )
    timeout_s: float = pydantic.Field(
        default=300.0, gt=0, le=3600, description="How long a picture may take; 4K takes minutes."
    )


def open_openrouter(settings: OpenRouterSettings, *, client: httpx.AsyncClient | None = None) -> "OpenRouter":
    """OpenRouter as configured, on a client of its own unless one is given."""
    return OpenRouter(client or _wire.open_client(connections=settings.connections), settings)


@dataclass(slots=True, kw_only=True)
class _AskedPicture:
    """One picture that was asked for: what became of it, and the service's name of it as soon as that is told."""

    generation: str = ""
    share: Share | None = None

    def learn(self, headers: httpx.Headers) -> None:
        """Takes the name out of an answer's headers; they come before the body, which may be lost."""
        self.generation = headers.get(_GENERATION, "")[:200]

    @property
    def is_lost(self) -> bool:
        """Whether nobody knows what became of it."""
        return isinstance(self.share, ProviderError) and self.share.reached.doubtful


class OpenRouter(Finder):
    """Translates orders into OpenRouter's requests, and its answers into ours."""

    name = NAME
    honours_keys = False

    def __init__(self, client: httpx.AsyncClient, settings: OpenRouterSettings) -> None:
        self._wire = _wire.Wire(client, connections=settings.connections)
        self._settings = settings
        # What it draws and asks for, it tells itself (`standing`); a price must be known before anything is asked.
        self._models = _models.load("openrouter_models.toml", provider=NAME, ends_upstream=True).models
        self._lost: Recent[str, tuple[str, ...]] = Recent(_REMEMBERED)  # key of a submit -> its generations

    @property
    def models(self) -> Sequence[Model]:
        return self._models

    @property
    def polls_per_s(self) -> float:
        return self._settings.polls_per_s

    async def submit(
        self,
        order: Order,
        *,
        key: str,
        inputs: Sequence[Input] = (),
        webhook: str = "",  # noqa: ARG002  # it calls nobody
    ) -> Outcome:
        """A call a picture: makers of single pictures refuse more, and others may make fewer without a word."""
        body = await _body(order, inputs, key)
        calls = [_AskedPicture() for _ in range(order.images)]
        outcomes = await asyncio.gather(*(self._draw(order, body, call) for call in calls))
        try:
            return together(outcomes, each_usd_micros=order.usd_micros_each)
        except ProviderError:
            if lost := [call for call in calls if call.is_lost]:
                self._lost[key] = tuple(call.generation for call in lost)
            raise

    async def poll(self, operation: str, *, order: Order) -> Outcome:  # noqa: ARG002  # there are none
        raise ProviderError("nothing goes on behind an answer", reached=Reached.YES, trouble=Trouble.BROKEN)

    async def cancel(self, operation: str, *, order: Order) -> None:
        """Nothing stops what was asked for."""

    async def find(
        self,
        order: Order,  # noqa: ARG002  # the service's own names suffice
        *,
        key: str,
        inputs: Sequence[Input] = (),  # noqa: ARG002  # likewise
        since: float,  # noqa: ARG002  # likewise
    ) -> Failed | None:
        """What lost pictures have cost: the pictures themselves are gone. Nobody knows without their names."""
        generations = self._lost.get(key, ())
        if not generations or not all(generations):
            return None
        costs = await asyncio.gather(*map(self._cost_of, generations))
        told = [cost for cost in costs if cost is not None]
        if len(told) < len(costs):
            return None
        return Failed(detail="its answer was lost on the way", cost_usd_micros=sum(told))

    async def standing(self) -> Standing:
        """Raises where the key is wrong; all else is told as far as it is there."""
        key, credits_, listed, ending = await asyncio.gather(
            self._get("key"),
            self._told("credits"),
            self._told("images/models"),
            self._told("models", output_modalities="image"),
        )
        if not key.good:
            raise _error(key)
        limits = _openai.part(await _wire.json_of(key), "data")
        names = {str(one["id"]) for one in _named(listed)}
        dearer = await asyncio.gather(*(self._dearer(model) for model in self._models if model.wire in names))
        return Standing(
            open_models=frozenset(names) if names else None,
            usd_left=_usd_left(limits, _openai.part(credits_, "data")),
            ends={str(one["id"]): day for one in _named(ending) if (day := _day(one.get("expiration_date")))},
            advice="; ".join(filter(None, dearer)),
        )

    async def aclose(self) -> None:
        await self._wire.aclose()

    # ── Asking ───────────────────────────────────────────────────────────────────────────────────────

    async def _draw(self, order: Order, body: Mapping[str, object], call: _AskedPicture) -> Share:
        """One picture; an error is handed over, since the calls beside it may have done better."""
        try:
            answer = await self._wire.post(
                self._settings.url("images"),
                body=body,
                headers=_openai.bearer(self._settings.key),
                within_s=self._settings.timeout_s,
                hidden=(self._settings.key, order.prompt),
                learn=call.learn,
            )
            call.share = await self._read(answer, call)
        except ProviderError as error:
            call.share = error
        return call.share

    async def _read(self, answer: _wire.Reply, call: _AskedPicture) -> Share:
        if not answer.good:
            return await self._refusal_or_error(answer, call)
        told = await _wire.json_of(answer)
        images = _openai.pictures_of(told.get("data"))
        if images:
            return Finished(images=tuple(images[:1]), cost_usd_micros=_cost(_openai.part(told, "usage")))
        if "error" in told:  # it began well
            code = _openai.count(_openai.part(told, "error"), "code")
            if code >= _CLIENT_ERROR:
                body = await _json.write({"error": told["error"]})
                return await self._refusal_or_error(replace(answer, status=code, body=body), call)
        if _openai.holds_nothing(told):
            cost = _cost(_openai.part(told, "usage"))
            cost = await self._cost_of(call.generation) if cost is None else cost
            return Failed(
                detail="an answer without pictures", refused=True, withheld=True, cost_usd_micros=cost
            )
        return _wire.unreadable(answer, "holds no pictures")

    async def _refusal_or_error(self, answer: _wire.Reply, call: _AskedPicture) -> Share:
        what, before = _refusal_of(answer)
        if what is None:
            return _error(answer)
        # Of a refusal by the maker nobody says in the error what it cost: it may have been drawn.
        cost = 0 if before else await self._cost_of(call.generation)
        return _openai.refused(answer, what, cost_usd_micros=cost)

    async def _cost_of(self, generation: str) -> int | None:
        """What the service has booked for it; None where it doesn't know it yet, or nobody its name."""
        if not generation:
            return None
        told = _openai.part(await self._told("generation", id=generation), "data")
        return _usd_micros(told.get("total_cost"))

    async def _dearer(self, model: Model) -> str:
        """A word where the service now asks more for a model than its table says, with what is sent by default."""
        told = await self._told(f"images/models/{quote(model.wire, safe='/')}/endpoints")
        price = max(_prices(told, model.defaults.get("resolution", "")), default=0)
        if price <= model.price().usd_micros * _DEARER:
            return ""
        return f"{model.wire} now costs ${price / USD_MICROS:g}: `easel prices`, and [models.{model.id!r}] prices"

    async def _told(self, path: str, **params: str) -> Mapping[str, object]:
        """What can be had without: nothing where it can't be had."""
        try:
            answer = await self._get(path, **params)
            return await _wire.json_of(answer) if answer.good else {}
        except ProviderError:
            return {}

    async def _get(self, path: str, **params: str) -> _wire.Reply:
        return await self._wire.get(
            self._settings.url(path),
            headers=_openai.bearer(self._settings.key),
            params=params or None,
            within_s=self._settings.poll_timeout_s,
            limit_bytes=_LIST_BYTES,
            hidden=(self._settings.key,),
        )


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────


async def _body(order: Order, inputs: Sequence[Input], key: str) -> dict[str, object]:
    """Another of the model's hosts may ask another price, so none is fallen back to: our own routes are for that."""
    given = [
        {"type": "image_url", "image_url": {"url": await _forms.data_uri_of(one)}}
        for one in _forms.parted(inputs)[0]
    ]
    return {
        **order.parameters,
        "model": order.wire_name,
        "prompt": order.prompt,
        "n": 1,
        **({"input_references": given} if given else {}),
        "provider": {"sort": "price", "allow_fallbacks": False},
        "session_id": key[:256],  # by it the operator finds a job in their logs
    }


# ── Errors ───────────────────────────────────────────────────────────────────────────────────────────


def _refusal_of(answer: _wire.Reply) -> tuple[_words.Refused | None, bool]:
    """What of the content was refused, and whether that was before any maker was asked."""
    said = _openai.complaint_in(answer)
    about = _openai.part(said.body, "metadata")
    if answer.status == _FORBIDDEN and ("flagged_input" in about or "reasons" in about):
        return "prompt", True
    kinds = {said.code, said.kind, about.get("error_type")}
    words = _makers_words(about.get("raw"), answer.hidden)
    what = _wire.refusal_of(answer) or (_words.refusal_in(words) if _is_ours(answer) else None)
    if what is None and any(kind in _REFUSALS for kind in kinds if isinstance(kind, str)):
        what = "prompt"
    return what, False


def _is_ours(answer: _wire.Reply) -> bool:
    """Whether the maker complains of the order: of a 5xx nobody knows more than that it broke."""
    return answer.status in (_CLIENT_ERROR, _FORBIDDEN)


def _makers_words(raw: object, hidden: Iterable[str]) -> str:
    """What the maker said, as it was passed through: its own words, without those of the person."""
    if not isinstance(raw, str):
        return _words.words_of(raw)
    told = _json.loads(raw[: _wire.ERROR_BODY_BYTES].encode("utf-8", "replace"))
    return _words.clean(raw if told is None else _words.words_of(told), hidden, chars=_words.SAID_CHARS)


def _error(answer: _wire.Reply) -> ProviderError:
    if answer.status == _OVERLOADED:
        return _wire.error_of(answer, reached=Reached.NO, trouble=Trouble.BUSY)
    if answer.status == _TIMEOUT:  # the maker may go on
        return _wire.error_of(answer, reached=Reached.UNKNOWN, trouble=Trouble.BROKEN)
    return _wire.error_of(answer)


# ── Reading answers ──────────────────────────────────────────────────────────────────────────────────


def _cost(usage: Mapping[str, object]) -> int | None:
    """What the request cost. With a key of the maker's own, that one bills the operator besides."""
    cost = _usd_micros(usage.get("cost"))
    if cost is None or usage.get("is_byok") is not True:
        return cost
    besides = _usd_micros(_openai.part(usage, "cost_details").get("upstream_inference_cost"))
    return None if besides is None else cost + besides


def _usd_micros(usd: object) -> int | None:
    number = _number(usd)
    return None if number is None or number < 0 else round(number * USD_MICROS)


def _number(value: object) -> float | None:
    """A finite number that is none of a million dollars: whatever stands in foreign JSON."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < USD_MICROS else None


def _usd_left(key: Mapping[str, object], account: Mapping[str, object]) -> float | None:
    """The least of what bounds us: the key's own limit, a budget over it, and the account, which may be hidden."""
    bought, used = _number(account.get("total_credits")), _number(account.get("total_usage"))
    bounds = [
        _number(key.get("limit_remaining")),
        _number(_openai.part(key, "effective_budget").get("remaining_usd")),
        None if bought is None or used is None else bought - used,
    ]
    return min((bound for bound in bounds if bound is not None), default=None)


def _prices(told: Mapping[str, object], resolution: str) -> Iterator[int]:
    """What each host asks for a picture of this resolution, where it counts pictures."""
    for host in _objects(told.get("endpoints")):
        for line in _objects(host.get("pricing")):
            counted = (line.get("billable"), line.get("unit")) == ("output_image", "image")
            variant = str(line.get("variant") or resolution).casefold()
            price = _usd_micros(line.get("cost_usd"))
            if counted and variant == resolution.casefold() and price is not None:
                yield price


def _named(listed: Mapping[str, object]) -> list[dict[str, object]]:
    return [one for one in _objects(listed.get("data")) if isinstance(one.get("id"), str)]


def _objects(value: object) -> list[dict[str, object]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if isinstance(text, str) else None
    except ValueError:
        return None
