"""Laws of finding again: the history page by page and by words, one picture by its number, and who spent what.

A driver has besides:

    await turn(person, label)   presses a button to another page, below the last answer that has one
    await look(person)          opens the picture of the last answer, where that isn't open by itself
    charts(person)              how many charts a person was shown alone
"""

import re

from bot.talk import finding
from tests.contract.talk_steps import FOX_CREDITS, answered, asked, painted, until
from tests.fakes.there import there

UNKNOWN = "I can't show that picture"
NOWHERE = "01m7za57f5evfned4t7d0apt9v"


class FindingLaws:
    """The laws."""

    async def test_a_history_pages_on_is_searched_and_shows_one_again_to_who_may_see_it(
        self, chat, monkeypatch
    ):
        monkeypatch.setattr(finding, "PAGE", 1)
        await painted(chat, chat.mina, "a fox beneath a first moon")
        second = await painted(chat, chat.mina, "a harbour beneath a second moon")
        await asked(chat, chat.mina, "history", "", "a second moon")
        before = len(chat.told(chat.mina))
        await chat.turn(chat.mina, "Older →")
        older = await answered(chat, chat.mina, before, "a first moon", "page 2")
        assert "a second moon" not in older
        before = len(chat.told(chat.mina))
        await chat.turn(chat.mina, "← Newer")
        assert "a first moon" not in await answered(chat, chat.mina, before, "a second moon")

        found = await asked(chat, chat.mina, "history", "MOON fox", "“MOON fox”", "a first moon")
        assert "a second moon" not in found
        await asked(chat, chat.mina, "history", "volcano", "No picture of yours")
        await asked(chat, chat.tom, "history", "moon", "No picture of yours")

        files = chat.files(chat.tom)
        told = await asked(chat, chat.tom, "show", second.job, "a second moon")
        assert "a first moon" not in told
        await chat.look(chat.tom)
        await until(lambda: chat.files(chat.tom) > files, "the picture")
        for number in (NOWHERE, "fox"):
            before = len(chat.told(chat.mina))
            await chat.ask(chat.mina, "show", number)
            # Not every platform's card has the number: what tells it everywhere is named.
            assert "✉️" in await answered(chat, chat.mina, before, UNKNOWN)

    async def test_an_owner_sees_who_spent_what_in_lines_and_in_a_chart(self, chat):
        await painted(chat, chat.mina)
        charts = chat.charts(chat.kim)
        text = await asked(chat, chat.kim, "admin", "usage", "#1")
        most = there(re.search(r"#1 [^\n]*?: ([\d,]+) credits", text))[1]  # of all that was drawn here so far
        assert int(most.replace(",", "")) >= FOX_CREDITS
        assert "seedream" in text or "flux" in text or "gpt" in text or "gemini" in text
        await until(lambda: chat.charts(chat.kim) == charts + 1, "the chart")
