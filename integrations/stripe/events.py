"""Stripe's words -> ours: what a session sold, what of a charge went back. Pure; whatever is not ours is None.

Whose a payment is stands in the metadata, which only the holder of the key can write; a client_reference_id could
be put into an address by anybody.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from bot.ports import Requester
from bot.shops import Product, Reversal, Sale

SHOP = "stripe"
MARK = "easel"  # in the metadata of a payment, and so of its charge
TOLERANCE_S = 300
SESSIONS = ("checkout.session.completed", "checkout.session.async_payment_succeeded")
REFUNDS = ("charge.refunded",)
DISPUTES = ("charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed")
TYPES = (*SESSIONS, *REFUNDS, *DISPUTES)
_PAID = ("paid", "no_payment_required")
_OVER = ("won", "warning_closed", "prevented")
_INQUIRIES = ("warning_needs_response", "warning_under_review")  # no money was moved yet
_REFERENCE_MOST = 200

Json = Mapping[str, Any]


def metadata_of(product: Product, buyer: Requester) -> dict[str, str]:
    """What a session carries to the day when it is paid: the credits are those that were promised then."""
    written = {
        "surface": buyer.surface,
        "community": buyer.community,
        "user": buyer.user,
        "product": product.name,
        "credits": str(product.credits),
    }
    if product.lasts_s is not None:
        written["lasts_s"] = str(product.lasts_s)
    return {f"{MARK}_{name}": value for name, value in written.items()}


def reference_of(buyer: Requester) -> str:
    """What the operator reads at Stripe's."""
    return f"{buyer.surface}:{buyer.community}:{buyer.user}"[:_REFERENCE_MOST]


def sale_of(session: Json) -> Sale | None:
    """What a finished session sold; None while it is not paid, and for what others sell in the same account."""
    written = session.get("metadata") or {}
    facts = {
        name: str(written.get(f"{MARK}_{name}") or "") for name in ("surface", "community", "user", "product")
    }
    credits_ = str(written.get(f"{MARK}_credits") or "")
    if session.get("payment_status") not in _PAID or not all(facts.values()) or not credits_.isdecimal():
        return None
    lasts = str(written.get(f"{MARK}_lasts_s") or "")
    return Sale(
        shop=SHOP,
        origin=str(session.get("payment_intent") or session["id"]),
        product=facts["product"],
        credits=int(credits_),
        lasts_s=int(lasts) if lasts.isdecimal() else None,
        buyer=Requester(surface=facts["surface"], community=facts["community"], user=facts["user"]),
        paid=int(session.get("amount_total") or 0),
        currency=str(session.get("currency") or ""),
        test=not session.get("livemode", True),
    )


def refund_of(charge: Json) -> Reversal | None:
    """How much of a charge went back altogether; None for others' charges."""
    return _reversal(charge, "refund", int(charge.get("amount_refunded") or 0))


def dispute_of(dispute: Json, charge: Json) -> Reversal | None:
    """What a dispute takes, or took and gave back; None while it is a mere question, and for others' charges."""
    status = dispute.get("status")
    if status in _INQUIRIES:
        return None
    return _reversal(charge, str(dispute["id"]), int(dispute.get("amount") or 0), over=status in _OVER)


def _reversal(charge: Json, name: str, part: int, *, over: bool = False) -> Reversal | None:
    whole, origin = int(charge.get("amount") or 0), charge.get("payment_intent")
    if not (charge.get("metadata") or {}).get(MARK) or not origin or not whole:
        return None
    return Reversal(shop=SHOP, origin=str(origin), id=name, part=min(part, whole), whole=whole, over=over)


def is_genuine(secret: str, header: str, body: bytes, *, now: float) -> bool:
    """Whether Stripe has signed these bytes, not long ago. A header may hold several signatures while a secret is changed."""
    parts = [one.partition("=")[::2] for one in header.split(",")]
    stamp = next((value for name, value in parts if name.strip() == "t"), "")
    if not stamp.isascii() or not stamp.isdecimal() or abs(now - int(stamp[:12])) > TOLERANCE_S:
        return False
    wanted = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest().encode()
    given = [value.strip().encode() for name, value in parts if name.strip() == "v1"]
    return any(hmac.compare_digest(wanted, one) for one in given)
