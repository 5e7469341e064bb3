"""What the application sells: its SKUs, and what people are entitled to. https://docs.discord.com/developers/resources/entitlement."""

import dataclasses
from typing import TYPE_CHECKING, Any

from .inputs import Misuse
from .members import User
from .world import Guild

if TYPE_CHECKING:
    from .server import DiscordServer

DURABLE, CONSUMABLE, SUBSCRIPTION, GROUP = 2, 3, 5, 6
PURCHASE, TEST_MODE, USER_GIFT, APP_SUBSCRIPTION = 1, 4, 6, 8
MONTH_S = 30 * 86_400.0


@dataclasses.dataclass(eq=False)
class Sku:
    """One premium offering; `for_guild`: a subscription of a whole server."""

    id: int
    kind: int
    name: str
    for_guild: bool = False
    available: bool = True

    def json(self, application: int) -> dict[str, Any]:
        access = ((1 << 7) if self.for_guild else (1 << 8)) if self.kind in (SUBSCRIPTION, GROUP) else 0
        return {
            "id": str(self.id), "type": self.kind, "dependent_sku_id": None, "application_id": str(application),
            "manifest_labels": None, "access_type": 1, "name": self.name, "features": [], "release_date": None,
            "premium": False, "slug": self.name.replace(" ", "-"), "flags": access | (4 if self.available else 0),
            "show_age_gate": False,
        }  # fmt: skip


@dataclasses.dataclass(eq=False)
class Entitlement:
    """Somebody's right to a SKU. A test entitlement has no times and no subscription."""

    id: int
    sku: Sku
    kind: int
    user: User | None = None
    guild: Guild | None = None
    starts_at: float | None = None
    ends_at: float | None = None
    deleted: bool = False
    consumed: bool = False
    subscription: int | None = None
    test: bool = False

    def json(self, server: "DiscordServer") -> dict[str, Any]:
        clock = server.clock
        body: dict[str, Any] = {
            "id": str(self.id), "sku_id": str(self.sku.id), "application_id": str(server.world.application_id),
            "promotion_id": None, "type": self.kind, "deleted": self.deleted, "gift_code_flags": 0,
            "consumed": self.consumed,
        }  # fmt: skip
        if not self.test:
            body["starts_at"] = None if self.starts_at is None else clock.iso(self.starts_at)
            body["ends_at"] = None if self.ends_at is None else clock.iso(self.ends_at)
        if self.subscription is not None:
            body["subscription_id"] = str(self.subscription)
        if self.user is not None:
            body["user_id"] = str(self.user.id)
        if self.guild is not None:
            body["guild_id"] = str(self.guild.id)
        return body


class Market:
    """What people do in the app's store; Discord tells the bot by events, unless `told` is False (an event was lost)."""

    skus: dict[int, Sku]
    entitlements: dict[int, Entitlement]

    def sku(self: "DiscordServer", kind: int, name: str = "credits", **facts: Any) -> Sku:
        """A new offering. Facts: id, for_guild, available."""
        made = Sku(facts.pop("id", 0) or self.world.snowflakes.next(), kind, name, **facts)
        self.skus[made.id] = made
        return made

    async def buys(
        self: "DiscordServer", user: User, sku: Sku, *, kind: int = 0, guild: Guild | None = None,
        began: float | None = None, told: bool = True,
    ) -> Entitlement:  # fmt: skip
        """A person buys, or is given (`kind=USER_GIFT`). Raises Misuse for a consumable that was not consumed yet."""
        subscribes = sku.kind == SUBSCRIPTION
        open_ones = [
            one
            for one in self.entitlements.values()
            if (one.user, one.sku) == (user, sku)
            and not one.deleted
            and not one.consumed
            and one.ends_at is None
        ]
        if open_ones and kind != TEST_MODE:
            raise Misuse("this person has it already")
        now = self.clock.now() if began is None else began
        made = Entitlement(
            self.world.snowflakes.next(), sku, kind or (APP_SUBSCRIPTION if subscribes else PURCHASE), user, guild,
            starts_at=now if subscribes else None, subscription=self.world.snowflakes.next() if subscribes else None,
        )  # fmt: skip
        return await self._entitled("CREATE", made, told=told)

    async def entitles(
        self: "DiscordServer", sku: Sku, *, user: User | None = None, guild: Guild | None = None
    ) -> Entitlement:
        """The developer makes a test entitlement."""
        made = Entitlement(self.world.snowflakes.next(), sku, APP_SUBSCRIPTION, user, guild, test=True)
        return await self._entitled("CREATE", made, told=True)

    async def refunds(self: "DiscordServer", one: Entitlement, *, told: bool = True) -> None:
        """Discord gives the money back, and takes the right away."""
        one.deleted = True
        await self._entitled("DELETE", one, told=told)

    async def ends(self: "DiscordServer", one: Entitlement, at: float, *, told: bool = True) -> None:
        """A subscription ends; it is not deleted."""
        one.ends_at = at
        await self._entitled("UPDATE", one, told=told)

    async def tells(self: "DiscordServer", what: str, one: Entitlement) -> None:
        """The event `what` (CREATE, UPDATE, DELETE), once more or late."""
        await self._entitled(what, one, told=True)

    async def _entitled(self: "DiscordServer", what: str, one: Entitlement, *, told: bool) -> Entitlement:
        self.entitlements[one.id] = one
        if told:
            await self.gateway.emit(f"ENTITLEMENT_{what}", one.json(self))
        return one
