"""A title in capitals that says "naked": "The Naked Now, book on a table", and no "Naked Woman, book cover"."""

from collections.abc import Iterator, Mapping, Sequence

from bot.moderation.asking.things import speaks_of_nobody

_REACH = 8  # words and signs from a title to what bears it
_TITLE_MAX = 3  # words of it behind this one


def titled(typed: Sequence[str], sets: Mapping[str, frozenset[str]]) -> Iterator[int]:
    """The places of qualities in the titles of books, films and shows, among the words as they were typed."""
    places = [place for place, word in enumerate(typed) if word.istitle() and word.lower() in sets["bare"]]
    if not places or not speaks_of_nobody([word.lower() for word in typed]):
        return
    for place in places:
        behind = typed[place + 1 : place + 1 + _REACH]
        title = [one.lower() for one in behind[:_TITLE_MAX] if one.istitle()]
        if behind and behind[0].istitle() and sets["no_titles"].isdisjoint(title):
            bearing = [step for step, one in enumerate(behind) if one.lower() in sets["titled"]]
            if bearing and behind[bearing[0] + 1 : bearing[0] + 2] != ["star"]:
                yield place
