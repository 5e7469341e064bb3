"""Who is blocked: a step of every transaction by which people spend or get something."""

from bot.errors import NotAllowed
from bot.ports import Requester
from bot.store.database import Steps, sql
from bot.store.rows import millis


def assert_not_blocked(who: Requester, *, now: float) -> Steps[None]:
    """Raises NotAllowed with the reason, and until when."""
    rows = yield sql(
        "SELECT reason, until FROM blocks WHERE surface = :surface AND community = :community"
        " AND user_id = :user AND (until IS NULL OR until > :now)",
        surface=who.surface,
        community=who.community,
        user=who.user,
        now=millis(now),
    )
    if rows:
        until = rows[0]["until"]
        raise NotAllowed("blocked", why=rows[0]["reason"], until=until / 1000 if until else None)
