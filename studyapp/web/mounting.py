"""A site's studies, each an application of its own below /s/<study>/.

An application is made when the first request for it comes, in each process. It knows nothing of the others;
what it needs of the site is in its state, and where the site lies in `SITE_ROOT` of the environment.
"""

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

from flask import Flask

from studyapp.errors import StudyError

SITE_ROOT = "studyapp.site_root"
"""The key of the environment that holds the path of the site, "" or "/...", whichever application answers."""

BELOW = "s"

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class Mounts:
    """WSGI middleware: below /s/<study>/ the study's application answers, elsewhere the site's.

    Parameters
    ----------
    inner
        The site's application. It also answers for a study that there is not, or that cannot be served.
    is_there
        Tells whether there is a study of this name.
    make
        Makes the application of a study.
    report
        Is told why a study cannot be served.
    """

    def __init__(
        self,
        inner: Application,
        *,
        is_there: Callable[[str], bool],
        make: Callable[[str], Flask],
        report: Callable[[str, Exception], None],
    ) -> None:
        self._inner, self._is_there, self._make, self._report = inner, is_there, make, report
        self._made: dict[str, Flask] = {}
        self._lock = Lock()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request by whom it is for."""
        environ[SITE_ROOT] = environ.get("SCRIPT_NAME", "")
        first, below, study, *_ = [*environ.get("PATH_INFO", "").split("/", 3), "", "", ""]
        if first == "" and below == BELOW and study and (app := self._app(study)):
            prefix = f"/{BELOW}/{study}"
            environ["SCRIPT_NAME"] += prefix
            environ["PATH_INFO"] = environ["PATH_INFO"][len(prefix) :] or "/"
            return app(environ, start_response)
        return self._inner(environ, start_response)

    def _app(self, study: str) -> Flask | None:
        if not self._is_there(study):
            self._made.pop(study, None)
            return None
        if (app := self._made.get(study)) is None:
            with self._lock:
                if (app := self._made.get(study)) is None:
                    try:
                        app = self._made[study] = self._make(study)
                    except StudyError as error:
                        self._report(study, error)
        return app
