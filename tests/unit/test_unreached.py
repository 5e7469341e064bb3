"""Why a service was not reached is said by the cause, whatever library wraps it."""

import asyncio
import socket
import ssl

import aiohttp
import httpx
import pytest

from bot.process import unreached


def wrapped(cause):
    try:
        try:
            raise cause
        except type(cause) as inner:
            raise RuntimeError("a library's own") from inner
    except RuntimeError as error:
        return error


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "DNS"),
        (ConnectionRefusedError(111, "refused"), "nobody listens"),
        (OSError(113, "No route to host"), "no way to the host"),
        (ssl.SSLCertVerificationError("self-signed"), "certificate"),
        (ssl.SSLError("WRONG_VERSION_NUMBER"), "plain http"),
        (ConnectionResetError(), "cut"),
        (TimeoutError(), "in time"),
        (ValueError("what nobody has foreseen"), "RuntimeError"),
    ],
)
def test_the_cause_is_told(cause, said):
    assert said in unreached.why(wrapped(cause))


async def test_the_libraries_that_we_use_pass_their_causes_on():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        with pytest.raises(httpx.HTTPError) as by_httpx:
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.get(url)
        with pytest.raises(aiohttp.ClientError) as by_aiohttp:
            async with aiohttp.ClientSession() as session, session.get(url):
                pass
    for error in (by_httpx.value, by_aiohttp.value):
        assert "nobody listens" in unreached.why(error)
    assert "DNS" in unreached.why(
        aiohttp.ClientConnectorDNSError(None, socket.gaierror(-2, "unknown"))  # type: ignore[arg-type]
    )


def test_causes_that_go_in_a_circle_end():
    one, other = RuntimeError("a"), asyncio.CancelledError()
    one.__cause__, other.__cause__ = other, one
    assert unreached.why(one)
