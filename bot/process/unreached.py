"""Why a service was not reached, in words that say where to look: a library's name for it helps nobody."""

import errno
import socket
import ssl
from collections.abc import Iterator

_DEEPEST = 10  # causes of causes


def why(error: BaseException) -> str:
    """One short sentence, without an address in it."""
    for one in _causes(error):
        if said := _of(one):
            return said
    return f"the connection failed ({type(error).__name__})"


def _of(error: BaseException) -> str:
    number = error.errno if isinstance(error, OSError) else None
    return next((said for kind, said in _KINDS if isinstance(error, kind)), _NUMBERS.get(number or 0, ""))


_KINDS: list[tuple[type[BaseException], str]] = [
    (socket.gaierror, "the host's name is not known (DNS)"),
    (ssl.SSLCertVerificationError, "the certificate is not trusted"),
    (ssl.SSLError, "no TLS that is understood here: is it https, or plain http?"),
    (ConnectionRefusedError, "the connection was refused: nobody listens on that port"),
    (ConnectionResetError, "the connection was cut"),
    (BrokenPipeError, "the connection was cut"),
    (TimeoutError, "no answer in time"),
]
_NUMBERS = {
    errno.ECONNREFUSED: "the connection was refused: nobody listens on that port",
    errno.ENETUNREACH: "there is no way to the host from this network",
    errno.EHOSTUNREACH: "there is no way to the host from this network",
}


def _causes(error: BaseException) -> Iterator[BaseException]:
    """From the innermost: it is the reason, what wraps it only passes it on."""
    chain: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in chain and len(chain) < _DEEPEST:
        chain.append(one)
        inner = getattr(one, "os_error", None)  # aiohttp keeps it there, too
        one = one.__cause__ or one.__context__ or (inner if isinstance(inner, BaseException) else None)
    yield from reversed(chain)
