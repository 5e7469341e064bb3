"""Ways to get credits besides an allowance: codes, and gifts from person to person."""

import hashlib
import re
import secrets
from collections.abc import Sequence

from bot.community import quotas
from bot.community.rulebook import Rulebook
from bot.errors import BadPrompt, NotAllowed
from bot.money import Reserve
from bot.notices import Notice
from bot.ports import Address, Requester
from bot.store import Store
from bot.store.codes import TRIES, Batch, Redeemed, hour_of

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none of them is taken for another
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
_LENGTH, _PIECE = 16, 4  # 80 bits: nobody guesses one
_HEAD = "EASEL"
CODES_MOST = 100_000
TRIES_AN_HOUR = 20  # of one person: typing errors, not guesses
_HOUR_S = 3600
_MEMO_MOST = 200


class Vouchers:
    """Makes and redeems codes, and hands gifts over. Each happens once for its key."""

    def __init__(self, store: Store, rulebook: Rulebook) -> None:
        self._store = store
        self._rulebook = rulebook

    async def make(self, batch: Batch, count: int, *, actor: Requester) -> Sequence[str]:
        """New codes, told this once: only their digests are kept. Raises NotAllowed."""
        if not 0 < count <= CODES_MOST:
            raise NotAllowed("amount-bad", limit=CODES_MOST)
        codes = [_fresh() for _ in range(count)]
        digests = [digest_of(code) for code in codes]
        await self._store.codes.make(batch, digests, actor=actor, now=self._store.now())
        return codes

    async def redeem(self, who: Requester, typed: str) -> Redeemed:
        """A code's credits for this person. Raises NotAllowed or BadPrompt with what is wrong."""
        if not looks_like_code(typed):
            raise BadPrompt("code-unknown")
        await self._count_try(who)
        digest = digest_of(typed)
        batch = await self._store.codes.find(digest)
        if batch is None:
            raise BadPrompt("code-unknown")
        now = self._store.now()
        lasts = batch.lasts_s
        fund = quotas.granted_fund(who) if lasts is None else quotas.lapsing_fund(who, now + lasts)
        return await self._store.codes.redeem(digest, who, fund, now=now)

    async def give(
        self,
        giver: Requester,
        to: Requester,
        amount: int,
        *,
        memo: str,
        key: str,
        room: Address | None = None,
    ) -> bool:
        """Granted credits of one person become another's, who is told; `room` is where it was given.

        Answers whether that was now. Raises NotAllowed, BadPrompt.
        """
        rules = await self._rulebook.of(giver)
        if not rules.gifts:
            raise NotAllowed("gifts-off")
        if amount <= 0:
            raise NotAllowed("amount-bad", limit=rules.gifts)
        if quotas.person_key(giver) == quotas.person_key(to):
            raise BadPrompt("gift-to-oneself")
        now, key = self._store.now(), f"{quotas.person_key(giver)}:{key}"
        facts: dict[str, str | int] = {
            "name": giver.name or giver.user,
            "amount": amount,
            "what": memo[:_MEMO_MOST],
        }
        notice = Notice(id=f"gift:{key}", to=to, says="gift-got", facts=facts, room=room)
        return await self._store.ledger.gift(
            giver,
            to,
            (quotas.granted_fund(giver), quotas.granted_fund(to)),
            amount,
            key=key,
            memo=memo[:_MEMO_MOST],
            cap=_gifts_of(giver, amount, rules.gifts, rules.time_zone, now),
            now=now,
            notice=notice,
        )

    async def _count_try(self, who: Requester) -> None:
        """Codes can't be guessed; that somebody tries all the same costs the house little."""
        now = self._store.now()
        meter = Reserve(
            meter=f"{TRIES}{hour_of(now)}:{quotas.person_key(who)}",
            unit="tries",
            amount=1,
            cap=TRIES_AN_HOUR,
            refusal="code-too-often",
            renews_at=float((now // _HOUR_S + 1) * _HOUR_S),
        )
        await self._store.codes.count_try(meter, who, now=now)


def _gifts_of(giver: Requester, amount: int, most: int, time_zone: str, now: float) -> Reserve:
    day = quotas.period_name("day", time_zone, now)
    return Reserve(
        meter=f"gifts:{quotas.person_key(giver)}:{day}",
        unit="gifts",
        amount=amount,
        cap=most,
        refusal="gift-too-much",
        renews_at=quotas.renews_at("day", time_zone, now),
    )


def _fresh() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join([_HEAD, *(letters[at : at + _PIECE] for at in range(0, _LENGTH, _PIECE))])


def looks_like_code(typed: str) -> bool:
    """Whether a text can be meant as a code at all."""
    return len(_plain(typed)) == _LENGTH


def digest_of(typed: str) -> str:
    """How a code is kept, however it was typed: case, dashes and blanks say nothing, O is 0, I and L are 1."""
    return hashlib.sha256(_plain(typed).encode("ascii")).hexdigest()


def _plain(typed: str) -> str:
    return re.sub(r"[^0-9A-Z]", "", typed.upper()).removeprefix(_HEAD).translate(_ALIKE)
