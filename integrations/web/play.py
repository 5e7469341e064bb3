"""`easel play`: simulator, core and page in one process, on an embedded database in a folder of its own."""

from pathlib import Path
from typing import Annotated, Any

import typer


def play(
    *,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="8420, or a free one if that is taken; 0: free.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser, if there is one.")] = True,
    speed: Annotated[float, typer.Option(min=0.01, max=1000, help="2 draws twice as fast.")] = 1.0,
    data: Annotated[
        Path | None, typer.Option(help="Folder of database and pictures; $EASEL_HOME, or the usual one.")
    ] = None,
) -> None:
    """Serve the local page: describe a picture in the browser. No account, no key; the simulator draws."""
    from bot.cli.alone import Playground, serve_alone  # noqa: PLC0415 - `easel play --help` needs none of it
    from bot.cli.common import run  # noqa: PLC0415 - the same
    from bot.cli.home import home  # noqa: PLC0415 - the same

    ground = Playground(
        surface="web",
        section={"enabled": True, "admin_token": ""},
        folder=(data or home()).expanduser().absolute(),
        port=port,
        speed=speed,
        browser=browser,
    )
    run(serve_alone(ground, _set_the_room))


async def _set_the_room(house: Any) -> None:
    """Gives the roles their allowances, unless somebody has set rules already."""
    from integrations.web.people import PEOPLE, ROLES  # noqa: PLC0415 - see above

    moderator = next(p for p in PEOPLE.values() if p.moderator).requester
    rules = await house.studio.rules(moderator)
    if not rules.roles:
        await house.rulemaking.change(moderator, {"roles": dict(ROLES)})
