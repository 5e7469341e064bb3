"""Fresh links for old files: the route that Discord's own client uses, and a bot's token opens."""

from typing import Any

from .errors import Problems
from .rest import Call
from .routes import router


@router.on("POST", "/attachments/refresh-urls")
async def refresh_urls(call: Call) -> Any:
    urls = call.body.get("attachment_urls")
    problems = Problems()
    if not isinstance(urls, list):
        problems.required("attachment_urls")
        problems.check()
        return None
    problems.count("attachment_urls", urls, 50, 1)
    for index, url in enumerate(urls):
        problems.length(f"attachment_urls.{index}", url, 2048, 1, required=True)
    problems.check()
    world = call.server.world
    fresh = [{"original": url, "refreshed": world.links.anew(url, world.attachments)} for url in urls]
    return {"refreshed_urls": fresh}
