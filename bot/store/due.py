"""What is handed out when its time has come, to one process at a time.

A machine's clock may have been years ahead when it wrote, and be right again. So what is due or leased for longer than
anything ever is was written by such a clock: it is due now, and free. And what has happened later than now keeps nobody
waiting.
"""

from bot.store.rows import millis

PUT_OFF_MOST_S = 86_400.0  # nothing that is told is put off for longer
LEASES_MOST_S = 600.0  # nothing is leased for longer
_CLOCKS_DIFFER_S = 60.0

DUE = (
    "(due_at <= :now OR due_at > CAST(:due_end AS BIGINT))"
    " AND (lease_until <= :now OR lease_until > CAST(:leases_end AS BIGINT))"
)


def due_facts(now: float) -> dict[str, int]:
    """What DUE asks for."""
    return {
        "now": millis(now),
        "due_end": millis(now + PUT_OFF_MOST_S + _CLOCKS_DIFFER_S),
        "leases_end": leases_end(now),
    }


def present(now: float) -> int:
    """What has happened after this, in the database's milliseconds, was written by such a clock."""
    return millis(now + _CLOCKS_DIFFER_S)


def leases_end(now: float) -> int:
    """What is leased for longer than this, in the database's milliseconds, nobody holds."""
    return millis(now + LEASES_MOST_S + _CLOCKS_DIFFER_S)


def put_off_until(now: float, wait_s: float) -> int:
    """When it is due again, in the database's milliseconds."""
    return millis(now + min(wait_s, PUT_OFF_MOST_S))
