"""A surface that reaches people who asked for nothing, and remembers what it told them."""

from dataclasses import dataclass, field

from bot.errors import SurfaceError
from bot.ports import Address


@dataclass
class Wall:
    """A surface that reaches people, as far as it is let."""

    name: str = "discord"
    told: list = field(default_factory=list)
    in_room: list = field(default_factory=list)
    refuses: SurfaceError | None = None

    async def run(self): ...

    async def show(self, card, address, handle): ...

    async def aclose(self): ...

    def person(self, community, user):
        return Address(surface=self.name, data={"user": user})

    async def tell(self, address, text):
        if self.refuses:
            raise self.refuses
        self.told.append((address.data["user"], text))

    async def say_in(self, room, user, text):
        self.in_room.append((room.data["channel"], user, text))
