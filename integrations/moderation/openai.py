"""OpenAI's omni-moderation as a layer for prompts and pictures: its scores become verdicts, by level."""

import asyncio
import base64
import time
from collections.abc import Mapping
from typing import Any, Literal

import httpx
import pydantic

from bot.errors import ConfigError, ProviderError, Trouble
from bot.ports import Checkable, Closable, Policy, Severity, Verdict
from bot.process import trust
from integrations.moderation import small
from integrations.moderation.omni import Omni, OpenAIOptions, digest_of

_SIDE_PX = 768  # of what is sent: nothing that is refused hides below, and a large file would cost its minute
_QUALITY = 85
_REST_S = 0.5  # before a second try

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


def open_openai(
    options: Mapping[str, Any], *, client: httpx.AsyncClient | None = None, rest_s: float = _REST_S
) -> "OpenAIModeration":
    """The layer as configured, on a client of its own unless one is given. Raises ConfigError."""
    try:
        settings = OpenAIOptions.model_validate(dict(options))
    except pydantic.ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"[moderation.options.openai] {key}: {first['msg']}") from None
    http = client or httpx.AsyncClient(verify=trust.authorities(), follow_redirects=False, trust_env=False)
    return OpenAIModeration(Omni(http, settings, rest_s=rest_s))


class OpenAIModeration(Checkable, Closable):
    """A PromptCheck and an ImageCheck."""

    name = "openai"
    local = False

    def __init__(self, omni: Omni) -> None:
        self._omni = omni

    async def aclose(self) -> None:
        await self._omni.aclose()

    async def check(self) -> tuple[bool, str, str]:
        """Whether the service answers with this key: (ok, detail, what to do)."""
        began = time.perf_counter()
        try:
            await self._omni.scores("a red fox in the snow")
        except ProviderError as error:
            return False, str(error), _FIXES.get(error.trouble, "is base_url right, and reachable from here?")
        return True, f"{self._omni.model} answered in {time.perf_counter() - began:.1f} s", ""

    async def judge_prompt(self, prompt: str, policy: Policy) -> Verdict:
        digest = digest_of("words", prompt.encode(errors="replace"))
        scores = self._omni.told(digest) or await self._omni.scores(prompt, digest)
        return _worst(scores, policy, refusal=Severity.REFUSE)

    async def judge_image(self, image: bytes, prompt: str, policy: Policy) -> Verdict:  # noqa: ARG002 - the port's
        """One picture a call, alone: what the prompt says was judged before."""
        digest = await asyncio.to_thread(digest_of, "picture", image)
        scores = self._omni.told(digest)
        if scores is None:
            url = await asyncio.to_thread(_data_uri, image)
            scores = await self._omni.scores([{"type": "image_url", "image_url": {"url": url}}], digest)
        return _worst(scores, policy, refusal=Severity.WITHHOLD)


def _data_uri(image: bytes) -> str:
    """The picture made small, in the request itself, so that it needs no public address. Raises BadImage."""
    shown = small.opened(image, _SIDE_PX)
    shown.thumbnail((_SIDE_PX, _SIDE_PX))
    return f"data:image/jpeg;base64,{base64.b64encode(small.as_jpeg(shown, _QUALITY)).decode('ascii')}"


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
