"""Watching is switched on in one place, for an application that is served by itself or within a site."""

from collections.abc import Mapping
from pathlib import Path

from flask import Flask

from studyapp.web.watching import metrics, probes, request_log
from studyapp.web.watching.requests import Watching, note_route


def init_watching(app: Flask, checks: Mapping[str, probes.Check], folder: Path) -> None:
    """Add the addresses for monitoring, the log and the counts; after all that changes `app.wsgi_app`.

    Parameters
    ----------
    app
        The application of a study or a site. Of one within another the outer one watches.
    checks
        What must be well for requests to be answered, by name.
    folder
        The one whose disk must have room.
    """
    probes.init_probes(app, checks)
    metrics.init_metrics(app, folder)
    observers = [metrics.observer(), *request_log.init_request_log(app)]
    app.url_value_preprocessor(note_route)
    app.wsgi_app = Watching(app.wsgi_app, observers)
