"""A local service on a free port, for the time of one test."""

import contextlib
from collections.abc import AsyncIterator, Iterable

from aiohttp import web


@contextlib.asynccontextmanager
async def serving(routes: Iterable[web.RouteDef], *, limit_bytes: int) -> AsyncIterator[str]:
    """Its address, without a last slash."""
    app = web.Application(client_max_size=limit_bytes)
    app.add_routes(routes)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
