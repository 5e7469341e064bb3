"""Services that draw one picture a call: what became of the calls of one order, as one answer."""

from collections.abc import Sequence

from bot.errors import ProviderError
from bot.provider import Failed, Finished

Share = Finished | Failed | ProviderError


def together(shares: Sequence[Share], *, each_usd_micros: int) -> Finished | Failed:
    """The pictures that came, else why none did. Raises the most doubtful error where nobody knows better.

    A call of which nobody knows counts at the table's price where others drew.
    """
    drawn = [one for one in shares if isinstance(one, Finished)]
    failed = [one for one in shares if isinstance(one, Failed)]
    errors = [one for one in shares if isinstance(one, ProviderError)]
    lost = [error for error in errors if error.reached.doubtful]
    if not drawn and (lost or not failed):
        raise (lost or errors)[0]
    cost = _cost_usd_micros(drawn, failed, len(lost), each_usd_micros)
    if not drawn:
        worst = max(failed, key=lambda one: (one.refused, one.withheld))
        return Failed(
            detail=worst.detail,
            refused=worst.refused,
            withheld=worst.withheld,
            again=worst.again,
            cost_usd_micros=cost,
        )
    return Finished(
        images=tuple(image for one in drawn for image in one.images),
        seed=drawn[0].seed,
        withheld=sum(one.withheld for one in failed),
        cost_usd_micros=cost,
    )


def _cost_usd_micros(drawn: Sequence[Finished], failed: Sequence[Failed], lost: int, each: int) -> int | None:
    """What all calls cost; None where none of them tells, and no other is in doubt."""
    told = [one.cost_usd_micros for one in drawn] + [one.cost_usd_micros for one in failed]
    if lost == 0 and all(cost is None for cost in told):
        return None
    pictures = [each if one.cost_usd_micros is None else one.cost_usd_micros for one in drawn]
    return sum(pictures) + sum(one.cost_usd_micros or 0 for one in failed) + lost * each
