"""OpenAI's omni-moderation as a layer for prompts and pictures.

Translates scores into verdicts by level; does not retry or log. Anything that is not the documented answer is
a ProviderError, which the panel takes as "unavailable", never as "nothing found".
"""

import asyncio
import base64
import time
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import httpx
import pydantic

from bot import unreached
from bot.errors import ConfigError, ProviderError, Reached, Trouble
from bot.ports import Policy, Severity, Verdict

BASE_URL = "https://api.openai.com/v1"
_ANSWER_MAX_BYTES = 1024 * 1024
_DETAIL_CHARS = 200
_TROUBLES = {
    401: Trouble.KEY,
    403: Trouble.KEY,
    429: Trouble.BUSY,
    503: Trouble.BUSY,
    404: Trouble.MODEL_CLOSED,
}
_CLIENT_ERRORS = range(400, 500)

_FIXES = {
    Trouble.KEY: "set the right api_key in [moderation.options.openai]",
    Trouble.BUSY: "the service is busy or the account has no quota left: look there, or try again",
    Trouble.MODEL_CLOSED: "is the model's name right, and base_url?",
}

# The service's categories (they can grow: an unknown "sexual/..." counts as its family) by ours.
_MEANING = {
    "sexual/minors": "minors",
    "sexual": "sexual",
    "violence/graphic": "violence",
    "violence": "fight",
    "hate": "hate",
    "harassment/threatening": "hate",
    "harassment": "insult",
    "illicit": "illegal",
    "self-harm": "self_harm",
}

# From which score on a category is refused, at strict, standard and relaxed. A fight is no gore, and a
# picture of war no crime: plain "violence" needs to be sure of itself.
_THRESHOLDS = {
    "minors": (0.10, 0.20, 0.20),
    "sexual": (0.25, 0.60, 0.95),
    "violence": (0.25, 0.60, 0.95),
    "fight": (0.50, 0.90, 0.99),
    "hate": (0.25, 0.60, 0.80),
    "insult": (0.50, 0.80, 0.90),
    "illegal": (0.40, 0.70, 0.90),
    "self_harm": (0.25, 0.50, 0.70),
}
_LEVELS = ("strict", "standard", "relaxed")
_SPOILERS = frozenset({"sexual", "violence", "fight"})  # at relaxed: shown behind a spoiler, not withheld
_NAMES = {"fight": "violence", "insult": "hate"}

Score = Annotated[float, pydantic.Field(ge=0, le=1, allow_inf_nan=False)]


class OpenAIOptions(pydantic.BaseModel, frozen=True, extra="forbid", hide_input_in_errors=True):
    """The section [moderation.options.openai] of the configuration."""

    base_url: str = pydantic.Field(
        default=BASE_URL, description="where the service is, with or without a last slash"
    )
    api_key: pydantic.SecretStr = pydantic.Field(description="the service's key, sent as a bearer token")
    model: str = pydantic.Field(default="omni-moderation-latest", description="the moderation model")
    timeout_s: float = pydantic.Field(default=8.0, gt=0, le=120, description="longest wait for an answer")


class _Result(pydantic.BaseModel):
    flagged: bool
    category_scores: dict[str, Score] = pydantic.Field(min_length=1)


class _Judgement(pydantic.BaseModel):
    results: list[_Result] = pydantic.Field(min_length=1)


def open_openai(options: Mapping[str, Any], *, client: httpx.AsyncClient | None = None) -> "OpenAIModeration":
    """The layer as configured, on a client of its own unless one is given. Raises ConfigError."""
    try:
        settings = OpenAIOptions.model_validate(dict(options))
    except pydantic.ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"[moderation.options.openai] {key}: {first['msg']}") from None
    return OpenAIModeration(client or httpx.AsyncClient(follow_redirects=False, trust_env=False), settings)


class OpenAIModeration:
    """A PromptCheck and an ImageCheck."""

    name = "openai"
    local = False

    def __init__(self, http: httpx.AsyncClient, options: OpenAIOptions) -> None:
        self._http = http
        self._options = options
        self._url = options.base_url.rstrip("/") + "/moderations"

    async def aclose(self) -> None:
        await self._http.aclose()

    async def check(self) -> tuple[bool, str, str]:
        """Whether the service answers with this key: (ok, detail, what to do)."""
        began = time.perf_counter()
        try:
            await self._scores("a red fox in the snow")
        except ProviderError as error:
            return False, str(error), _FIXES.get(error.trouble, "is base_url right, and reachable from here?")
        return True, f"{self._options.model} answered in {time.perf_counter() - began:.1f} s", ""

    async def judge_prompt(self, prompt: str, policy: Policy) -> Verdict:
        scores = await self._scores(prompt)
        return _worst(scores, policy, refusal=Severity.REFUSE)

    async def judge_image(self, image: bytes, prompt: str, policy: Policy) -> Verdict:  # noqa: ARG002 - the port's
        """One picture a call, alone: what the prompt says was judged before."""
        url = await asyncio.to_thread(_data_uri, image)
        scores = await self._scores([{"type": "image_url", "image_url": {"url": url}}])
        return _worst(scores, policy, refusal=Severity.WITHHOLD)

    async def _scores(self, given: str | Sequence[Mapping[str, Any]]) -> dict[str, float]:
        """The highest score of each category over all results."""
        body = await self._ask({"model": self._options.model, "input": given})
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

    async def _ask(self, question: Mapping[str, Any]) -> bytes:
        headers = {"Authorization": f"Bearer {self._options.api_key.get_secret_value()}"}
        try:
            async with (
                asyncio.timeout(self._options.timeout_s),
                self._http.stream("POST", self._url, json=question, headers=headers, timeout=None) as answer,
            ):
                body = await _bounded(answer)
        except TimeoutError:
            raise ProviderError("moderation gave no answer in time", reached=Reached.UNKNOWN) from None
        except httpx.HTTPError as error:
            raise ProviderError(f"moderation: {unreached.why(error)}", reached=Reached.UNKNOWN) from error
        if not answer.is_success:
            raise _refused(answer, body)
        return body


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
    )


def _data_uri(image: bytes) -> str:
    """The picture in the request itself, so that it needs no public address."""
    kind = {b"\x89P": "png", b"\xff\xd8": "jpeg", b"RI": "webp", b"GI": "gif"}.get(image[:2], "png")
    return f"data:image/{kind};base64,{base64.b64encode(image).decode('ascii')}"


def _worst(
    scores: Mapping[str, float], policy: Policy, *, refusal: Literal[Severity.REFUSE, Severity.WITHHOLD]
) -> Verdict:
    found = [_verdict(name, score, policy, refusal) for name, score in scores.items()]
    return max(found, key=lambda verdict: (verdict.severity, verdict.category == "minors"), default=Verdict())


def _verdict(name: str, score: float, policy: Policy, refusal: Severity) -> Verdict:
    meaning = _MEANING.get(name) or _MEANING.get(name.partition("/")[0])
    if meaning is None or (meaning == "insult" and policy.insults):
        return Verdict()
    thresholds = dict(zip(_LEVELS, _THRESHOLDS[meaning], strict=True))
    if score >= thresholds[policy.level]:
        severity = Severity.REFUSE if meaning == "minors" else refusal
    elif policy.level == "relaxed" and meaning in _SPOILERS and score >= thresholds["standard"]:
        severity = Severity.SPOILER
    else:
        return Verdict()
    return Verdict(
        severity=severity,
        category=_NAMES.get(meaning, meaning),
        layer=OpenAIModeration.name,
        rule=f"{name}>={score:.2f}",
        strike=severity is Severity.REFUSE,
    )
