"""Where Easel lives: the communities that it joined, was removed from, and is known to by a mark."""

from bot.community import quotas
from bot.ports import Requester
from bot.store import Store


class Residence:
    """Notes comings and goings; chores erase what is left behind."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def left(self, surface: str, community: str) -> None:
        """Removed from it: after a grace time its people's data is erased."""
        await self._note(surface, community, left_at=self._store.now())

    async def joined(self, surface: str, community: str, *, mark: str = "") -> None:
        """There (again): nothing is erased. By its mark it is found when its name isn't told."""
        await self._note(surface, community, left_at=None)
        if mark and await self._marked(surface, mark) != community:
            easel = Requester(surface=surface, community=community, user="easel")
            values, now = {"community": community}, self._store.now()
            await self._store.communities.change(f"mark:{surface}:{mark}", values, actor=easel, now=now)

    async def left_by(self, surface: str, mark: str) -> str:
        """Removed from the community that was joined under this mark; its name, empty where none is known."""
        community = await self._marked(surface, mark)
        if community:
            await self.left(surface, community)
        return community

    async def communities(self, surface: str) -> dict[str, bool]:
        """Of which people's data is kept; whether Easel was removed from it, as far as that was noticed."""
        return await self._store.communities.inhabited(surface)

    async def _marked(self, surface: str, mark: str) -> str:
        (known,) = await self._store.communities.settings(f"mark:{surface}:{mark}")
        return str(known.get("community") or "")

    async def _note(self, surface: str, community: str, *, left_at: float | None) -> None:
        easel = Requester(surface=surface, community=community, user="easel")
        values = {"surface": surface, "community": community, "left_at": left_at}
        scope = f"life:{quotas.community_key(easel)}"
        (known,) = await self._store.communities.settings(scope)
        if bool(known.get("left_at")) == bool(left_at):
            return
        await self._store.communities.change(scope, values, actor=easel, now=self._store.now())
