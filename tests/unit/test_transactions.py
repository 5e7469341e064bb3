"""What one picture costs the database, counted through the real program."""

from collections import Counter

from bench.transactions import one_picture
from bot.ports import Phase

AT_MOST = 14
# What nobody can do without; a busy machine may bring a look more, so only the sum has a bound.
NEEDED = {"jobs.accept": 1, "Jobs.move": 3, "MessageTable.shown": 3}


async def test_one_picture_costs_a_bounded_number_of_transactions():
    tally, chat = await one_picture()
    phases = [card.phase for card in chat.shows]
    assert phases == [Phase.WAITING, Phase.PAINTING, Phase.FINISHED], "each change was shown, and once"
    names = Counter(one.name for one in tally.of_the_picture)
    assert {name: names[name] for name in NEEDED} == NEEDED
    assert len(tally.of_the_picture) <= AT_MOST, names
