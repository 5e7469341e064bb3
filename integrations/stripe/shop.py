"""The shop `stripe`: private links to Checkout, and what Stripe tells of the payments, or is asked for.

A webhook that is lost is found again: events are listed at the start and every ten minutes, from where the last
look ended. What is told twice, late, or in another order counts once: the books know a payment by its name.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.errors import ConfigError, EaselError, NotAllowed, StoreBusy
from bot.http.guard import Proven
from bot.http.webhooks import Headers, json_object, webhook
from bot.ports import Requester
from bot.process.recent import Recent
from bot.shops import Product
from bot.tools import Tools
from integrations.stripe import events
from integrations.stripe._wire import StripeApi, StripeFault
from integrations.stripe.events import SHOP
from integrations.stripe.settings import StripeSettings

log = structlog.get_logger()

PATH, THANKS = "/stripe/events", "/stripe/thanks"
LOOK_EVERY_S = 600.0
OVERLAP_S = 3600.0  # an event may be listed late
KEPT_S = 29 * 86_400.0  # Stripe lists them for thirty days
PAGE = 100
_PAGES_MOST = 1_000
_PAUSES_S = (5.0, 30.0, 120.0)  # after a look that failed
_SIGNATURE = "stripe-signature"
_REMEMBERED = 20_000


def open_shop(settings: StripeSettings, tools: Tools) -> "Stripe":
    """Makes the shop, and its door where there is a secret. Raises ConfigError for what it can't sell."""
    for product in tools.purchases.articles_of(SHOP).values():
        if product.monthly:
            raise ConfigError(f"[products.{product.name}] monthly: stripe sells by the piece only")
    if not (settings.return_url or tools.settings.http.public_url):
        raise ConfigError(
            "[stripe] return_url is missing, and so is [http] public_url: one of them is needed"
        )
    return Stripe(settings, tools)


class Stripe:
    """One account. Implements the port Shop."""

    name = SHOP

    def __init__(self, settings: StripeSettings, tools: Tools) -> None:
        self._api = StripeApi(settings)
        self._purchases = tools.purchases
        self._words = tools.words
        self._return_url = settings.return_url or tools.settings.http.public_url + THANKS
        self._secret = settings.webhook_secret.get_secret_value()
        self._taken = Recent[str, bool](_REMEMBERED)  # events that this process has handed on
        if not settings.return_url:
            tools.mounts.append(Proven(THANKS, self._thank, methods=["GET"]))
        if self._secret:
            tools.mounts.append(
                webhook(PATH, signed_by=(_SIGNATURE,), is_genuine=self._is_genuine, take=self._receive)
            )

    async def link(self, product: Product, buyer: Requester, *, key: str) -> str:
        """A session of Checkout for this person. Raises NotAllowed where Stripe can't be asked now."""
        fields = [
            ("mode", "payment"),
            ("line_items[0][price]", product.articles[SHOP]),
            ("line_items[0][quantity]", "1"),
            ("success_url", self._return_url),
            ("client_reference_id", events.reference_of(buyer)),
            (f"payment_intent_data[metadata][{events.MARK}]", product.name),
            *((f"metadata[{name}]", value) for name, value in events.metadata_of(product, buyer).items()),
        ]
        once = hashlib.sha256(repr((key, fields)).encode()).hexdigest()
        try:
            session = await self._api.post("/v1/checkout/sessions", fields, key=once)
        except StripeFault as fault:
            log.warning("a link to pay can't be made", product=product.name, problem=str(fault))
            raise NotAllowed("buy-away") from fault
        return str(session["url"])

    async def run(self) -> None:
        """Lists what Stripe has told, at the start and every ten minutes, until cancelled."""
        failures = 0
        while True:
            try:
                await self.look()
            except (StripeFault, EaselError) as error:
                failures += 1
                log.warning("payments can't be looked up now", problem=str(error))
            except Exception:
                # A bug here must not end it: people have paid.
                failures += 1
                log.exception("a look at payments broke")
            else:
                failures = 0
            pause_s = _PAUSES_S[min(failures, len(_PAUSES_S)) - 1] if failures else LOOK_EVERY_S
            await asyncio.sleep(pause_s)

    async def look(self) -> None:
        """All events since the last look, the oldest first. Raises StripeFault, StoreBusy."""
        began_at = self._purchases.now()
        since = max(await self._purchases.looked_until(SHOP) - OVERLAP_S, began_at - KEPT_S)
        for event in reversed(await self._listed(since)):
            await self._take(event)
        await self._purchases.looked(SHOP, began_at)

    async def aclose(self) -> None:
        await self._api.aclose()

    async def _listed(self, since: float) -> list[dict[str, Any]]:
        """Events of ours since then, the newest first."""
        asked = [
            ("created[gte]", f"{since:.0f}"),
            ("limit", str(PAGE)),
            *(("types[]", one) for one in events.TYPES),
        ]
        found: list[dict[str, Any]] = []
        for _ in range(_PAGES_MOST):
            behind = [("starting_after", str(found[-1]["id"]))] if found else []
            page = await self._api.get("/v1/events", [*asked, *behind])
            found += page.get("data") or []
            if not page.get("has_more") or not page.get("data"):
                break
        return found

    # ── What Stripe tells ────────────────────────────────────────────────────────────────────────────

    def _is_genuine(self, headers: Headers, body: bytes) -> bool:
        return events.is_genuine(self._secret, headers[_SIGNATURE], body, now=self._purchases.now())

    async def _receive(self, headers: Headers, body: bytes) -> Response:
        """What can't be kept now is sent again by Stripe, for days."""
        del headers
        try:
            await self._take(json_object(body))
        except (StripeFault, StoreBusy) as error:
            log.warning("an event can't be kept now", problem=str(error))
            raise HTTPException(503, "Please come again.") from error
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise HTTPException(400, "This is no event that can be read.") from error
        return Response(status_code=204)

    async def _take(self, event: Mapping[str, Any]) -> None:
        """Hands one on; of a kind that we don't know, nothing. Raises StripeFault, StoreBusy."""
        name, kind, about = str(event["id"]), event.get("type"), event["data"]["object"]
        if name in self._taken:
            return
        if kind in events.SESSIONS and (sale := events.sale_of(about)) is not None:
            await self._purchases.paid(sale)
        elif kind in events.REFUNDS and (refund := events.refund_of(about)) is not None:
            await self._purchases.went_back(refund)
        elif kind in events.DISPUTES:
            charge = await self._api.get(f"/v1/charges/{about['charge']}")
            if (dispute := events.dispute_of(about, charge)) is not None:
                await self._purchases.went_back(dispute)
        self._taken[name] = True

    async def _thank(self, request: Request) -> Response:
        """Where people come after they have paid: what counts is Stripe's word, which comes by itself."""
        language = request.headers.get("accept-language", "")[:2]
        return PlainTextResponse(
            self._words.say("stripe-thanks", language), headers={"Cache-Control": "no-store"}
        )
