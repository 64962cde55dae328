"""How often somebody may try to get in: failed attempts are counted, by address and by name.

All processes and servers of a site share their counts (attempts.py).
"""

import ipaddress
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, Response, request
from flask_limiter import Limiter
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from analysis.texts import say
from studyapp.services.people.accounts import NAME_LONGEST, name_key
from studyapp.web.entrance.attempts import SCHEME
from studyapp.web.entrance.people import organiser

# Checking a password takes a third of a second and 64 MiB: so many are checked or wait for it in each
# process, of one place so many, and the others are told to come back. They would hold every thread else.
MOST_TURNS, TURNS_OF_ONE = 8, 2
COME_BACK = 5  # seconds


def address() -> str:
    """Return what the limits take for one place: an address, or of IPv6 the 2**64 that one household has.

    Examples
    --------
    >>> place("2001:db8:0:1::1") == place("2001:db8:0:1:ffff::2"), place("::ffff:192.0.2.1")
    (True, '192.0.2.1')
    """
    return place(request.remote_addr or "")


def place(text: str) -> str:
    """Return the place of an address."""
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


class Turns:
    """Who waits for something slow, by place; safe to share between threads."""

    def __init__(self, most: int, of_one: int) -> None:
        self._most, self._of_one = most, of_one
        self._waiting: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def turn(self, place: str) -> Iterator[None]:
        """Wait with the others, or be told to come back.

        Raises
        ------
        TooManyRequests, ServiceUnavailable
            When too many of this place, or of all, are waiting already.
        """
        with self._lock:
            if self._waiting[place] >= self._of_one:
                raise TooManyRequests(retry_after=COME_BACK)
            if self._waiting.total() >= self._most:
                raise ServiceUnavailable(BUSY, retry_after=COME_BACK)
            self._waiting[place] += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting[place] -= 1
                self._waiting += Counter()  # forgets whom nobody waits of


BUSY = say("Too many people are signing in right now. Wait a few seconds, then try again.")
limiter = Limiter(address, headers_enabled=False)
_turns = Turns(MOST_TURNS, TURNS_OF_ONE)


@contextmanager
def password_turn() -> Iterator[None]:
    """Check a password, when few others wait for that."""
    with _turns.turn(address()):
        yield


def init_limits(app: Flask) -> None:
    """Start counting."""
    app.config["RATELIMIT_STORAGE_URI"] = f"{SCHEME}://"
    limiter.init_app(app)


def stop_if_used_up() -> None:
    """Refuse an attempt while others, made at the same time, used up what is allowed: it tells nothing then.

    Raises
    ------
    TooManyRequests
        When they did.
    """
    if any(limit.remaining <= 0 for limit in limiter.current_limits):
        raise TooManyRequests


def _failed(response: Response) -> bool:
    return response.status_code in (401, 403, 404)


def _given_name() -> str:
    key = name_key(request.form.get("name", ""))
    return f"name:{key}" if len(key) <= NAME_LONGEST else "name of nobody"


def _own_name() -> str:
    mine = organiser()
    return f"name:{name_key(mine.name if mine else '')}"


limit_links = limiter.shared_limit("30 per minute; 300 per day", scope="links", deduct_when=_failed)
limit_passwords = limiter.shared_limit(
    "10 per 15 minutes; 50 per day", scope="passwords", deduct_when=_failed
)
limit_given_name, limit_own_name = (
    limiter.shared_limit("20 per hour", scope="names", key_func=name, deduct_when=_failed)
    for name in (_given_name, _own_name)
)
# Each registration hashes a password, whether it succeeds or not; a laboratory shares an address.
limit_registering = limiter.shared_limit("60 per hour", scope="registering")
