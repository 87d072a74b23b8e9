"""Free ports on 127.0.0.1 that stay free until they are used."""

from __future__ import annotations

import random
import socket
from pathlib import Path

LOWEST_PORT = 10_240


def free_ports(count: int) -> list[int]:
    """`count` different ports nothing listens on.

    They are taken from below the kernel's ephemeral range: a port the kernel hands out itself (bind to 0)
    may be given to an outgoing connection before the server binds it, and a broker that is killed and restarted
    needs its old port back.
    """
    chosen: set[int] = set()
    candidates = random.SystemRandom()
    highest = _lowest_ephemeral_port() - 1
    while len(chosen) < count:
        port = candidates.randint(LOWEST_PORT, highest)
        if is_free(port):
            chosen.add(port)
    return list(chosen)


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Whether something accepts connections on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _lowest_ephemeral_port() -> int:
    lowest, _highest = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
    # A machine that widened its range downwards leaves nothing below it: then any high port must do.
    return int(lowest) if int(lowest) > LOWEST_PORT + 1_000 else 60_000
