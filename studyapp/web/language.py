"""In which language a page speaks: the one that its reader chose, or else the browser's first that we have.

Messages are in `studyapp/translations/<language>.po`: a file that is added there is a language. Texts
that the services made (`analysis.texts`) are translated when a template or an answer shows them. Nothing
that is stored or exported is ever made of a translated text.
"""

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import flask_babel
from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, abort, g, redirect, request, url_for
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup
from werkzeug.wrappers import Response

from analysis import texts
from studyapp.core.wording import Wording

FOLDER = Path(__file__).resolve().parent.parent / "translations"
ENGLISH = Locale.parse("en_GB")
A_YEAR = 365 * 24 * 3600
COOKIE = "studyapp-language"
# Plural rules look at small numbers, and beyond at the last two digits.
_COUNTS = 200

blueprint = Blueprint("language", __name__)


def init_language(app: Flask) -> None:
    """Choose a language for every request; make templates speak it."""
    babel = flask_babel.Babel(default_locale=str(ENGLISH))
    babel.init_app(app, locale_selector=lambda: str(_chosen() or _preferred() or ENGLISH))
    environment: Any = app.jinja_env
    environment.newstyle_gettext = True
    environment.finalize = said
    environment.globals.update(
        _=_gettext,
        gettext=_gettext,
        ngettext=_ngettext,
        language_tag=language_tag,
        languages=languages,
        language_link=language_link,
        texts_of_scripts=texts_of_scripts,
    )
    environment.filters.update(moment=moment, commas=texts.commas)
    app.register_blueprint(blueprint)


@blueprint.get("/language/<name>")
def choose(name: str) -> Response:
    """Remember the language that was chosen, and go back to where that was."""
    if name not in known():
        abort(404)
    path = request.args.get("next", "/")
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith(("//", "/\\")):
        path = "/"
    response = redirect(f"{request.script_root}{path}")
    response.set_cookie(
        COOKIE,
        name,
        max_age=A_YEAR,
        path=request.script_root or "/",
        httponly=True,
        samesite="Lax",
        secure=request.is_secure,
    )
    return response


@cache
def known() -> dict[str, Locale]:
    """Return the languages that there are, by the name of their file."""
    return {"en": ENGLISH} | {path.stem: Locale.parse(path.stem) for path in sorted(FOLDER.glob("*.po"))}


def languages() -> list[tuple[str, str, str]]:
    """Return name, tag and what it calls itself, of each language."""
    return [
        (name, _tag(locale), (locale.get_language_name(locale) or name).capitalize())
        for name, locale in known().items()
    ]


def language_link(name: str) -> str:
    """Return the address that chooses a language and leads back here.

    Not where the address is a secret, nor from an error: whatever is missing, its page is the same.
    """
    secret = (request.endpoint or "auth").startswith("auth")
    named = request.method == "GET" and not secret and "is_error" not in g
    back = request.path if named else None
    return url_for("language.choose", name=name, next=back)


def locale() -> Locale:
    """Return the locale of this request."""
    return flask_babel.get_locale() or ENGLISH


def language_tag() -> str:
    """Return the language of this request as HTML and JavaScript write it."""
    return _tag(locale())


def said(value: Any) -> Any:
    """Return a text, or a word of the study, in the language of this request; anything else unchanged."""
    if isinstance(value, Wording):
        return value.in_language(str(locale()))
    return value.said(catalogue(str(locale()))) if isinstance(value, texts.Text) else value


def said_within(value: Any) -> Any:
    """Return lists and mappings with their texts in the language of this request, ready for JSON."""
    if isinstance(value, Mapping):
        return {key: said_within(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [said_within(item) for item in value]
    return said(value)


def moment(stored: str | None) -> str:
    """Show a stored moment to the minute, in UTC, as the language writes it; a dash for none."""
    if stored is None:
        return "–"
    when = datetime.fromisoformat(stored).astimezone(UTC)
    if locale() == ENGLISH:
        return flask_babel.format_datetime(when, "d MMM y, HH:mm")
    return f"{flask_babel.format_date(when)} {flask_babel.format_time(when, 'HH:mm')}"


@cache
def catalogue(name: str) -> NullTranslations:
    """Return the messages of a language; English has none, as messages are English."""
    path = FOLDER / f"{name}.po"
    if not path.exists():
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, _file(path))
    compiled.seek(0)
    return Translations(compiled)


def texts_of_scripts() -> Markup:
    """Return the JSON that static/js/page/texts.js reads: messages, and which plural form so many take."""
    return _of_scripts(str(locale()))


@cache
def _of_scripts(name: str) -> Markup:
    path = FOLDER / f"{name}.po"
    if not path.exists():
        return Markup("{}")
    messages = {
        message.id[0] if isinstance(message.id, tuple) else message.id: message.string
        for message in _file(path)
        if message.id and any(place.startswith("static/js/") for place, _ in message.locations)
    }
    form: Any = getattr(catalogue(name), "plural")  # noqa: B009 - set when the catalogue was read
    return htmlsafe_json_dumps(
        {"messages": messages, "forms": [form(count) for count in range(_COUNTS)]}, ensure_ascii=False
    )


@cache
def _file(path: Path) -> Catalog:
    with path.open("rb") as stream:
        return read_po(stream, locale=path.stem, abort_invalid=True)


def _chosen() -> Locale | None:
    return known().get(request.cookies.get(COOKIE, ""))


def _preferred() -> Locale | None:
    """Return the first that the browser asks for and we have; another script is better than none."""
    for tag, _ in request.accept_languages:
        try:
            wanted = Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError):
            continue
        alike = [locale for locale in known().values() if locale.language == wanted.language]
        if alike:
            return next((locale for locale in alike if locale.script == wanted.script), alike[0])
    return None


def _tag(locale: Locale) -> str:
    """Return en, zh-Hans; where we write British English nobody needs to know."""
    return "en" if locale == ENGLISH else str(locale).replace("_", "-")


@pass_eval_context
def _gettext(context: EvalContext, message: str, /, **values: Any) -> str:
    return _filled(context, catalogue(str(locale())).gettext(message), values)


@pass_eval_context
def _ngettext(context: EvalContext, one: str, many: str, count: int, /, **values: Any) -> str:
    form = catalogue(str(locale())).ngettext(one, many, count)
    return _filled(context, form, {"count": count, "num": count} | values)


def _filled(context: EvalContext, message: str, values: dict[str, Any]) -> str:
    """Fill values in. A template's own messages may hold HTML, what comes in from outside is escaped."""
    known = {name: said(value) for name, value in values.items()}
    return (Markup(message) if context.autoescape else message) % known  # noqa: S704 - ours, not a user's
