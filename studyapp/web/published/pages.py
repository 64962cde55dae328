"""A page as a file: rendered in one language, with relative addresses, and the static files that it names."""

from typing import Any

import flask_babel
from flask import Flask, render_template

from studyapp.resources import resource_folder
from studyapp.web.language import init_language, known, said_within
from studyapp.web.modules import modules_of
from studyapp.web.security import POLICY_WITHIN_A_PAGE


class Pages:
    """Renders pages, all in one language.

    Attributes
    ----------
    static
        The static files that the pages so far need.
    """

    def __init__(self, language: str, **shared: Any) -> None:
        self.static: set[str] = set()
        self._locale, self._shared = str(known()[language]), shared
        self._app = Flask("studyapp", template_folder=str(resource_folder("templates")), static_folder=None)
        self._app.jinja_env.trim_blocks = self._app.jinja_env.lstrip_blocks = True
        init_language(self._app)

    def page(self, template: str, path: str, **values: Any) -> str:
        """Render a page that will lie at `path` below the site."""
        root = "../" * path.count("/")

        def static_file(name: str) -> str:
            self.static.add(name)
            if name.startswith("js/"):
                self.static.update(modules_of(name))
            return f"{root}static/{name}"

        with self._app.app_context(), flask_babel.force_locale(self._locale):
            return render_template(
                f"published/{template}",
                root=root,
                path=path,
                policy=POLICY_WITHIN_A_PAGE,
                static_file=static_file,
                modules_of=modules_of,
                **self._shared,
                **{name: said_within(value) for name, value in values.items()},
            )
