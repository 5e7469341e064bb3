"""Ports that are chosen before anybody listens on them, and given to nobody else meanwhile."""

import socket
import sys

_HELD: list[socket.socket] = []


def free_port() -> int:
    """A port of this machine that is this process's until it ends, to be listened on as often as a test wants."""
    held = socket.socket()
    if sys.platform == "linux":
        # Bound and never listening, it keeps the port from all who ask for any; every listener of ours sets the same
        # option, and so may bind beside it. Elsewhere that is forbidden, and the port is only free when it is told.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _HELD.append(held)
    held.bind(("127.0.0.1", 0))
    port = int(held.getsockname()[1])
    if sys.platform != "linux":
        held.close()
    return port
