"""Our pictures by their links: what a browser may do with one, and for how long anybody may keep a copy."""

import hashlib
import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bot.errors import NotThere, StoreBusy
from bot.pictures.assets import Assets, Opened, media_type_of

# A picture that was deleted stays with whoever keeps copies for so long, a CDN among them.
PUBLIC_COPIES_S = 86_400

# Bytes of others, on the host of our page: a picture, and nothing that could run or be taken for something else.
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Referrer-Policy": "no-referrer",
}
_NOT_KEPT = {**SAFE, "Cache-Control": "no-store"}
_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


async def serve(assets: Assets, request: Request) -> Response:
    """Answers a capability URL: whoever has it may see it, nobody can guess one."""
    opened = assets.resolve(request.path_params["token"])
    if opened is None:
        return PlainTextResponse("There is no such picture.", status_code=404, headers=_NOT_KEPT)
    try:
        data = await assets.read(opened.key)
    except NotThere:
        return PlainTextResponse("This picture isn't there any more.", status_code=410, headers=_NOT_KEPT)
    except StoreBusy:
        return PlainTextResponse("Please try again in a moment.", status_code=503, headers=_NOT_KEPT)
    headers = _headers_of(opened)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return _answer(request, data, media_type_of(opened.key), headers)


def _headers_of(opened: Opened) -> dict[str, str]:
    """A copy of a private picture never outlives its link; a public one may lie in a CDN."""
    keep = (
        f"public, max-age={PUBLIC_COPIES_S}" if opened.left_s is None else f"private, max-age={opened.left_s}"
    )
    # A key's bytes never change, so the key is as good as they are.
    mark = hashlib.sha256(opened.key.encode()).hexdigest()[:32]
    name = "-".join(opened.key.split("/")[-2:])
    return {
        **SAFE,
        "Cache-Control": f"{keep}, immutable",
        "Content-Disposition": f'inline; filename="{name}"',
        "ETag": f'"{mark}"',
        "Accept-Ranges": "bytes",
    }


def _answer(request: Request, data: bytes, media_type: str, headers: dict[str, str]) -> Response:
    """All of it, or the one part that was asked for. Several parts, or what is no range, are answered with all."""
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    fresh = request.headers.get("if-range", headers["ETag"]) == headers["ETag"]
    if asked is None or request.method != "GET" or not fresh or asked.groups() == ("", ""):
        return Response(data, media_type=media_type, headers=headers)
    first, last = _part(asked, len(data))
    if first > last:
        return Response(status_code=416, headers={**_NOT_KEPT, "Content-Range": f"bytes */{len(data)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], status_code=206, media_type=media_type, headers=headers)


def _part(asked: re.Match[str], size: int) -> tuple[int, int]:
    """The first and the last byte; the first is beyond the last where there are none."""
    begin, end = asked.groups()
    if not begin:
        return max(0, size - int(end)), size - 1 if int(end) else -1
    return int(begin), min(int(end), size - 1) if end else size - 1
