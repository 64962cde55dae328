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
    """What is not for judges is refused: in their own study with 404, elsewhere as to a stranger."""
    for item in evidence.exchanges:
        refused = {404} if item.judge is not None and item.is_within else {401, 404, 405}
        if (item.sealed and item.status not in refused) or item.status == 403:
            yield str(item)


def refusals_alike(evidence: Evidence) -> Iterator[str]:
    """A refusal is the same whatever team, image or person is asked for, and whether there is one."""
    groups: dict[tuple[int | None, str, str], dict[object, Exchange]] = defaultdict(dict)
    for item in evidence.exchanges:
        if item.sealed:
            answer = (item.status, item.body, frozenset(item.headers))
            groups[item.judge, item.method, item.sealed].setdefault(answer, item)
    for answers in groups.values():
        if len(answers) > 1:
            yield " differs from ".join(str(item) for item in list(answers.values())[:2])


def server_errors(evidence: Evidence) -> Iterator[str]:
    """No request makes the server fail, and no answer shows its inside."""
    for item in evidence.exchanges:
        if item.status >= 500:
            yield str(item)
    for item in evidence.texts:
        if item.status >= 400 and (inside := _INSIDE.search(item.text)):
            yield f"{inside[0]!r} in {item}"
