"""The store: the only place with SQL. One object with a room for each kind of thing."""

from dataclasses import dataclass

from bot.errors import ConfigError, how_to_add
from bot.store.audit import Audit
from bot.store.clicks import Clicks
from bot.store.codes import Codes
from bot.store.communities import Communities
from bot.store.database import Database
from bot.store.drafts import Drafts
from bot.store.ended import Ended
from bot.store.favourites import Favourites
from bot.store.forgetting import Forgetting
from bot.store.health import Healths
from bot.store.jobs import Jobs
from bot.store.leases import Leases
from bot.store.ledger import Ledger
from bot.store.lineage import Lineage
from bot.store.messages import MessageTable
from bot.store.notices import Notices
from bot.store.outbox import Events
from bot.store.overview import Overview
from bot.store.people import People
from bot.store.purchases import PurchaseTable
from bot.store.review import Review
from bot.store.shared import Shared
from bot.store.stories import Stories
from bot.store.stranded import Stranded
from bot.store.uploads import UploadTable
from bot.store.usage import Usage


@dataclass(frozen=True, slots=True)
class Store:
    """Everything that is kept."""

    database: Database
    jobs: Jobs
    leases: Leases
    lineage: Lineage
    messages: MessageTable
    ledger: Ledger
    communities: Communities
    audit: Audit
    clicks: Clicks
    codes: Codes
    ended: Ended
    events: Events
    favourites: Favourites
    forgetting: Forgetting
    notices: Notices
    overview: Overview
    people: People
    purchases: PurchaseTable
    review: Review
    shared: Shared
    stories: Stories
    stranded: Stranded
    uploads: UploadTable
    drafts: Drafts
    usage: Usage
    health: Healths

    def now(self) -> float:
        """Unix seconds by the database's clock."""
        return self.database.now()

    async def scrub(self) -> None:
        """What was deleted leaves no bytes behind in the files."""
        await self.database.scrub()

    async def aclose(self) -> None:
        """Commits what waits and closes."""
        await self.database.aclose()


def store_on(database: Database) -> Store:
    """The rooms of one database."""
    return Store(
        database=database,
        jobs=Jobs(database),
        leases=Leases(database),
        lineage=Lineage(database),
        messages=MessageTable(database),
        ledger=Ledger(database),
        communities=Communities(database),
        audit=Audit(database),
        clicks=Clicks(database),
        codes=Codes(database),
        ended=Ended(database),
        events=Events(database),
        favourites=Favourites(database),
        forgetting=Forgetting(database),
        notices=Notices(database),
        overview=Overview(database),
        people=People(database),
        purchases=PurchaseTable(database),
        review=Review(database),
        shared=Shared(database),
        stories=Stories(database),
        stranded=Stranded(database),
        uploads=UploadTable(database),
        drafts=Drafts(database),
        usage=Usage(database),
        health=Healths(database),
    )


async def open_database(
    url: str, *, pool_size: int = 10, patience_s: float = 5.0, create: bool = True
) -> Database:
    """Opens and migrates the database that the URL names; a busy one is waited for so long.

    Raises ConfigError or StoreBusy; without `create` also where there is no file yet.
    """
    if url.startswith(("postgresql:", "postgres:")):
        try:
            from bot.store.postgres import open_postgres  # noqa: PLC0415 - the driver is an extra
        except ModuleNotFoundError as error:
            raise ConfigError(
                f"[store] url: PostgreSQL needs {error.name!r}: {how_to_add('postgres')}"
            ) from None

        return await open_postgres(url, pool_size=pool_size, patience_s=patience_s)
    from bot.store.sqlite import open_sqlite  # noqa: PLC0415 - only one of the two is ever needed

    return await open_sqlite(url, busy_timeout_s=patience_s, create=create)


async def open_store(url: str, *, pool_size: int = 10, patience_s: float = 5.0, create: bool = True) -> Store:
    """Opens and migrates the database that the URL names. Raises ConfigError."""
    return store_on(await open_database(url, pool_size=pool_size, patience_s=patience_s, create=create))
