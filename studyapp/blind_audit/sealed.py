"""Addresses that are not for judges: the console, accounts, counts, and in a site the other studies."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, Rule

from studyapp.blind_audit.evidence import Truth
from studyapp.web.console.blueprint import blueprint as console
from studyapp.web.entrance.accounts_page import blueprint as accounts

NOWHERE = "nothing"
REAL = 2
"""So many teams and images are asked for, and one that there is not."""

# Not routes of the console or of accounts, and not for judges either.
_MORE = ("/organiser", "/new", "/metrics", "/console/nothing", "/accounts/nothing")
_OF_JUDGES = ("/judge", "/api/trials", "/account")
_PICTURE = "console.images.picture"


@dataclass(frozen=True)
class Sealed:
    """A request that a judge must be refused; all of one route must be refused alike."""

    method: str
    path: str
    route: str


def sealed_requests(truth: Truth) -> Iterator[Sealed]:
    """Yield what is asked of a study or a site: every route, for what there is and what there is not."""
    images = sorted({slot.image for slot in truth.slots.values()})
    known = {"team": [*truth.teams[:REAL], NOWHERE], "image": [*images[:REAL], NOWHERE]}
    routes = _routes()
    addresses = routes.bind("localhost")
    for rule in routes.iter_rules():
        for values in _values(rule, known):
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                path = addresses.build(rule.endpoint, values, method=method)
                yield Sealed(method, path, rule.rule)
    yield from (Sealed("GET", path, path) for path in _MORE)


def in_another_study(tokens: list[str], trials: list[str]) -> Iterator[Sealed]:
    """Yield what a judge asks of a study that is not theirs: judges' pages, with names of their own."""
    yield from (Sealed("GET", path, path) for path in _OF_JUDGES)
    for route, names in (("/t/{}/0/0_0", tokens), ("/judge/trial/{}", trials), ("/api/trials/{}", trials)):
        yield from (Sealed("GET", route.format(name), route) for name in (*names[:REAL], "x" * 24))


@cache
def _routes() -> Map:
    app = Flask("routes", static_folder=None)
    app.register_blueprint(console)
    app.register_blueprint(accounts)
    return app.url_map


def _values(rule: Rule, known: Mapping[str, list[str]]) -> Iterator[Mapping[str, str | int]]:
    if rule.endpoint == _PICTURE:
        yield from ({"path": f"teams/{team}/{image}.png"} for team, image in product(*known.values()))
        return
    # The first judge, job or tile; and one that there is not.
    choices: dict[str, list[int] | list[str]] = {**known, "level": [0, 99], "column": [0], "row": [0]}
    numbers = {name for name, kind in rule._converters.items() if isinstance(kind, IntegerConverter)}
    names = sorted(rule.arguments)
    chosen = [choices.get(name, [1, 99] if name in numbers else [NOWHERE]) for name in names]
    yield from (dict(zip(names, values, strict=True)) for values in product(*chosen))
