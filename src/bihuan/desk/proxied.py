"""Who asks, where a proxy stands in front: its word is taken for the caller's address, the scheme and the host.

Only the proxy's: from anybody else the same headers are dropped, as they are where there is no proxy at all.
"""

from collections.abc import Callable, Iterable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from bihuan.engine.errors import CallError

Networks = tuple[IPv4Network | IPv6Network, ...]
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
SAID = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT",
        "HTTP_X_FORWARDED_BY", "HTTP_FORWARDED")  # fmt: skip


def trusted(text: str) -> Networks:
    """Addresses or networks, with commas between them.

    >>> trusted("127.0.0.1, 10.0.0.0/8")
    (IPv4Network('127.0.0.1/32'), IPv4Network('10.0.0.0/8'))
    """
    try:
        return tuple(ip_network(one.strip()) for one in text.split(",") if one.strip())
    except ValueError as error:
        raise CallError(f"BIHUAN_PROXY: {error}; expected addresses or networks such as 10.0.0.0/8") from None


def proxied(application: Application, proxies: Networks) -> Application:
    def answered(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        said = {name: environ.pop(name) for name in SAID if name in environ}
        if said and is_among(environ.get("REMOTE_ADDR", ""), proxies):
            environ |= believed(said)
        return application(environ, start)

    return answered


def is_among(address: str, proxies: Networks) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    return any(found in one for one in proxies)


def believed(said: dict[str, str]) -> dict[str, str]:
    """What the nearest proxy said, which is the last of what stands in a header."""
    last = {name: value.rpartition(",")[2].strip() for name, value in said.items()}
    found = {
        "REMOTE_ADDR": last.get("HTTP_X_FORWARDED_FOR"),
        "HTTP_HOST": last.get("HTTP_X_FORWARDED_HOST"),
        "HTTP_X_FORWARDED_PROTO": last.get("HTTP_X_FORWARDED_PROTO"),
        "wsgi.url_scheme": last.get("HTTP_X_FORWARDED_PROTO"),
    }
    return {name: value for name, value in found.items() if value}
