"""Nothing that was withheld reaches a chat: on every path, with every layer down, slow or lying, after every kill."""

import asyncio
import io
import itertools
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image

from bot.community.conduct import policy_for
from bot.community.rulebook import Rulebook
from bot.errors import NotAllowed, NotThere, PromptRefused, ProviderError, Reached
from bot.job import Asset, Job, State
from bot.moderation.checks import LexiconCheck, OwnWords
from bot.moderation.lexicon.lexicon import load
from bot.moderation.panel import Panel
from bot.ports import Address, Ask, Place, Policy, Severity, Verdict
from bot.rules.rules import Rules
from bot.store.audit import AuditLine
from bot.talk.answers import originals_of
from tests.chaos import lives
from tests.chaos.far_side import PICTURES, Chat, Painter
from tests.chaos.lives import WHO, fresh_world, job_of, live, make_template, settings_of
from tests.chaos.virtual_time import real_work, run
from tests.fakes.house import Town, at, new_sqlite, open_town
from tests.fakes.there import there


def pixels(image: bytes) -> bytes:
    """What is to be seen of a picture: the mark that it was drawn by a machine is written beside it."""
    with Image.open(io.BytesIO(image)) as opened:
        return opened.convert("RGB").tobytes()


BAD = pixels(PICTURES[0])  # what the eye withholds
WORDS = LexiconCheck(load())
NO_ANSWER_S = 3600.0
SHM = Path("/dev/shm")


@dataclass
class Eye:
    """A layer that looks at pictures and prompts, in some state of health."""

    health: str = "well"
    name: str = "eye"
    local: bool = False
    seen: list[bytes] = field(default_factory=list)

    async def judge_image(self, image: bytes, prompt: str, policy: Policy) -> Verdict:
        self.seen.append(image)
        return await self._say(Severity.WITHHOLD if pixels(image) == BAD else Severity.ALLOW)

    async def judge_prompt(self, prompt: str, policy: Policy) -> Verdict:
        return await self._say(Severity.ALLOW)

    async def _say(self, severity: Severity) -> Verdict:
        match self.health:
            case "down":
                raise ProviderError("no answer", reached=Reached.NO)
            case "slow":
                await asyncio.sleep(NO_ANSWER_S)
            case "lying":
                return {"severity": "allow"}  # type: ignore[return-value]  # a lie, on purpose
            case "broken":
                raise ZeroDivisionError
            case "spoiler":
                severity = Severity.SPOILER
            case _:
                pass  # It is well.
        category = "sexual" if severity else ""
        return Verdict(severity=severity, category=category, layer=self.name, strike=False)


def panel_of(eye: Eye, *, prompts: bool = False) -> Panel:
    return Panel(
        [WORDS, OwnWords(), *([eye] if prompts else [])],
        image_checks=[] if prompts else [eye],
        words=WORDS,
        timeout_s=2,
    )


@pytest.fixture(scope="module")
def template():
    with tempfile.TemporaryDirectory(dir=SHM if SHM.is_dir() else None) as folder:
        file = Path(folder) / "template.db"
        run(make_template(file))
        yield file


@dataclass
class Outcome:
    """What the world holds when a job is over."""

    job: Job
    chat: Chat
    bucket: dict[str, bytes]
    verdicts: list[AuditLine]
    strikes: list[float]
    died: bool

    def fetched(self) -> list[bytes]:
        """All that a chat client was ever pointed to; what is deleted since counts as nothing."""
        cards = [card for message in self.chat.messages.values() for card in message.cards]
        keys = {p.key for card in cards for p in (*card.pictures, *card.originals)}
        return [pixels(self.bucket[key]) for key in keys if key in self.bucket]

    def kept(self) -> list[bytes]:
        """All that lies in the bucket."""
        return [pixels(picture) for picture in self.bucket.values()]

    def pointed_at(self) -> set[str]:
        cards = [card for message in self.chat.messages.values() for card in message.cards]
        return {p.key for card in cards for p in (*card.pictures, *card.originals)}


def lived(
    template, monkeypatch, panel, *, model="quick-brush", images=2, kill_at=None, level="standard", rules=None
):
    """One order from start to end; with a kill at some step, and one more life."""
    monkeypatch.setattr(lives, "_panel", lambda: panel)

    async def story() -> Outcome:
        async with fresh_world(
            template.parent / "paths",
            template,
            painter=Painter(honours_keys=False),
            chat=Chat(nonces=True),
            settings=settings_of(),
            request=f"a red fox --model {model} --n {images}",
        ) as world:
            await set_rules(world, {"level": level, **(rules or {})})
            first = await live(world, kill_at)
            if first.killed:
                await live(world)
            store = await world.open_store()
            with real_work():
                names = [meta["path"] for meta in world.bucket.list().collect()]
                bucket = {n: bytes(await (await world.bucket.get_async(n)).bytes_async()) for n in names}
                entries = await store.audit.entries()
                assert await store.ledger.problems() == []
                strikes = await store.audit.strikes(WHO, since=0, now=store.now())
                job = await job_of(store)
                await store.aclose()
            return Outcome(there(job), world.chat, bucket, entries, strikes, first.killed)

    return run(story())


async def set_rules(world, values) -> None:
    store = await world.open_store()
    await Rulebook(settings_of(), store).change(WHO, lambda own: values, now=store.now())
    await store.aclose()


# ── Pictures ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("model", ["quick-brush", "slow-brush"], ids=["sync", "poll"])
@pytest.mark.parametrize("quarantine", [False, True], ids=["thrown away", "quarantined"])
@pytest.mark.parametrize("images", [1, 3])
def test_a_withheld_picture_is_never_pointed_at(template, monkeypatch, model, quarantine, images):
    outcome = lived(
        template,
        monkeypatch,
        panel_of(Eye()),
        model=model,
        images=images,
        rules={"quarantine": quarantine},
    )
    job = outcome.job
    assert BAD not in outcome.fetched()
    assert (BAD in outcome.kept()) is quarantine
    assert job.state is (State.WITHHELD if images == 1 else State.FINISHED)
    assert job.captured_credits == 10 * (images - 1)
    assert [a.index for a in job.images] == list(range(2, images + 1))
    assert {e.category for e in outcome.verdicts if e.layer == "eye"} == {"sexual"}
    assert outcome.strikes == [], "nobody is blamed"


@pytest.mark.parametrize(
    ("model", "quarantine"),
    [("quick-brush", False), ("slow-brush", True)],
    ids=["sync, thrown away", "poll, quarantined"],
)
def test_a_kill_at_any_step_shows_nothing_that_is_withheld(template, monkeypatch, model, quarantine):
    """Between keep and judgement, between judgement and move, between move and message."""
    fired = 0
    for step in itertools.count(1):
        eye = Eye()
        outcome = lived(
            template,
            monkeypatch,
            panel_of(eye),
            model=model,
            images=2,
            kill_at=step,
            rules={"quarantine": quarantine},
        )
        if not outcome.died:
            break
        fired += 1
        assert BAD not in outcome.fetched()
        assert quarantine or BAD not in outcome.kept(), "kept although nobody wants it"
        seen, drawn = set(map(pixels, eye.seen)), set(map(pixels, PICTURES))
        assert all(picture in seen for picture in outcome.fetched() if picture in drawn), (
            "shown without a look"
        )
        assert 1 not in [a.index for a in outcome.job.images]
    assert fired > 20


@pytest.mark.parametrize("health", ["down", "slow", "lying", "broken"])
@pytest.mark.parametrize(("level", "shown"), [("strict", False), ("standard", True)])
def test_an_eye_without_an_answer_withholds_where_strict_and_is_noted(
    template, monkeypatch, health, level, shown
):
    outcome = lived(template, monkeypatch, panel_of(Eye(health)), images=1, level=level)
    assert outcome.job.state is (State.FINISHED if shown else State.WITHHELD)
    assert bool(outcome.fetched()) is shown
    notes = [e for e in outcome.verdicts if e.category == "unavailable"]
    rules = {"down": "error", "slow": "timeout", "lying": "malformed", "broken": "broken"}
    assert {e.rule for e in notes} == {f"layer_unavailable.{rules[health]}"}
    assert outcome.strikes == [], "an outage blames nobody"


@pytest.mark.parametrize("health", ["down", "slow", "lying", "broken"])
@pytest.mark.parametrize(("level", "drawn"), [("strict", False), ("standard", True)])
def test_a_prompt_layer_without_an_answer_refuses_where_strict_and_is_noted(
    template, monkeypatch, health, level, drawn
):
    outcome = lived(template, monkeypatch, panel_of(Eye(health), prompts=True), images=1, level=level)
    assert outcome.job.state is (State.FINISHED if drawn else State.REFUSED)
    assert outcome.job.captured_credits == (10 if drawn else 0)
    assert [e.category for e in outcome.verdicts if e.layer] == ["unavailable"]
    assert outcome.strikes == []


def test_what_an_eye_finds_borderline_is_a_spoiler_on_every_card_that_shows_it(template, monkeypatch):
    outcome = lived(template, monkeypatch, panel_of(Eye("spoiler")), images=2)
    cards = [card for message in outcome.chat.messages.values() for card in message.cards if card.pictures]
    assert cards
    assert all(card.spoiler for card in cards)


# ── Buttons, history, originals ──────────────────────────────────────────────────────────────────────


@pytest.fixture
async def town(tmp_path):
    async with open_town(tmp_path) as town:
        yield town


async def partly_withheld(town: Town):
    """Two pictures, the first of them in quarantine."""
    job = await town.go(await town.ask(text="a red fox --model flux-2-pro --n 2"), State.CLEARED)
    job = await town.go(job, State.SUBMITTING)
    names = [f"pictures/{job.id}/{n}.png" for n in (1, 2)]
    assets = (Asset(key=names[1], index=2), Asset(key=names[0], index=1, role="quarantine"))
    return await town.end(
        job, State.FINISHED, capture=job.order.credits_each, assets=assets, reason="partial"
    )


async def test_buttons_history_and_original_know_only_what_is_shown(town):
    job, who = await partly_withheld(town), town.person()
    seen = await town.app.studio.job(job.id, who)
    handed = [originals_of(seen, town.app.assets, index=index).pictures for index in (1, 2)]
    assert [[one.asset.index for one in pictures] for pictures in handed] == [[], [2]]
    place = Place(address=Address(surface="discord", data={}), channel="general")
    ask = Ask(requester=who, place=place, text="", request_key="press")
    with pytest.raises(NotThere):
        await town.app.studio.pick(job.id, 1, ask)
    seen = await town.app.studio.history(who)
    assert [[a.index for a in found.images] for found in seen] == [[2]]


async def test_a_wholly_withheld_order_is_not_in_the_history(town):
    job = await town.go(await town.ask(), State.CLEARED, State.SUBMITTING)
    hidden = (Asset(key=f"pictures/{job.id}/1.png", index=1, role="quarantine"),)
    job = await town.end(job, State.WITHHELD, capture=0, assets=hidden, reason="withheld-quarantine")
    assert await town.app.studio.history(town.person()) == []
    assert await town.left() == (await town.app.studio.credits(town.person("somebody"))).balance.available


async def test_a_reroll_is_judged_anew_by_the_rules_of_today(town):
    job = await town.draw(text="a pineapple --model flux-2-pro")
    await town.rules(blocked_words=("pineapple",))
    ask = Ask(
        requester=town.person(),
        place=Place(address=None, channel="general"),
        text="",
        request_key="again",
    )
    with pytest.raises(PromptRefused):
        await town.app.studio.reroll(job.id, ask)


# ── Policy ───────────────────────────────────────────────────────────────────────────────────────────

NUDE, TEASE, SEX, MINOR = "a naked woman", "a woman in a corset", "hardcore porn", "a nude child"
REFUSE, SPOILER, ALLOW = Severity.REFUSE, Severity.SPOILER, Severity.ALLOW

PRECEDENCE = [
    # community's level, relaxed where age-restricted, channel age-restricted -> NUDE, TEASE, SEX, MINOR
    ("strict", False, False, (REFUSE, REFUSE, REFUSE, REFUSE)),
    ("strict", False, True, (REFUSE, REFUSE, REFUSE, REFUSE)),
    ("strict", True, False, (REFUSE, REFUSE, REFUSE, REFUSE)),
    ("strict", True, True, (SPOILER, ALLOW, REFUSE, REFUSE)),
    ("standard", False, False, (REFUSE, ALLOW, REFUSE, REFUSE)),
    ("standard", False, True, (REFUSE, ALLOW, REFUSE, REFUSE)),
    ("standard", True, False, (REFUSE, ALLOW, REFUSE, REFUSE)),
    ("standard", True, True, (SPOILER, ALLOW, REFUSE, REFUSE)),
    ("relaxed", False, False, (REFUSE, ALLOW, REFUSE, REFUSE)),
    ("relaxed", False, True, (SPOILER, ALLOW, REFUSE, REFUSE)),
    ("relaxed", True, False, (REFUSE, ALLOW, REFUSE, REFUSE)),
    ("relaxed", True, True, (SPOILER, ALLOW, REFUSE, REFUSE)),
]


@pytest.mark.parametrize(("level", "lifts", "adult", "expected"), PRECEDENCE)
async def test_only_an_age_restricted_channel_is_relaxed_and_only_if_the_community_says_so(
    level, lifts, adult, expected
):
    policy = policy_for(Rules(level=level, relaxed_where_age_restricted=lifts), age_restricted=adult)
    panel = Panel([WORDS, OwnWords()], words=WORDS)
    judged = [await panel.judge_now(p, policy) for p in (NUDE, TEASE, SEX, MINOR)]
    said = tuple(found.verdict.severity for found in judged)
    assert expected == said


@pytest.mark.parametrize(
    ("own", "prompt", "category"),
    [
        ({"blocked_words": ("fox",)}, "a red fox", "own"),
        ({"blocked_words": ("fox",), "allowed_words": ("fox",)}, "a red fox", "own"),
        ({"allowed_words": ("naked",)}, "a naked woman", ""),
        ({"allowed_words": ("naked",)}, "a naked child", "minors"),
        ({"blocked_words": ("naked",)}, "a naked woman", "sexual"),
        ({"art_nudity": True}, "a marble statue of a nude goddess", ""),
        ({"art_nudity": True, "blocked_words": ("goddess",)}, "a marble statue of a nude goddess", "own"),
        ({"art_nudity": True}, "a marble statue of a nude child", "minors"),
    ],
)
async def test_own_words_add_and_excuse_but_never_a_minor(own, prompt, category):
    policy = policy_for(Rules(**own), age_restricted=False)
    panel = Panel([WORDS, OwnWords()], words=WORDS)
    found = await panel.judge_now(prompt, policy)
    assert category == found.verdict.category


# ── Strikes ──────────────────────────────────────────────────────────────────────────────────────────


async def test_strikes_count_across_replicas_and_restarts_and_end(tmp_path):
    url = new_sqlite(tmp_path)
    async with open_town(tmp_path, url=url) as one, open_town(tmp_path, url=url) as other:
        await one.rules(strikes=3)
        for number, town in enumerate((one, other, one)):
            with pytest.raises(PromptRefused):
                await town.ask(text="hardcore porn", key=f"bad-{number}")
        for town in (one, other):
            with pytest.raises(NotAllowed, match="paused-strikes"):
                await town.ask(key=f"good-{id(town)}")
        assert (await other.ask(other.person("somebody"), key="bystander")).state.live
    async with open_town(tmp_path, url=url) as again:
        with pytest.raises(NotAllowed, match="paused-strikes"):
            await again.ask(key="after-restart")
        again.clock.now_s = at("2026-11-21 13:01")
        assert (await again.ask(key="after-the-pause")).state.live


async def test_strikes_at_the_same_moment_on_two_replicas_all_count(tmp_path):
    url = new_sqlite(tmp_path)
    async with open_town(tmp_path, url=url) as one, open_town(tmp_path, url=url) as other:
        await one.rules(strikes=6)
        asks = [t.ask(text="hardcore porn", key=f"{n}") for n, t in enumerate((one, other) * 3)]
        told = await asyncio.gather(*asks, return_exceptions=True)
        assert [type(error) for error in told] == [PromptRefused] * 6
        with pytest.raises(NotAllowed, match="paused-strikes"):
            await other.ask(key="seventh")
