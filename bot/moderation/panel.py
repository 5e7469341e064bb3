"""All checks together: the most severe verdict wins, and a silent layer is never skipped silently."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from bot.errors import BadPrompt, EaselError
from bot.moderation.asking.leaving import whole_text
from bot.moderation.checks import LexiconCheck, OwnWords, at_length, worst
from bot.order.prompts import PROMPT_LIMIT
from bot.ports import Checkable, ImageCheck, Policy, PromptCheck, Severity, Verdict

_TIMEOUT_S = 8.0
_LOCAL_TIMEOUT_S = (
    0.25  # the acknowledgement waits for the local layers, and a platform gives it three seconds
)
LONGEST = (
    3 * PROMPT_LIMIT
)  # letters that are read of an order: clothes that are left away are said twice, and in their language
_OURS = (LexiconCheck, OwnWords)  # end by themselves, so that no long text is let pass for being long


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The panel's verdict, and for the audit what each layer said that was not a plain yes."""

    verdict: Verdict
    notes: tuple[Verdict, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerHealth:
    """Whether a layer can do its work, and what to do if not."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


class Panel:
    """Asks every layer. Local ones answer before the acknowledgement, remote ones in the stage `screen`."""

    def __init__(
        self,
        prompt_checks: Sequence[PromptCheck],
        *,
        image_checks: Sequence[ImageCheck] = (),
        words: LexiconCheck,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        self._local = tuple(check for check in prompt_checks if check.local)
        self._remote = tuple(check for check in prompt_checks if not check.local)
        self._images = tuple(image_checks)
        self._words = words
        self._timeout_s = timeout_s

    @property
    def screens(self) -> bool:
        """Whether any remote layer looks at prompts."""
        return bool(self._remote)

    @property
    def looks(self) -> bool:
        """Whether any layer looks at pictures."""
        return bool(self._images)

    async def check(self) -> list[LayerHealth]:
        """Whether each outside layer, and each local one that can be tried, can do its work."""
        tried = [check for check in self._local if isinstance(check, Checkable)]
        layers: dict[PromptCheck | ImageCheck, None] = dict.fromkeys((*tried, *self._remote, *self._images))
        return list(await asyncio.gather(*(self._health(layer) for layer in layers)))

    async def _health(self, layer: PromptCheck | ImageCheck) -> LayerHealth:
        if not isinstance(layer, Checkable):
            return LayerHealth(name=layer.name, ok=True, detail="configured; it can't be tried")
        try:
            async with asyncio.timeout(self._timeout_s):
                ok, detail, fix = await layer.check()
        except TimeoutError:
            return LayerHealth(
                name=layer.name, ok=False, detail="no answer in time", fix="is it reachable from here?"
            )
        except EaselError as error:
            return LayerHealth(name=layer.name, ok=False, detail=str(error), fix="see the detail")
        return LayerHealth(name=layer.name, ok=ok, detail=detail, fix=fix)

    async def judge_now(self, prompt: str, policy: Policy, *, negative: str = "") -> Judgement:
        """The local layers' judgement of a prompt and of what it shall not show: soon, whatever they do.

        One after the other, without a task each: those that come with Easel answer without a pause. Raises BadPrompt:
        what is longer than an order can be is refused unread.
        """
        whole = readable(prompt, negative)
        within_s = min(_LOCAL_TIMEOUT_S, self._timeout_s)
        return _judgement(
            [
                await self._ask(
                    check.name,
                    partial(check.judge_prompt, whole, policy),
                    policy,
                    None if isinstance(check, _OURS) else within_s,
                )
                for check in self._local
            ]
        )

    async def screen(self, prompt: str, policy: Policy, *, negative: str = "") -> Judgement:
        """The remote layers' judgement, all asked at once."""
        whole = whole_text(prompt, negative)
        asked = (
            self._ask(check.name, partial(check.judge_prompt, whole, policy), policy, self._timeout_s)
            for check in self._remote
        )
        return _judgement(await asyncio.gather(*asked))

    async def judge_together(
        self, prompts: Sequence[str], policy: Policy, *, negative: str = ""
    ) -> tuple[Verdict, bool]:
        """The rule on minors over a prompt and those behind it, and whether any speaks of the young.

        Each is read alone and once, so that a long line of them holds nobody up.
        """
        first, *behind = prompts
        texts = dict.fromkeys((readable(first, negative), *behind))
        told = [await at_length(text, partial(self._words.told, text, policy)) for text in texts]
        return self._words.judge_together(told, policy), any(one.young for one in told)

    async def speaks_of_young(self, words: str) -> bool:
        """Whether they speak of children or the young."""
        return (await at_length(words, partial(self._words.told, words, Policy()))).young

    async def judge_image(
        self, image: bytes, prompt: str, policy: Policy, *, young: bool = False
    ) -> Judgement:
        """The judgement of an image; `young`: words of what it came from spoke of the young.

        Services know no minors in pictures (OpenAI's sexual/minors reads text only), so a prompt that names
        youth is judged strictly, and anything sexual in its picture is refused.
        """
        young = bool(self._images) and (young or await self.speaks_of_young(prompt))
        eyes = replace(policy, level="strict", art_nudity=False) if young else policy
        asked = (
            self._ask(check.name, partial(check.judge_image, image, prompt, eyes), policy, self._timeout_s)
            for check in self._images
        )
        verdicts = await asyncio.gather(*asked)
        return _judgement([_protecting(verdict) if young else verdict for verdict in verdicts])

    @staticmethod
    async def _ask(
        layer: str, judge: Callable[[], Awaitable[Verdict]], policy: Policy, within_s: float | None
    ) -> Verdict:
        """One layer's verdict, or `unavailable` when it is down, slow or talks nonsense."""
        try:
            async with asyncio.timeout(within_s):
                verdict = await judge()
        except TimeoutError:
            return _unavailable(layer, "timeout", policy)
        except EaselError:
            return _unavailable(layer, "error", policy)
        except Exception:  # noqa: BLE001 - a plug-in's bug is an outage of that layer, not of the job
            return _unavailable(layer, "broken", policy)
        if not isinstance(verdict, Verdict):
            return _unavailable(layer, "malformed", policy)
        return verdict


def readable(prompt: str, negative: str) -> str:
    """What is judged of both. Raises BadPrompt: what is longer than an order can be is read by nobody."""
    typed = len(prompt) + len(negative)
    if typed > PROMPT_LIMIT or len(whole := whole_text(prompt, negative)) > LONGEST:
        raise BadPrompt("prompt-too-long", limit=PROMPT_LIMIT, length=max(typed, PROMPT_LIMIT + 1))
    return whole


def _protecting(verdict: Verdict) -> Verdict:
    """Without a strike: whoever asked for children at the beach has not drawn what a check sees there, once a picture."""
    if verdict.category == "sexual" and verdict.severity:
        return replace(verdict, severity=Severity.REFUSE, category="minors", strike=False)
    return verdict


def _refuses_when_unavailable(policy: Policy) -> bool:
    """Whether a layer that gives no answer stops the job: as the community says, else only when strict."""
    if policy.when_unavailable is None:
        return policy.level == "strict"
    return policy.when_unavailable == "refuse"


def _unavailable(layer: str, why: str, policy: Policy) -> Verdict:
    refuses = _refuses_when_unavailable(policy)
    return Verdict(
        severity=Severity.REFUSE if refuses else Severity.ALLOW,
        category="unavailable",
        layer=layer,
        rule=f"layer_unavailable.{why}",
        strike=False,
    )


def _judgement(verdicts: Sequence[Verdict]) -> Judgement:
    notes = tuple(verdict for verdict in verdicts if verdict.severity or verdict.category)
    found = worst(notes)
    return Judgement(verdict=found if found.severity else Verdict(), notes=notes)
