"""OpenAI's POST /v1/moderations: asked within its free tier, once more after a failure that may pass, and not twice alike.

Anything that is not the documented answer is a ProviderError, which the panel takes as "unavailable", never as
"nothing found".
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import httpx
import pydantic

from bot.errors import ProviderError, Reached, Trouble
from bot.limits.lanes import Lane, Resting, turn
from bot.process import unreached
from bot.process.recent import Recent

BASE_URL = "https://api.openai.com/v1"
_ANSWER_MAX_BYTES = 1024 * 1024
_DETAIL_CHARS = 200
_REMEMBERED = 2_000  # answers of a few hundred bytes; a day of a free account is 5,000
_MINUTE_S, _DAY_S = 60.0, 86_400.0
_FIRST_SHARE = 0.6  # of the time, for the first try: what hangs leaves time for a second one
_TROUBLES = {
    401: Trouble.KEY,
    403: Trouble.KEY,
    429: Trouble.BUSY,
    503: Trouble.BUSY,
    404: Trouble.MODEL_CLOSED,
}
_CLIENT_ERRORS = range(400, 500)
_MAY_PASS = frozenset({Trouble.BUSY, Trouble.BROKEN})

Score = Annotated[float, pydantic.Field(ge=0, le=1, allow_inf_nan=False)]


class OpenAIOptions(pydantic.BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """The section [moderation.options.openai] of the configuration."""

    base_url: str = pydantic.Field(
        default=BASE_URL, description="where the service is, with or without a last slash"
    )
    api_key: pydantic.SecretStr = pydantic.Field(description="the service's key, sent as a bearer token")
    model: str = pydantic.Field(default="omni-moderation-latest", description="the moderation model")
    timeout_s: float = pydantic.Field(
        default=8.0, gt=0, le=120, description="longest wait for an answer, turn and second try included"
    )
    # What the service's page of this model says of the free tier.
    requests_per_minute: int = pydantic.Field(
        default=250, ge=1, le=100_000, description="what the account may ask in a minute"
    )
    requests_per_day: int = pydantic.Field(
        default=5_000, ge=1, le=100_000_000, description="what the account may ask in a day"
    )


class _Result(pydantic.BaseModel):
    flagged: bool
    category_scores: dict[str, Score] = pydantic.Field(min_length=1)


class _Judgement(pydantic.BaseModel):
    results: list[_Result] = pydantic.Field(min_length=1)


class Omni:
    """The service as one account may use it. `rest_s`: the pause before a second try that nobody has asked for."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        options: OpenAIOptions,
        *,
        rest_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._options = options
        self._url = options.base_url.rstrip("/") + "/moderations"
        self._rest_s = rest_s
        self._clock = clock
        # More than promised is tried one at a time, so an account that may do more needs no setting for it.
        self._lanes = (
            Lane(most=options.requests_per_minute, period_s=_MINUTE_S),
            Lane(most=options.requests_per_day, period_s=_DAY_S),
        )
        self._told = Recent[bytes, Mapping[str, float]](_REMEMBERED)

    @property
    def model(self) -> str:
        """As the service calls it."""
        return self._options.model

    async def aclose(self) -> None:
        await self._http.aclose()

    def told(self, digest: bytes) -> Mapping[str, float] | None:
        """What was told lately of the same."""
        return self._told.get(digest)

    async def scores(self, given: object, digest: bytes | None = None) -> Mapping[str, float]:
        """The highest score of each category; kept by the digest, where there is one. Raises ProviderError."""
        try:
            async with asyncio.timeout(self._options.timeout_s):
                scores = await self._patiently({"model": self._options.model, "input": given})
        except TimeoutError:
            raise _late() from None
        if digest is not None:
            self._told[digest] = scores
        return scores

    async def _patiently(self, question: Mapping[str, Any]) -> Mapping[str, float]:
        """A second try where the first failed by something that may pass; there is no third."""
        give_up_at = self._clock() + self._options.timeout_s
        try:
            return await self._ask_once(question, give_up_at, within_s=self._options.timeout_s * _FIRST_SHARE)
        except ProviderError as error:
            rest_s = self._rest_s if error.retry_after_s is None else error.retry_after_s
            if error.trouble not in _MAY_PASS or self._clock() + rest_s >= give_up_at:
                raise
        await asyncio.sleep(rest_s)
        return await self._ask_once(question, give_up_at, within_s=self._options.timeout_s)

    async def _ask_once(
        self, question: Mapping[str, Any], give_up_at: float, *, within_s: float
    ) -> Mapping[str, float]:
        """One call when it is its turn; `within_s` bounds the call, and not the turn."""
        try:
            async with (
                turn(self._lanes, self._clock, within_s=give_up_at - self._clock()),
                asyncio.timeout(within_s),
            ):
                return _highest(await self._ask(question))
        except TimeoutError:
            raise _late() from None
        except Resting as rest:
            raise ProviderError(
                f"moderation: what the account may ask is used up for {rest.wait_s:.0f} s",
                reached=Reached.NO,
                trouble=Trouble.BUSY,
                retry_after_s=rest.wait_s,
            ) from None

    async def _ask(self, question: Mapping[str, Any]) -> bytes:
        headers = {"Authorization": f"Bearer {self._options.api_key.get_secret_value()}"}
        try:
            async with self._http.stream(
                "POST", self._url, json=question, headers=headers, timeout=None
            ) as answer:
                body = await _bounded(answer)
        except httpx.HTTPError as error:
            raise ProviderError(f"moderation: {unreached.why(error)}", reached=Reached.UNKNOWN) from error
        if not answer.is_success:
            refused = _refused(answer, body)
            if refused.trouble is Trouble.BUSY and refused.retry_after_s:
                now = self._clock()
                self._lanes[0].rest(now, now + refused.retry_after_s)
            raise refused
        return body


def digest_of(kind: str, given: bytes) -> bytes:
    """What the same words or picture are known by."""
    return hashlib.sha256(kind.encode() + b"\0" + given).digest()


def _late() -> ProviderError:
    return ProviderError("moderation gave no answer in time", reached=Reached.UNKNOWN)


def _highest(body: bytes) -> Mapping[str, float]:
    """Over all results."""
    try:
        answer = _Judgement.model_validate_json(body)
    except pydantic.ValidationError as error:
        raise ProviderError(
            f"moderation answered something else ({error.error_count()} faults)", reached=Reached.YES
        ) from None
    scores: dict[str, float] = {}
    for result in answer.results:
        for name, score in result.category_scores.items():
            scores[name] = max(score, scores.get(name, 0.0))
    return scores


async def _bounded(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for part in answer.aiter_bytes():
        body += part
        if len(body) > _ANSWER_MAX_BYTES:
            raise ProviderError("moderation answered too much", reached=Reached.YES)
    return bytes(body)


def _refused(answer: httpx.Response, body: bytes) -> ProviderError:
    usual = Trouble.ORDER if answer.status_code in _CLIENT_ERRORS else Trouble.BROKEN
    return ProviderError(
        f"moderation answered {answer.status_code}: {body[:_DETAIL_CHARS].decode(errors='replace')}",
        reached=Reached.YES,
        trouble=_TROUBLES.get(answer.status_code, usual),
        retry_after_s=_asked_for_s(answer),
    )


def _asked_for_s(answer: httpx.Response) -> float | None:
    """The pause that the service asks for; it writes seconds."""
    told = answer.headers.get("Retry-After", "")
    return float(told) if told.isascii() and told.isdigit() else None
