"""The table of what moderators can say, and those who read it."""

import re
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bot.abilities import Named
from bot.staff.desk import Desk
from bot.staff.rulemaking import Rulemaking
from bot.talk.admin_text import AdminText
from bot.talk.verbs import BY_WORD, VERBS, OptionKind
from bot.words.words import Words
from tests.fakes.house import open_town

ROOT = Path(__file__).parents[2]
DISCORD = sorted((ROOT / "integrations" / "discord" / "locales").glob("*.ftl"))


NO_DESK, NO_RULES = cast("Desk", None), cast("Rulemaking", None)  # nothing is asked of it


@pytest.fixture(scope="module")
def words():
    return Words()


def test_every_verb_is_done_by_somebody_and_nothing_else_can_be_said(words):
    assert set(AdminText(NO_DESK, NO_RULES, words)._acts) == set(BY_WORD)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_every_verb_is_described_in_every_language(words, verb):
    assert all(words.knows(f"verb-{verb.name}", language) for language in words.languages)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_an_example_begins_with_its_verb_and_has_what_is_required(verb):
    assert [line.split()[0] for line in verb.examples] == list(verb.words)
    required = [option for option in verb.options if option.required]
    assert list(verb.options[: len(required)]) == required
    assert len(verb.example.split()) > len(required)


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb.name)
def test_words_of_any_number_stand_last(verb):
    open_ended = {OptionKind.TEXT, OptionKind.VALUE, OptionKind.MODELS, OptionKind.CHANNELS}
    plain = [option for option in verb.options if not option.keyed]  # others end where the next name begins
    assert not any(option.kind in open_ended for option in plain[:-1])


@pytest.mark.parametrize(
    ("verb", "given", "line"),
    [
        ("grant", {"person": "@mina", "amount": "5", "memo": "for it"}, "grant @mina 5 for it"),
        ("block", {"person": "@tom", "time": "", "why": "spam"}, "block @tom spam"),
        ("settings", {}, "settings"),
        ("settings", {"name": "press", "value": "requester"}, "set press requester"),
        ("settings", {"name": "press"}, "set press"),
        ("settings", {"value": "requester"}, "settings"),
        ("budget", {"period": "week"}, "budget"),
        ("budget", {"amount": "0", "period": "week"}, "budget 0 week"),
    ],
)
def test_options_are_said_as_a_line(verb, given, line):
    assert BY_WORD[verb].line(given) == line


def test_help_names_every_verb_with_its_examples(words):
    english = AdminText(NO_DESK, NO_RULES, words)._help("en")
    assert english[0] == ", ".join(verb.name for verb in VERBS)
    assert "set NAME VALUE · See the settings, or change one" in english
    assert [line.partition(" · ")[0] for line in english[1:]] == [e for v in VERBS for e in v.examples]
    assert not set(AdminText(NO_DESK, NO_RULES, words)._help("ko")[1:]) & set(english)


def test_every_verb_stands_in_the_document():
    table = (ROOT / "docs/credits.md").read_text(encoding="utf-8")
    shown = {example.split()[0] for example in re.findall(r"`([^`\n]+)`", table)}
    assert {word for verb in VERBS for word in verb.words} - shown == set()


@pytest.mark.parametrize("texts", DISCORD, ids=lambda texts: texts.stem)
def test_every_verb_and_option_has_a_name_and_every_option_a_description_on_discord(texts):
    needed = {f"discord-name-{verb.name}" for verb in VERBS}
    for option in (option for verb in VERBS for option in verb.options):
        needed |= {f"discord-name-{option.name}", f"discord-about-option-{option.name}"}
    assert needed - set(re.findall(r"^([\w-]+) =", texts.read_text(encoding="utf-8"), re.MULTILINE)) == set()


# ── What stands in lines by its id ───────────────────────────────────────────────────────────────────


class Directory:
    """A surface that knows one role and one channel, and everybody."""

    async def find(self, who, kind, typed):
        del who
        known = {Named.ROLE: {"81001"}, Named.CHANNEL: {"82001", "82002"}}
        return typed if typed in known.get(kind, {typed}) else None


IDS = {
    "81001": Named.ROLE,
    "82001": Named.CHANNEL,
    "82002": Named.CHANNEL,
    "83001": Named.PERSON,  # who moderates
    "83002": Named.PERSON,  # who is blocked
    "83003": Named.PERSON,  # who is named by the rule `moderators`
}


async def test_whatever_a_line_names_by_its_id_is_brought_along_with_its_kind(tmp_path):
    """So that each surface shows it as a name: of a verb that does otherwise people read digits."""
    async with open_town(tmp_path) as town:
        town.app.surfaces["discord"] = Directory()  # type: ignore[assignment]  # only its directory is asked
        mod, tom = town.person("83001", moderator=True), town.person("83002")
        nameless = [replace(one, name="") for one in (mod, tom)]
        admin = AdminText(town.app.desk, town.app.rulemaking, town.app.words)

        async def say(text):
            lines, names = await admin.answer(
                nameless[0], text, person_of={"@tom": nameless[1]}.get, key=text
            )
            # What the audit quotes of a change stays as it was set.
            told = "\n".join(lines) if text != "audit" else re.sub(r'"\d+"', "", "\n".join(lines))
            found = {one for one in IDS if re.search(rf"\b{one}\b", told)}
            assert found <= names.keys(), (text, lines)
            assert {one: names[one] for one in found} == {one: IDS[one] for one in found}, text
            return found

        said = {
            text: await say(text)
            for text in (
                "room 82001", "room", "channels 82001", "channels", "role 81001 images:1", "role 81001",
                "channel 82002 level:strict", "roles", "moderators 81001 83003", "moderators",
                "set moderators 81001,83003", "settings", "grant @tom 5", "books @tom", "take @tom 5",
                "block @tom 2d spamming", "blocked", "unblock @tom", "history", "audit", "usage", "purchases",
            )
        }  # fmt: skip
        assert said["moderators"] == said["set moderators 81001,83003"] == {"81001", "83003"}
        assert said["settings"] == {"81001", "82001", "82002", "83003"}
        assert said["audit"] == {"83001", "83002"}
        assert said["blocked"] == said["grant @tom 5"] == {"83002"}
        assert said["history"] == {"83001"}
