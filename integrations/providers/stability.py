"""Stability AI: one picture a call, answered at once; a filtered one comes with HTTP 200 and a picture."""

import asyncio
import math
from collections.abc import Mapping, Sequence

import httpx
import pydantic

from bot.errors import ProviderError, Reached, Trouble
from bot.model import Model, Order
from bot.provider import Failed, Finished, InlineImage, Input, Outcome, Standing
from integrations.providers import _forms, _json, _models, _wire, _words
from integrations.providers._settings import ProviderSettings
from integrations.providers._together import Share, together

NAME = "stability"
BASE_URL = "https://api.stability.ai"
USD_A_CREDIT = 0.01
BUSY_S = 60.0  # whoever asked too often is shut out for a minute
SEED_MAX = 4_294_967_294

SUCCESS = "SUCCESS"
FILTERED = "CONTENT_FILTERED"
MODERATED = "content_moderation"

_FORBIDDEN, _TOO_MANY = 403, 429


class StabilitySettings(ProviderSettings, frozen=True):
    """The section [providers.stability] of the configuration."""

    base_url: str = pydantic.Field(default=BASE_URL, description="Where the service is.")


def open_stability(settings: StabilitySettings, *, client: httpx.AsyncClient | None = None) -> "Stability":
    """The service as configured, on a client of its own unless one is given."""
    return Stability(client or _wire.open_client(connections=settings.connections), settings)


class Stability:
    """Translates orders into the service's forms, and its answers into ours."""

    def __init__(self, client: httpx.AsyncClient, settings: StabilitySettings) -> None:
        self._wire = _wire.Wire(client, connections=settings.connections)
        self._settings = settings
        self._key = settings.key
        self._catalogue = _models.load("stability_models.toml", provider=NAME)

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
        key: str,
        inputs: Sequence[Input] = (),
        webhook: str = "",  # noqa: ARG002  # it calls nobody
    ) -> Outcome:
        """A call a picture, side by side; each is billed, and may fail, by itself."""
        own = self._catalogue.own.get(order.model, {})
        path = own.get("path")
        if not isinstance(path, str):
            detail = f"no path is known for {order.model}"
            raise ProviderError(detail, reached=Reached.NO, trouble=Trouble.MODEL_CLOSED)
        pictures, mask = _forms.parted(inputs)
        files = [("image", _forms.file_of(one)) for one in pictures]
        if field := own.get("mask"):
            if mask is None:
                raise _forms.no_mask(order)
            files.append((str(field), _forms.file_of(await _forms.grey_of(mask))))
        forms = [
            _forms.form(_fields(order, own, n, edits=bool(inputs)), files, key=key)
            for n in range(order.images)
        ]
        calls = [self._draw(order, f"v2beta/stable-image/{path}", form) for form in forms]
        return together(await asyncio.gather(*calls), each_usd_micros=order.usd_micros_each)

    async def poll(self, operation: str, *, order: Order) -> Outcome:  # noqa: ARG002  # there are none
        """The service answers at once."""
        raise ProviderError("the service knows no operations", reached=Reached.YES)

    async def cancel(self, operation: str, *, order: Order) -> None:
        """A call can't be stopped."""

    async def standing(self) -> Standing:
        """The account's credits; the service has no list of these models."""
        answer = await self._wire.get(
            self._settings.url("v1/user/balance"),
            headers=self._headers(),
            within_s=self._settings.poll_timeout_s,
            hidden=(self._key,),
        )
        if not answer.good:
            raise _error(answer)
        left = _number((await _wire.json_of(answer)).get("credits"))
        return Standing(credits_left=left, usd_left=None if left is None else left * USD_A_CREDIT)

    async def aclose(self) -> None:
        await self._wire.aclose()

    async def _draw(self, order: Order, path: str, form: _forms.Multipart) -> Share:
        """One picture; an error is handed over, since the calls beside it may have done better."""
        try:
            answer = await self._wire.post_form(
                self._settings.url(path),
                form=form,
                headers=self._headers(),
                within_s=self._settings.timeout_s,
                hidden=(self._key, order.prompt),
            )
            if not answer.good:
                return _refusal_or_error(answer)
            return _read(await _wire.json_of(answer), answer)
        except ProviderError as error:
            return error

    def _headers(self) -> dict[str, str]:
        known = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        return {"Accept": "application/json", **known}


# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────


def _fields(order: Order, own: Mapping[str, object], n: int, *, edits: bool) -> dict[str, str]:
    """The form of the picture with this number: the same seed would draw the same picture."""
    edit = own.get("edit")
    more = {name: str(value) for name, value in edit.items()} if edits and isinstance(edit, dict) else {}
    asked = {name: str(value) for name, value in order.parameters.items()}
    if "mode" in more:
        asked.pop("aspect_ratio", None)  # such an edit has its picture's shape
    seed = order.parameters.get("seed")
    if isinstance(seed, int):
        asked["seed"] = str(min(seed + n, SEED_MAX) if seed else 0)
    model = {"model": order.wire_name} if own.get("model") else {}
    words = {} if own.get("wordless") else {"prompt": order.prompt}
    return {**words, **asked, **model, **more}


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────────


def _read(told: Mapping[str, object], answer: _wire.Reply) -> Share:
    """Why it ended goes before everything else: a filtered answer has a picture too."""
    reason = told.get("finish_reason") or answer.headers.get("finish-reason", "")
    if reason == FILTERED:
        return Failed(detail=f"finish_reason {FILTERED}", refused=True, withheld=True)
    if told.get("errors"):
        return _moderated(told, answer) or Failed(detail=_said(told, answer))
    picture = told.get("image")
    if not isinstance(picture, str) or not picture:
        return _wire.unreadable(answer, "holds no picture")
    if reason not in ("", SUCCESS):
        # A word that nobody knows may be another way to say that it was filtered: nobody sees it.
        return Failed(detail=_words.clean(f"finish_reason {reason}"), withheld=True)
    return Finished(images=(InlineImage(picture),), seed=_seed(told.get("seed")))


def _seed(told: object) -> int | None:
    """As a number or as text; 0 would be a random one."""
    text = str(told)
    return (
        int(text) or None if text.isascii() and text.isdecimal() and len(text) <= len(str(SEED_MAX)) else None
    )


def _refusal_or_error(answer: _wire.Reply) -> Failed | ProviderError:
    told = _json.loads(answer.body)
    refused = _moderated(told, answer) if isinstance(told, dict) and answer.status == _FORBIDDEN else None
    return refused or _error(answer)


def _moderated(told: Mapping[str, object], answer: _wire.Reply) -> Failed | None:
    """A prompt, or a picture that was given, refused before anything was drawn or billed."""
    if told.get("name") != MODERATED:
        return None
    return Failed(detail=_said(told, answer), refused=True, cost_usd_micros=0)


def _said(told: Mapping[str, object], answer: _wire.Reply) -> str:
    return _words.clean(f"{answer.status} {_words.words_of(dict(told))}", answer.hidden)


def _error(answer: _wire.Reply) -> ProviderError:
    """A 403 that is no refusal is a key without the right."""
    return _wire.error_of(
        answer,
        trouble=Trouble.KEY if answer.status == _FORBIDDEN else None,
        after_s=BUSY_S if answer.status == _TOO_MANY else None,
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None
