"""The books' invariants (docs/architecture.md, section 5), each a sentence and the query that finds who breaks it."""

from collections.abc import Sequence
from typing import Any

from bot.money import INWARD, OUTWARD, Transfer
from bot.store import states
from bot.store.database import Steps, sql


def _names(kinds: Sequence[Transfer]) -> str:
    return "(" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


_INVARIANTS = (
    (
        "account {id}: its balance is not the sum of its movements",
        f"""
        SELECT a.id FROM accounts a WHERE a.posted <>
          COALESCE((SELECT SUM(amount) FROM transfers WHERE credit = a.id AND kind IN {_names(INWARD)}), 0)
          - COALESCE((SELECT SUM(amount) FROM transfers WHERE debit = a.id AND kind IN {_names(OUTWARD)}), 0)
        OR a.held <>
          COALESCE((SELECT SUM(h.amount) FROM transfers h WHERE h.debit = a.id AND h.kind = 'hold'
                    AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.resolves = h.id)), 0)
        """,
    ),
    (
        "account {id}: what it was given is not the sum of its grants",
        (
            "SELECT a.id FROM accounts a WHERE a.given <>"
            " COALESCE((SELECT SUM(amount) FROM transfers t WHERE t.credit = a.id AND t.kind = 'grant'), 0)"
        ),
    ),
    (
        "account {id}: more is held than it has",
        "SELECT id FROM accounts WHERE posted - held < 0 OR held < 0",
    ),
    (
        "code {id}: whether it was used and what the books say don't agree",
        (
            "SELECT c.id FROM codes c WHERE CASE WHEN c.used_at IS NULL THEN 0 ELSE 1 END <>"
            " (SELECT COUNT(*) FROM transfers t WHERE t.id = 'redeem:' || c.id)"
        ),
    ),
    (
        "purchase {id}: whether its credits were given and what the books say don't agree",
        (
            "SELECT p.id FROM purchases p WHERE CASE WHEN p.account IS NULL THEN 0 ELSE p.credits END <>"
            " COALESCE((SELECT SUM(amount) FROM transfers t WHERE t.id = 'purchase:' || p.id), 0)"
        ),
    ),
    (
        "purchase {id}: what was taken of it is not what the books took",
        # Few payments go back: only of these the books are gone through.
        """
        SELECT p.id FROM purchases p WHERE (p.moves > 0 OR p.taken > 0) AND p.taken <>
          COALESCE((SELECT SUM(amount) FROM transfers WHERE kind = 'chargeback'
                    AND substr(id, 1, length('chargeback:' || p.id || '#')) = 'chargeback:' || p.id || '#'), 0)
          - COALESCE((SELECT SUM(amount) FROM transfers WHERE kind = 'purchase'
                    AND substr(id, 1, length('restore:' || p.id || '#')) = 'restore:' || p.id || '#'), 0)
        """,
    ),
    (
        "hold {id}: more was captured than held",
        (
            "SELECT h.id FROM transfers h JOIN transfers r ON r.resolves = h.id"
            " WHERE r.kind = 'capture' AND r.amount > h.amount"
        ),
    ),
    (
        "transfer {id}: it resolves what is no hold of its account and job",
        (
            "SELECT r.id FROM transfers r LEFT JOIN transfers h ON h.id = r.resolves AND h.kind = 'hold'"
            " AND h.job = r.job AND h.debit IN (r.debit, r.credit)"
            " WHERE r.kind IN ('capture', 'release') AND h.id IS NULL"
        ),
    ),
    (
        "transfer {id}: no such account",
        (
            "SELECT t.id FROM transfers t WHERE (t.debit NOT LIKE 'house:%'"
            " AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = t.debit))"
            " OR (t.credit NOT LIKE 'house:%'"
            " AND NOT EXISTS (SELECT 1 FROM accounts a WHERE a.id = t.credit))"
        ),
    ),
    (
        "hold {id}: its job has ended, but it was not settled",
        (
            "SELECT h.id FROM transfers h JOIN jobs j ON j.id = h.job WHERE h.kind = 'hold'"
            " AND j.captured_credits IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.resolves = h.id)"
        ),
    ),
    (
        "hold {id}: open without a live job",
        (
            "SELECT h.id FROM transfers h LEFT JOIN jobs j ON j.id = h.job WHERE h.kind = 'hold'"
            f" AND (j.id IS NULL OR j.state IN {states.ENDED})"
            " AND NOT EXISTS (SELECT 1 FROM transfers r WHERE r.resolves = h.id)"
        ),
    ),
    (
        "job {id}: what it captured is not what its holds gave",
        (
            "SELECT j.id FROM jobs j WHERE j.captured_credits IS NOT NULL AND j.captured_credits <>"
            " COALESCE((SELECT SUM(amount) FROM transfers t WHERE t.job = j.id AND t.kind = 'capture'), 0)"
        ),
    ),
    (
        "job {id}: it has no hold",
        (
            "SELECT j.id FROM jobs j WHERE NOT EXISTS"
            " (SELECT 1 FROM transfers t WHERE t.job = j.id AND t.kind = 'hold')"
        ),
    ),
    (
        "job {id}: its holds are not its price",
        (
            "SELECT j.id FROM jobs j WHERE j.credits <>"
            " COALESCE((SELECT SUM(amount) FROM transfers t WHERE t.job = j.id AND t.kind = 'hold'), 0)"
        ),
    ),
    (
        "job {id}: ended and settled don't agree",
        (f"SELECT j.id FROM jobs j WHERE (j.captured_credits IS NOT NULL) <> (j.state IN {states.ENDED})"),
    ),
)


def check_books() -> Steps[list[str]]:
    """A sentence for each thing that is wrong, at most twenty of a kind."""
    problems: list[str] = []
    for sentence, query in _INVARIANTS:
        rows: Any = yield sql(f"{query} LIMIT 20")
        problems += [sentence.format(id=row["id"]) for row in rows]
    return problems
