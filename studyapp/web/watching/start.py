"""Watching is switched on in one place, for a study that is served alone, a site, or a study within one."""

from functools import partial

from flask import Flask

from studyapp.services.ground.site import Site
from studyapp.services.ground.workspace import Workspace
from studyapp.web.watching import metrics, probes, request_log
from studyapp.web.watching.requests import Watching, note_route


def init_watching(app: Flask, site: Site, workspace: Workspace | None = None) -> None:
    """Add the addresses for monitoring, the log and the counts; after all that changes `app.wsgi_app`.

    Parameters
    ----------
    app
        The application that is served: of a site, or of a study that is served alone.
    site
        The site that is served; a study that is served alone has one, too.
    workspace
        The study, where the application is one study's.
    """
    folder = (workspace or site).folders.var
    probes.init_probes(app, probes.checks_of(site, workspace))
    metrics.init_metrics(app, (partial(metrics.free_space, folder), partial(metrics.jobs, site)))
    app.wsgi_app = Watching(app.wsgi_app, [metrics.observer(), *request_log.writers()])


def note_pages(app: Flask) -> None:
    """Let an application, also one within another, note requests and errors by their route."""
    app.url_value_preprocessor(note_route)
    request_log.init_errors_logged(app)
