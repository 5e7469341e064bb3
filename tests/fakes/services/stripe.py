"""A strict local Stripe: Checkout sessions, charges, refunds, disputes, the list of events and signed calls. https://docs.stripe.com/api."""

import contextlib
import hashlib
import hmac
import itertools
import json
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from aiohttp import web

from tests.fakes.services.serving import serving

KEY, SECRET = "rk_test_local", "whsec_local"
# What a session can be made with, of all that there is; another name is refused, as Stripe does it.
_FIELDS = re.compile(
    r"mode|success_url|cancel_url|client_reference_id|line_items\[\d+\]\[(price|quantity)\]"
    r"|(payment_intent_data\[metadata\]|metadata)\[[a-z_]{1,40}\]"
)
_REQUIRED = ("mode", "success_url", "line_items[0][price]", "line_items[0][quantity]")
_VALUE_MOST = 500
_LISTED = {"limit", "starting_after", "created[gte]", "types[]"}


@dataclass
class Stripe:
    """What tests see of it, and what they make happen. `lost`: its calls don't arrive."""

    url: str = ""
    endpoint: str = ""  # where it calls
    prices: dict[str, int] = field(default_factory=lambda: {"price_1": 500})
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    charges: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    lost: bool = False
    breaks: int = 0  # so many answers are lost behind a 500
    now: Callable[[], float] = lambda: 1_800_000_000.0
    answers: list[int] = field(default_factory=list)  # what it was told when it called
    _made: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)  # by Idempotency-Key
    _numbers: Any = field(default_factory=itertools.count)

    def id(self, kind: str) -> str:
        return f"{kind}_{next(self._numbers):06d}"

    # ── What happens ─────────────────────────────────────────────────────────────────────────────────

    async def pays(self, url: str, *, later: bool = False) -> dict[str, Any]:
        """Somebody pays at the session's page; `later`: by a way that takes days, see `arrives`."""
        session = next(one for one in self.sessions.values() if one["url"] == url)
        session |= {
            "status": "complete",
            "payment_status": "unpaid" if later else "paid",
            "payment_intent": self.id("pi"),
        }
        charge = {
            "id": self.id("ch"), "object": "charge", "amount": session["amount_total"], "amount_refunded": 0,
            "currency": "eur", "livemode": False, "payment_intent": session["payment_intent"],
            "metadata": session["_intent_metadata"], "refunded": False,
        }  # fmt: skip
        self.charges[charge["id"]] = charge
        await self.tell("checkout.session.completed", session)
        return charge

    async def arrives(self, charge: dict[str, Any]) -> None:
        """What was on its way for days is there."""
        session = next(
            one for one in self.sessions.values() if one["payment_intent"] == charge["payment_intent"]
        )
        session["payment_status"] = "paid"
        await self.tell("checkout.session.async_payment_succeeded", session)

    async def refunds(self, charge: dict[str, Any], amount: int) -> None:
        """So much more goes back."""
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        await self.tell("charge.refunded", charge)

    async def disputes(self, charge: dict[str, Any], status: str = "needs_response") -> dict[str, Any]:
        """The bank takes it back, or only asks (`warning_needs_response`)."""
        dispute = {
            "id": self.id("du"), "object": "dispute", "amount": charge["amount"], "charge": charge["id"],
            "payment_intent": charge["payment_intent"], "status": status, "currency": "eur", "metadata": {},
        }  # fmt: skip
        await self.tell("charge.dispute.created", dispute)
        return dispute

    async def closes(self, dispute: dict[str, Any], status: str) -> None:
        dispute["status"] = status
        await self.tell("charge.dispute.closed", dispute)

    async def tell(self, kind: str, about: dict[str, Any]) -> None:
        """Keeps an event, and calls with it unless calls are lost."""
        shown = {name: value for name, value in about.items() if not name.startswith("_")}
        event = {
            "id": self.id("evt"), "object": "event", "api_version": "2026-01-28", "created": int(self.now()),
            "data": {"object": json.loads(json.dumps(shown))}, "livemode": False, "pending_webhooks": 1,
            "request": None, "type": kind,
        }  # fmt: skip
        self.events.append(event)
        if not self.lost and self.endpoint:
            await self.call(event)

    async def call(self, event: dict[str, Any], *, secret: str = SECRET, at: float | None = None) -> int:
        """Sends an event, once more if it was sent before; answers what it was told."""
        body = json.dumps(event, indent=2).encode()
        async with httpx.AsyncClient(trust_env=False) as client:
            headers = {"Stripe-Signature": signed(body, secret, self.now() if at is None else at)}
            answer = await client.post(self.endpoint, content=body, headers=headers)
        self.answers.append(answer.status_code)
        return answer.status_code

    # ── Its API ──────────────────────────────────────────────────────────────────────────────────────

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/v1/checkout/sessions", self._guarded(self._session)),
            web.get("/v1/charges/{id}", self._guarded(self._charge)),
            web.get("/v1/events", self._guarded(self._events)),
        ]

    def _guarded(self, act: Any) -> Any:
        async def answer(request: web.Request) -> web.Response:
            self.asked.append(f"{request.method} {request.path}")
            if request.headers.get("Authorization") != f"Bearer {KEY}":
                return refused(401, "invalid_request_error", "", f"Invalid API Key provided: {KEY[:8]}****")
            response = await act(request)
            if self.breaks:
                self.breaks -= 1
                return refused(500, "api_error", "", "It broke behind the answer.")
            return response

        return answer

    async def _session(self, request: web.Request) -> web.Response:
        given = {str(name): str(value) for name, value in (await request.post()).items()}
        key = request.headers.get("Idempotency-Key", "")
        if key in self._made:
            before, session = self._made[key]
            if before != repr(sorted(given.items())):
                return refused(400, "idempotency_error", "", "Keys are for one request alone.")
            return web.json_response(session)
        for name, value in given.items():
            if not _FIELDS.fullmatch(name):
                return refused(400, "invalid_request_error", name, "unknown", code="parameter_unknown")
            if len(value) > (
                200 if name == "client_reference_id" else _VALUE_MOST if "metadata" in name else 5000
            ):
                return refused(400, "invalid_request_error", name, "too long")
        missing = [name for name in _REQUIRED if not given.get(name)]
        if missing or given["mode"] != "payment":
            return refused(
                400, "invalid_request_error", (missing or ["mode"])[0], "missing", code="parameter_missing"
            )
        price = self.prices.get(given["line_items[0][price]"])
        if price is None:
            return refused(
                400, "invalid_request_error", "line_items[0][price]", "No such price", code="resource_missing"
            )
        name = self.id("cs_test")
        session = {
            "id": name, "object": "checkout.session", "mode": "payment", "status": "open", "livemode": False,
            "amount_total": price * int(given["line_items[0][quantity]"]), "currency": "eur",
            "client_reference_id": given.get("client_reference_id"), "payment_status": "unpaid",
            "payment_intent": None, "metadata": _within(given, "metadata"),
            "url": f"https://checkout.stripe.com/c/pay/{name}#fid{'k' * 600}",
        }  # fmt: skip
        self.sessions[name] = {**session, "_intent_metadata": _within(given, "payment_intent_data[metadata]")}
        if key:
            self._made[key] = (repr(sorted(given.items())), session)
        return web.json_response(session)

    async def _charge(self, request: web.Request) -> web.Response:
        charge = self.charges.get(request.match_info["id"])
        return (
            web.json_response(charge)
            if charge
            else refused(404, "invalid_request_error", "id", "No such charge")
        )

    async def _events(self, request: web.Request) -> web.Response:
        """The newest first."""
        for name in request.query.keys() - _LISTED:
            if not re.fullmatch(r"types\[\d+\]", name):  # as its own library writes a list
                return refused(400, "invalid_request_error", name, "unknown", code="parameter_unknown")
        limit = request.query.get("limit", "10")
        if not limit.isdecimal() or not 1 <= int(limit) <= 100:
            return refused(400, "invalid_request_error", "limit", "1 to 100")
        kinds = [value for name, value in request.query.items() if name.startswith("types[")]
        if len(kinds) > 20:
            return refused(400, "invalid_request_error", "types", "at most 20")
        found = [
            one
            for one in reversed(self.events)
            if (not kinds or one["type"] in kinds)
            and one["created"] >= int(request.query.get("created[gte]", "0"))
        ]
        if behind := request.query.get("starting_after"):
            names = [one["id"] for one in found]
            if behind not in names:
                return refused(400, "invalid_request_error", "starting_after", "No such event")
            found = found[names.index(behind) + 1 :]
        page = found[: int(limit)]
        more = len(found) > len(page)
        return web.json_response({"object": "list", "url": "/v1/events", "has_more": more, "data": page})


def signed(body: bytes, secret: str, at: float) -> str:
    """The header of a call, with a signature of an older secret beside it."""
    stamp = f"{at:.0f}"
    mark = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={stamp},v1={'0' * 64},v1={mark},v0={'1' * 64}"


def refused(status: int, kind: str, param: str, message: str, *, code: str = "") -> web.Response:
    error = (
        {"type": kind, "message": message}
        | ({"param": param} if param else {})
        | ({"code": code} if code else {})
    )
    return web.json_response({"error": error}, status=status)


def _within(given: dict[str, str], name: str) -> dict[str, str]:
    return {
        found[1]: value
        for field_, value in given.items()
        if (found := re.fullmatch(re.escape(name) + r"\[(\w+)\]", field_))
    }


@contextlib.asynccontextmanager
async def stripe() -> AsyncIterator[Stripe]:
    service = Stripe()
    async with serving(service.routes(), limit_bytes=64 * 1024) as service.url:
        yield service
