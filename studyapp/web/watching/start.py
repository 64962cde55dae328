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
        The application of a study or a site. Of one within another the outer one watches.
    site
        The site that is served; a study that is served alone has one, too.
    workspace
        The study, where the application is one study's.
    """
    folder = (workspace or site).folders.var
    probes.init_probes(app, probes.checks_of(site, workspace))
    metrics.init_metrics(app, (partial(metrics.free_space, folder), partial(metrics.jobs, site)))
    observers = [metrics.observer(), *request_log.init_request_log(app)]
    app.url_value_preprocessor(note_route)
    app.wsgi_app = Watching(app.wsgi_app, observers)
