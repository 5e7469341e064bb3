"""The rows of `easel check` for the page: what of it is served, and to whom."""

from bot.checks import Checked, checked
from integrations.web.admin.place import ADMIN
from integrations.web.settings import WebSettings


async def check(section: WebSettings) -> list[Checked]:
    """Looks at the settings alone: what strangers reach is the row of the listener."""
    if not section.admin_token.get_secret_value():
        return [
            checked("web", detail="the page is served at /, and has no token"),
            checked("operator's place", detail=f"off: [web] admin_token opens {ADMIN}"),
        ]
    return [
        checked("web", detail="the page is served at /, to who has the token"),
        checked(
            "operator's place", detail=f"on at {ADMIN}: who has [web] admin_token gives and takes credits"
        ),
    ]
