"""Whom this process trusts when it asks over https."""

import functools
import ssl

import httpx


@functools.cache
def authorities() -> ssl.SSLContext:
    """The usual ones: read once for all clients, since it takes 20 ms of the processor and a MiB."""
    return httpx.create_ssl_context(trust_env=False)
