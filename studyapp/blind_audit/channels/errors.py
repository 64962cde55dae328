"""Errors: what is not there and what is not for this judge look the same."""

import re
from collections import defaultdict
from collections.abc import Iterator

from studyapp.blind_audit.evidence import Evidence, Exchange

_TILE = re.compile(r"^/t/[^/]+/\d+/\d+_\d+$")
_TRIAL = re.compile(r"^/(?:judge/trial|api/trials)/[A-Za-z0-9_-]+$")
_INSIDE = re.compile(r'Traceback|File "|\.py\b|sqlite|psycopg|sqlalchemy|/site-packages/', re.IGNORECASE)


def error_bodies(evidence: Evidence) -> Iterator[str]:
    """An unknown and a foreign tile, trial or token get one and the same answer."""
    for pattern in (_TILE, _TRIAL):
        groups: dict[tuple[int | None, str], dict[object, Exchange]] = defaultdict(dict)
        for item in evidence.exchanges:
            if pattern.match(item.path) and item.method == "GET" and item.status >= 400:
                answer = (item.status, item.body, frozenset(item.headers))
                groups[item.judge, item.kind].setdefault(answer, item)
        for answers in groups.values():
            if len(answers) > 1:
                yield " differs from ".join(str(item) for item in list(answers.values())[:2])


def refusals(evidence: Evidence) -> Iterator[str]:
    """Everything that is not for judges is answered with 404, without a word about what there is."""
    for item in evidence.exchanges:
        sealed = item.path.startswith("/console") and item.method == "GET" and item.status != 404
        if item.judge is not None and (sealed or item.status == 403):
            yield str(item)


def server_errors(evidence: Evidence) -> Iterator[str]:
    """No request makes the server fail, and no answer shows its inside."""
    for item in evidence.exchanges:
        if item.status >= 500:
            yield str(item)
    for item in evidence.texts:
        if item.status >= 400 and (inside := _INSIDE.search(item.text)):
            yield f"{inside[0]!r} in {item}"
