"""The made-up people of the page: whoever sits there may be any of them, to see quotas and rights at work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from bot.http.guard import Unwelcome
from bot.ports import Requester

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
    language: str = "en"

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


def person_of(name: str) -> Person:
    """One of them. Raises Unwelcome."""
    if name not in PEOPLE:
        raise Unwelcome(403, "user-unknown", "Nobody here is called that.")
    return PEOPLE[name]


def person_in(request: Request) -> Person:
    """Who asks. Raises Unwelcome."""
    return person_of(request.headers.get("x-easel-person", ""))
