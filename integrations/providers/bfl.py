"""Black Forest Labs: one task a picture, looked at where the service says, or when it calls."""

import asyncio
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import httpx
import pydantic

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Model, Order
from bot.provider import (
    Call,
    Failed,
    Finished,
    Heard,
    Input,
    Listener,
    Outcome,
    Pending,
    RemoteImage,
    Standing,
)
from integrations.providers import _forms, _json, _models, _signatures, _wire, _words
from integrations.providers._settings import ProviderSettings
from integrations.providers._together import Share, together

NAME = "bfl"
BASE_URL = "https://api.bfl.ai/v1"
HOME = "bfl.ai"  # the key goes to this host and those below it
USD_MICROS_A_CREDIT = 10_000

# Closed lists; every other status means: still under way.
READY = "ready"
REFUSED = {"request moderated": False, "content moderated": True}  # whether it had been drawn
FAILED = frozenset({"error", "failed"})
UNKNOWN_TASK = "task not found"

_LOST = "?"  # stands in an operation for a task of which nobody knows
_ID = re.compile(r"(?!\.{1,2}$)[\w.:-]{1,200}", re.ASCII)
_SIZE = re.compile(r"(\d{2,4})x(\d{2,4})")
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 401, 403, 404


class BflSettings(ProviderSettings, frozen=True):
    """The section [providers.bfl] of the configuration."""

    base_url: str = pydantic.Field(
        default=BASE_URL, description="Where the service is; api.eu.bfl.ai and api.us.bfl.ai draw there."
    )
    webhook: bool = pydantic.Field(
        default=True,
        description="Whether the service may call us, where webhook_secret and a public_url are set.",
    )
    webhook_secret: pydantic.SecretStr = pydantic.Field(
        default=pydantic.SecretStr(""), description="What its calls are signed with: any long text of yours."
    )


def open_bfl(settings: BflSettings, *, client: httpx.AsyncClient | None = None) -> "Bfl":
    """The service as configured, on a client of its own unless one is given."""
    return Bfl(client or _wire.open_client(connections=settings.connections), settings)


@dataclass(frozen=True, slots=True)
class _LookAt:
    """Where one picture is looked at, and what its submit said that it costs, in the service's credits."""

    url: httpx.URL
    credits: float | None = None

    def __str__(self) -> str:
        """The price stands where no service sees it."""
        return str(self.url.copy_with(fragment=None if self.credits is None else f"{self.credits:g}"))

    @classmethod
    def of(cls, text: str) -> "_LookAt":
        url = httpx.URL(text)
        return cls(url.copy_with(fragment=None), _number(url.fragment))


class Bfl(Listener):
    """Translates orders into the service's tasks, and what it says of them into ours."""

    def __init__(self, client: httpx.AsyncClient, settings: BflSettings) -> None:
        self._wire = _wire.Wire(client, connections=settings.connections)
        self._settings = settings
        self._base = httpx.URL(settings.base_url)
        self._key = settings.key
        self._secret = settings.webhook_secret.get_secret_value()
        self._catalogue = _models.load("bfl_models.toml", provider=NAME)

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

    @property
    def listens(self) -> bool:
        return self._settings.webhook and bool(self._secret)

    async def submit(
        self,
        order: Order,
        *,
        key: str,  # noqa: ARG002  # the service knows none
        inputs: Sequence[Input] = (),
        webhook: str = "",
    ) -> Outcome:
        """A task a picture. The operation names those that began, and counts those of which nobody knows."""
        own = self._catalogue.own.get(order.model, {})
        body = await _body(order, own, inputs)
        if webhook and own.get("inputs") != "images":  # the newest models take no fields beside their own
            body |= {"webhook_url": webhook, "webhook_secret": self._secret}
        bodies = [_of_number(body, n) for n in range(order.images)]
        begun = await asyncio.gather(*(self._begin(order, one) for one in bodies))
        tasks = [str(one) for one in begun if isinstance(one, _LookAt)]
        errors = [one for one in begun if isinstance(one, ProviderError)]
        lost = [error for error in errors if error.reached.doubtful]
        if not tasks:
            raise (lost or errors)[0]
        return Pending(operation=" ".join([*tasks, *(_LOST for _ in lost)]))

    async def poll(self, operation: str, *, order: Order) -> Outcome:
        """Looks at every task. One that is unknown may be there in a moment: it is borne a few times."""
        words = operation.split(" ")
        seen = await asyncio.gather(*(self._look(word) for word in words if word != _LOST))
        gone = [one for one in seen if isinstance(one, ProviderError)]
        under_way = [one for one in seen if isinstance(one, Pending)]
        outcomes: list[Share] = [one for one in seen if isinstance(one, Finished | Failed)]
        drawn = any(isinstance(one, Finished) for one in outcomes)
        if gone and (
            under_way or not drawn or any(one.reached.never or one.reached.doubtful for one in gone)
        ):
            raise gone[0]
        if under_way:
            step = min(one.step for one in under_way) if len(under_way) == len(seen) else 0
            return Pending(operation=operation, step=step, steps=under_way[0].steps if step else 0)
        unknown = len(gone) + words.count(_LOST)
        outcomes += [ProviderError("lost", reached=Reached.UNKNOWN)] * (unknown if drawn else 0)
        return together(outcomes, each_usd_micros=order.usd_micros_each)

    async def cancel(self, operation: str, *, order: Order) -> None:
        """The service knows no way to stop a task."""

    async def standing(self) -> Standing:
        """The account's credits; the service has no list of models."""
        answer = await self._get(httpx.URL(self._settings.url("credits")))
        if not answer.good:
            raise _error(answer)
        left = _number((await _wire.json_of(answer)).get("credits"))
        usd = None if left is None else left * USD_MICROS_A_CREDIT / 1_000_000
        return Standing(credits_left=left, usd_left=usd)

    async def hear(self, call: Call) -> Heard | None:
        """A call of the service by its signature, which tells no time: the task's id is heard once."""
        given = call.headers.get("x-bfl-signature", "")
        if not self.listens or not _signatures.is_hmac_hex(given, call.body, self._secret):
            return None
        told = await _json.read(call.body)
        task = _id_of(told) if isinstance(told, dict) else ""
        return Heard(id=task, operation=str(_LookAt(self._own_address(task)))) if task else None

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _begin(self, order: Order, body: Mapping[str, object]) -> _LookAt | ProviderError:
        """One task; an error is handed over, since the tasks beside it may have begun."""
        try:
            answer = await self._wire.post(
                self._settings.url(quote(order.wire_name, safe="")),
                body=body,
                headers=self._headers(self._base),
                within_s=self._settings.submit_timeout_s,
                limit_bytes=_wire.POLL_BODY_BYTES,
                hidden=(self._key, self._secret, order.prompt),
            )
            if not answer.good:
                return _error(answer)
            told = await _wire.json_of(answer)
            task = _id_of(told)
            if not task:
                return _wire.unreadable(answer, "names no task")
            return _LookAt(self._address(told.get("polling_url"), task), _number(told.get("cost")))
        except ProviderError as error:
            return error

    async def _look(self, word: str) -> Share | Pending:
        try:
            task = _LookAt.of(word)
            answer = await self._get(task.url)
            if not answer.good:
                return _poll_error(answer)
            return _read(await _wire.json_of(answer), answer, task)
        except httpx.InvalidURL:
            return ProviderError("no task of this service", reached=Reached.YES)
        except ProviderError as error:
            return error

    async def _get(self, url: httpx.URL) -> _wire.Reply:
        return await self._wire.get(
            str(url),
            headers=self._headers(url),
            within_s=self._settings.poll_timeout_s,
            hidden=(self._key, self._secret),
        )

    def _address(self, told: object, task: str) -> httpx.URL:
        """Where the service says that a task is, with its id; an address elsewhere than there is not gone to."""
        try:
            url = httpx.URL(told) if isinstance(told, str) else httpx.URL()
        except httpx.InvalidURL:
            url = httpx.URL()
        if not self._is_theirs(url):
            return self._own_address(task)
        url = url.copy_with(fragment=None)
        return url if "id" in url.params or task in url.path else url.copy_add_param("id", task)

    def _own_address(self, task: str) -> httpx.URL:
        return httpx.URL(self._settings.url("get_result"), params={"id": task})

    def _is_theirs(self, url: httpx.URL) -> bool:
        if _origin(url) == _origin(self._base):
            return True
        host = url.host.lower()
        return url.scheme == "https" and not url.userinfo and (host == HOME or host.endswith(f".{HOME}"))

    def _headers(self, url: httpx.URL) -> dict[str, str]:
        return {"x-key": self._key} if self._key and self._is_theirs(url) else {}


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────


async def _body(order: Order, own: Mapping[str, object], inputs: Sequence[Input]) -> dict[str, object]:
    asked = dict(order.parameters)
    size = str(asked.pop("size", "" if inputs else own.get("size", "")))
    body: dict[str, object] = {"prompt": order.prompt, **asked}
    if match := _SIZE.fullmatch(size):
        body |= {"width": int(match[1]), "height": int(match[2])}
    plain = own.get("plain")
    body |= plain if isinstance(plain, dict) else {}
    pictures, mask = _forms.parted(inputs)
    if own.get("mask"):
        if mask is None:
            raise _forms.no_mask(order)
        body[str(own["mask"])] = await _forms.base64_of((await _forms.grey_of(mask)).data)
    given = [await _forms.base64_of(one.data) for one in pictures]
    field = str(own.get("inputs", ""))
    if field == "images":
        return body | ({field: given} if given else {})
    return body | {(field if n == 1 else f"{field}_{n}"): one for n, one in enumerate(given, 1)}


def _of_number(body: Mapping[str, object], n: int) -> dict[str, object]:
    """The body of one of several pictures: the same seed would draw the same picture."""
    seed = body.get("seed")
    return {**body, "seed": seed + n} if isinstance(seed, int) and n else dict(body)


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────────


def _read(told: Mapping[str, object], answer: _wire.Reply, task: _LookAt) -> Share | Pending:
    word = told.get("status") or told.get("state")
    if not isinstance(word, str):
        return _wire.unreadable(answer, "holds no status")
    status = " ".join(re.split(r"[\s_]+", word.strip().lower()))
    settled = _usd_micros(_number(told.get("cost")))
    if status in REFUSED:
        detail = _words.clean(f"{word}: {_words.words_of(told.get('details'))}", answer.hidden)
        return Failed(detail=detail, refused=True, withheld=REFUSED[status], cost_usd_micros=settled)
    if status in FAILED:
        detail = _words.clean(f"{word}: {_words.words_of(dict(told))}", answer.hidden)
        return Failed(detail=detail, again=True, cost_usd_micros=settled)
    if status == UNKNOWN_TASK:
        return _unknown_task(word)
    return _ready(told, task, settled) if status == READY else _under_way(told, task)


def _ready(told: Mapping[str, object], task: _LookAt, settled: int | None) -> Finished | Failed:
    """The settled price goes before that of the submit, zero included."""
    result = told.get("result")
    sample = result.get("sample") if isinstance(result, dict) else None
    if not isinstance(sample, str) or not sample.lower().startswith(("https://", "http://")):
        return Failed(detail="ready without a picture", again=True, cost_usd_micros=settled)
    cost = _usd_micros(task.credits) if settled is None else settled
    seed = result.get("seed") if isinstance(result, dict) else None
    known = seed if isinstance(seed, int) and not isinstance(seed, bool) else None
    return Finished(images=(RemoteImage(sample),), cost_usd_micros=cost, seed=known)


def _under_way(told: Mapping[str, object], task: _LookAt) -> Pending:
    progress = _number(told.get("progress"))
    step = round(progress * 100) if progress is not None and 0 < progress <= 1 else 0
    return Pending(operation=str(task), step=step, steps=100 if step else 0)


def _unknown_task(said: str) -> ProviderError:
    return ProviderError(f"task unknown: {said}", reached=Reached.YES, trouble=Trouble.BROKEN)


def _poll_error(answer: _wire.Reply) -> ProviderError:
    return _unknown_task(_wire.detail_of(answer)) if answer.status == _NOT_FOUND else _error(answer)


def _error(answer: _wire.Reply) -> ProviderError:
    trouble = Trouble.KEY if answer.status in (_UNAUTHORIZED, _FORBIDDEN) else None
    return _wire.error_of(answer, trouble=trouble)


# ── Reading foreign values ───────────────────────────────────────────────────────────────────────────


def _id_of(told: Mapping[str, object]) -> str:
    task = told.get("id")
    return task if isinstance(task, str) and _ID.fullmatch(task) else ""


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _usd_micros(credits_: float | None) -> int | None:
    return None if credits_ is None else round(credits_ * USD_MICROS_A_CREDIT)


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
