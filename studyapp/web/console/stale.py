"""Two organisers at once: a form carries the revision of what it showed, and a stale one is refused."""

import hashlib
from collections.abc import Iterable

from flask import render_template, request

from studyapp.core.canonical import canonical_json

FIELD = "revision"
"""The name of the form's hidden field."""


def revision(*shown: object) -> str:
    """Return a short name of what a form shows: equal for equal values, and for nothing else.

    Examples
    --------
    >>> revision("Olga", 3) == revision("Olga", 3), revision("Olga", 3) == revision("Olga", 4)
    (True, False)
    """
    return hashlib.sha256(canonical_json([str(item) for item in shown])).hexdigest()[:16]


def is_stale(current: str) -> bool:
    """Tell whether the form that was sent had been filled in from another version than the current one."""
    return request.form.get(FIELD, "") != current


def stale_page(what: str, versions: Iterable[tuple[str, object, object]], *, back: str) -> tuple[str, int]:
    """Answer a stale form: both versions side by side, and nothing changed.

    Parameters
    ----------
    what
        What the form is about, as a sentence.
    versions
        For each field its label, what was sent, and what is there now.
    back
        The address of the current page.
    """
    return render_template("console/stale.html", what=what, versions=list(versions), back=back), 409
