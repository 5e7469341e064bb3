"""`easel check` for Stripe: whether the key is good, and whether payments are told or only looked for."""

from contextlib import aclosing

from bot.checks import Checked, checked
from integrations.stripe._wire import StripeApi, StripeFault
from integrations.stripe.settings import StripeSettings

_UNAUTHORIZED, _FORBIDDEN = 401, 403


async def check(settings: StripeSettings) -> list[Checked]:
    """Tries what the section [stripe] names."""
    money = "live: people pay money" if settings.live else "test: no money is moved"
    try:
        async with aclosing(StripeApi(settings)) as api:
            await api.get("/v1/events", [("limit", "1")])
    except StripeFault as fault:
        return [checked("stripe", ok=False, detail=str(fault), fix=_fix(fault))]
    told = bool(settings.webhook_secret.get_secret_value())
    fix = (
        ""
        if told
        else "set webhook_secret, so that people have their credits at once and not within ten minutes"
    )
    return [checked("stripe", detail=money, fix=fix)]


def _fix(fault: StripeFault) -> str:
    if fault.status == _UNAUTHORIZED:
        return "set the right api_key"
    if fault.status == _FORBIDDEN:
        return "let the key read Events and Charges, and write Checkout Sessions"
    return "is base_url right, and Stripe reachable from here?"
