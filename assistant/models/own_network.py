"""Which addresses belong to the own network: questions must not leave the building by a mistyped or hijacked name.

A server is contacted at an address that was looked up and checked a moment before, never by its name again; otherwise
a name could stand for an inner address while it is checked and for an outer one while it is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from assistant.errors import ModelError, SettingsError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_OWN = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)
"""Loopback, RFC 1918 and RFC 4193. ``is_private`` of the library would admit much more, for example link-local
addresses, at which machines in a computing centre are given their secrets."""


@dataclass(frozen=True, slots=True)
class ServerUrl:
    """The address of a model server as configured: ``base`` without a slash at its end."""

    base: str
    tls: bool
    host: str
    port: int


def read_url(url: str) -> ServerUrl:
    """A configured address. Raises SettingsError with what was expected."""
    wrong = SettingsError(
        f"„generator_url“ ist {url!r}; erwartet wird eine Adresse, die mit https:// oder http:// beginnt, den Rechner "
        "nennt und meist auf /v1 endet, ohne Benutzernamen, Kennwort, „?“ und „#“."
    )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    extra = parts.username is not None or parts.password is not None or parts.query or parts.fragment
    if parts.scheme not in ("http", "https") or not parts.hostname or extra or "%" in parts.netloc or not url.isascii():
        raise wrong
    tls = parts.scheme == "https"
    return ServerUrl(url.rstrip("/"), tls, parts.hostname, port or (443 if tls else 80))


def is_own(address: Address) -> bool:
    """Whether an address is loopback or private. IPv4 written as IPv6 counts as what it is."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return any((mapped or address) in network for network in _OWN)


def checked(host: str, addresses: Iterable[str], *, public: bool) -> str:
    """The first of the addresses of ``host``, if all are in the own network or ``public`` ones are allowed.

    Raises ModelError naming the address that is not.
    """
    found = [ipaddress.ip_address(address) for address in dict.fromkeys(addresses)]
    outside = next((a for a in found if not is_own(a)), None)
    if outside is not None and not public:
        raise ModelError(
            f"Der Modellserver {host} hat die Adresse {outside}, die nicht zum eigenen Netz gehört; Fragen werden "
            "nicht dorthin geschickt. Erwartet wird eine private Adresse (10.…, 172.16–31.…, 192.168.…, fc00::/7 oder "
            "dieser Rechner); eine Ausnahme erlaubt nur die Einstellung „generator_oeffentlich“."
        )
    if not found:
        raise ModelError(f"Der Modellserver {host} hat keine Adresse. „generator_url“ und Namensdienst prüfen.")
    return str(found[0])


def check_literal(server: ServerUrl, *, public: bool) -> None:
    """Refuse at once an address that is written as a number and lies outside. Raises ModelError."""
    with contextlib.suppress(ValueError):
        checked(server.host, [str(ipaddress.ip_address(server.host))], public=public)


async def look_up(server: ServerUrl, *, public: bool) -> str:
    """The address to connect to now. Raises ModelError."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ModelError(
            f"Der Modellserver {server.host} ist im Netz nicht bekannt. „generator_url“ und Namensdienst prüfen."
        ) from None
    return checked(server.host, (str(entry[4][0]) for entry in found), public=public)
