"""Flask-Limiter's store of counts in the site's database: all processes and servers of a site count together.

In the memory of one process each of several would allow as much again. While the database cannot be used, a
process counts in its own memory, and nobody's answer depends on it.
"""

import time

from limits.storage import MemoryStorage, Storage
from sqlalchemy.exc import SQLAlchemyError

from studyapp.services.people import attempts
from studyapp.web.state import the_site

SCHEME = "site-database"


class SiteAttempts(Storage):
    """Counts by key, each for a window of time, in the database of the site that serves the request."""

    STORAGE_SCHEME = [SCHEME]  # noqa: RUF012 (as the base class declares it)

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_options: object) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._own = MemoryStorage()  # while the database cannot be used

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        """What a database can fail with."""
        return (SQLAlchemyError, OSError)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count, whose window of `expiry` seconds begins now if there is none; return the count."""
        try:
            with the_site().database.writing() as session:
                return attempts.add(session, key, expiry, amount, now=time.time())
        except self.base_exceptions:
            return self._own.incr(key, expiry, amount=amount)

    def get(self, key: str) -> int:
        """Return a count; 0 for none."""
        return max(self._held(key).count, self._own.get(key))

    def get_expiry(self, key: str) -> float:
        """Return when a count's window ends, in seconds since 1970; now for none."""
        return max(self._held(key).ends, self._own.get_expiry(key))

    def check(self) -> bool:
        """Tell that counting works, here or there."""
        return True

    def reset(self) -> int | None:
        """Forget what this process counted alone."""
        return self._own.reset()

    def clear(self, key: str) -> None:
        """Forget a count."""
        self._own.clear(key)
        with the_site().database.writing() as session:
            attempts.forget(session, key)

    def _held(self, key: str) -> attempts.Count:
        try:
            with the_site().database.looking() as looking:
                return attempts.held(looking, key, now=time.time())
        except self.base_exceptions:
            return attempts.NONE
