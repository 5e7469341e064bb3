"""Whoever was refused wrongly is right again: by an appeal, a moderator's press, and nothing that it opens besides."""

import pytest

from bot.errors import PromptRefused
from bot.events import Kind
from bot.handling import ref_of
from bot.ports import Address, Do
from tests.fakes.house import open_town
from tests.fakes.room import Wall

HERE = Address(surface="discord", data={"user": "mina"})


async def refused(town, text):
    """The refusal of a text, which must be one."""
    with pytest.raises(PromptRefused) as caught:
        await town.ask(text=text)
    return caught.value


async def pressed(town, text):
    """A text is refused, appealed for and called wrong. Answers what the moderator is told."""
    town.wall = town.app.surfaces["discord"] = Wall()
    ref = ref_of((await refused(town, text)).appeal)
    await town.app.handling.appeal(ref, town.person(), HERE)
    event = next(e for e in await town.store.events.of("discord", "club", limit=9) if e.kind is Kind.APPEAL)
    done = await town.app.handling.act(event.id, Do.WRONG, town.mod)
    town.clock.now_s += 1
    return done


# ── Appeals ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("text", ["apartment 4N4L", "l0l1 hat", "B00B5 on a plate", "a wall in #b00b1e"])
async def test_what_was_misread_costs_no_strike_and_can_be_appealed_for_and_called_wrong_once(tmp_path, text):
    async with open_town(tmp_path, communities={}) as town:
        await pressed(town, text)
        (event,) = await town.store.events.of("discord", "club", limit=9)
        assert ([act.do for act in event.acts], event.settled) == ([Do.WRONG], True)
        assert await town.store.audit.strikes(town.person(), since=0) == []
        assert [e.actor for e in await town.audited("wrong")] == ["mod"]
