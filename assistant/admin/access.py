"""Who may enter: sessions in memory, slow-down after wrong passwords, and the header of a trusted proxy.

Nothing here is written to disk; when the program ends, everybody is logged out. Times are seconds of a clock that only
goes forward.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from assistant.errors import SettingsError

IDLE_SECONDS = 30 * 60
ABSOLUTE_SECONDS = 10 * 3600
MAX_SESSIONS = 50
FREE_TRIES = 4
"""Wrong passwords of one address that cost nothing; every further one doubles the wait."""
LONGEST_WAIT = 300.0
FORGET_SECONDS = 3600.0
MAX_ADDRESSES = 512
NAME_LENGTH = 80

Clock = Callable[[], float]
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Session:
    """One person in one browser. ``csrf`` stands in every form; ``proxied``: the proxy vouched, not the password."""

    name: str
    csrf: str
    began: float
    seen: float
    proxied: bool = False


class Sessions:
    """Sessions by the hash of their token; the token itself is only in the browser's cookie."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._kept: OrderedDict[str, Session] = OrderedDict()

    def begin(self, name: str, *, proxied: bool = False) -> tuple[str, Session]:
        """(token for the cookie, session). The session unused for longest gives way where there are too many."""
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(name, secrets.token_urlsafe(32), now, now, proxied)
        with self._guard:
            self._kept[_digest(token)] = session
            while len(self._kept) > MAX_SESSIONS:
                self._kept.popitem(last=False)
        return token, session

    def find(self, token: str) -> Session | None:
        """The session of this token, if it is still valid; looking at it keeps it from idling out."""
        now, key = self._clock(), _digest(token)
        with self._guard:
            session = self._kept.pop(key, None)
            if session is None or now - session.seen > IDLE_SECONDS or now - session.began > ABSOLUTE_SECONDS:
                return None
            self._kept[key] = session = replace(session, seen=now)
            return session

    def end(self, token: str) -> None:
        """Log out."""
        with self._guard:
            self._kept.pop(_digest(token), None)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def same(expected: str, given: str) -> bool:
    """Whether two secrets are equal, in constant time."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


class Throttle:
    """How long an address must wait after wrong passwords. Addresses are few; the oldest are forgotten first."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._guard = threading.Lock()
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Seconds until this address may try again; 0 if at once."""
        with self._guard:
            count, last = self._failed.get(_neighbourhood(address), (0, 0.0))
        passed = self._clock() - last
        if count < FREE_TRIES or passed > FORGET_SECONDS:
            return 0.0
        pause = min(LONGEST_WAIT, 2.0 ** min(count - FREE_TRIES + 1, 20))
        return max(0.0, pause - passed)

    def failed(self, address: str) -> None:
        """Note a wrong password."""
        key, now = _neighbourhood(address), self._clock()
        with self._guard:
            count, last = self._failed.pop(key, (0, now))
            self._failed[key] = (1 if now - last > FORGET_SECONDS else count + 1, now)
            while len(self._failed) > MAX_ADDRESSES:
                self._failed.popitem(last=False)

    def succeeded(self, address: str) -> None:
        """Forget the wrong ones."""
        with self._guard:
            self._failed.pop(_neighbourhood(address), None)


def _neighbourhood(address: str) -> str:
    """One household of IPv6 has 2^64 addresses: they count as one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "?"
    return str(ipaddress.ip_network(f"{parsed}/64", strict=False)) if parsed.version == 6 else address


@dataclass(frozen=True, slots=True)
class Proxy:
    """The proxy in front: where it speaks from, and the header it writes people's names into ("" if it vouches for nobody).

    From its addresses alone it is believed whom it speaks for and whether they use TLS (``X-Forwarded-…``).
    """

    header: str
    networks: tuple[_Network, ...]

    @classmethod
    def of(cls, header: str, addresses: str) -> Proxy | None:
        """From the settings ``admin_proxy_kopf`` and ``admin_proxy_adressen`` (comma-separated). None if both are empty.

        Raises SettingsError for a header without addresses, or for what is no address.
        """
        header, addresses = header.strip().lower(), addresses.strip()
        if not header and not addresses:
            return None
        if not addresses:
            raise SettingsError(
                "Zu „admin_proxy_kopf“ (Name der Kopfzeile) gehört „admin_proxy_adressen“ (Adressen des Proxys, der sie setzt)."
            )
        networks = []
        for written in addresses.split(","):
            try:
                networks.append(ipaddress.ip_network(written.strip(), strict=False))
            except ValueError as error:
                raise SettingsError(
                    f"admin_proxy_adressen: „{written.strip()}“ ist keine Adresse. Erwartet wird zum Beispiel 127.0.0.1 oder 10.0.5.0/28."
                ) from error
        return cls(header, tuple(networks))

    def trusts(self, address: str) -> bool:
        """Whether a connection from this address comes from the proxy."""
        try:
            parsed = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(parsed in network for network in self.networks)

    def name(self, address: str, headers: Mapping[str, str]) -> str:
        """Whom the proxy vouches for; "" where the header is missing or comes from elsewhere."""
        return shown_name(headers.get(self.header, "")) if self.header and self.trusts(address) else ""


def shown_name(text: str) -> str:
    """A name as it stands in the log: one printable line."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:NAME_LENGTH]
