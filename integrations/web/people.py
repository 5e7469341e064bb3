"""The made-up people of the page: whoever sits there may be any of them, to see quotas and rights at work."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request

from bot.http.guard import Unwelcome
from bot.ports import Requester
from bot.words.words import Words

SURFACE = "web"
COMMUNITY = "local"
CHANNEL = "page"  # there is no other

# What the roles get in `easel play`; a community's own rules, once set, stay as they are.
ROLES: Mapping[str, Any] = {"studio": {"allowance": 1500}, "guest": {"allowance": 60}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can be chosen at the side."""

    id: str
    name: str
    role: str = ""
    moderator: bool = False
    language: str = ""  # none of their own: the one that their browser wants

    @property
    def called(self) -> str:
        """What the page calls their role."""
        return "moderator" if self.moderator else self.role or "member"

    @property
    def requester(self) -> Requester:
        """The same as the core knows people."""
        return Requester(
            surface=SURFACE,
            community=COMMUNITY,
            user=self.id,
            name=self.name,
            roles=frozenset({self.role} - {""}),
            moderator=self.moderator,
            language=self.language,
        )


PEOPLE: Mapping[str, Person] = {
    person.id: person
    for person in (
        Person(id="robin", name="Robin"),
        Person(id="mira", name="Mira", role="studio"),
        Person(id="sam", name="Sam", role="guest"),
        Person(id="jisoo", name="지수 Jisoo", language="ko"),
        Person(id="kai", name="Kai", moderator=True),
    )
}


def person_of(name: str, request: Request, words: Words) -> Person:
    """One of them, with a language that is spoken here. Raises Unwelcome."""
    if name not in PEOPLE:
        raise Unwelcome(403, "user-unknown", "Nobody here is called that.")
    person = PEOPLE[name]
    return replace(person, language=person.language or language_of(request, words))


def person_in(request: Request, words: Words) -> Person:
    """Who asks. Raises Unwelcome."""
    return person_of(request.headers.get("x-easel-person", ""), request, words)


def language_of(request: Request, words: Words) -> str:
    """The one that the browser wants most of those that are spoken here; else the installation's own."""
    return spoken(request.headers.get("accept-language", ""), words)


def spoken(accepts: str, words: Words) -> str:
    """The first language of a browser's list that is spoken here; else the installation's own."""
    wished: Mapping[str, float] = dict(_weighed(part) for part in accepts.split(",")[:20] if part.strip())
    for wish in sorted((one for one in wished if wished[one] > 0), key=lambda one: -wished[one]):
        if (short := wish.partition("-")[0].lower()) in words.languages:
            return short
    return words.language


def _weighed(part: str) -> tuple[str, float]:
    name, _, weight = part.partition(";")
    try:
        return name.strip(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return name.strip(), 0.0
