"""The console's page of a track's phases: moments, quotas and what is public, as site.yaml has them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.files import file_sha256
from analysis.texts import Text, plural, say
from studyapp.errors import StudyError
from studyapp.services.challenge import submissions
from studyapp.services.challenge.phases import challenge_of, phase_of, track_of
from studyapp.study.challenge_file import SLUG, Phase
from studyapp.study.editing import StaleFileError, editing_site
from studyapp.study.site_file import SITE_FILE
from studyapp.web.challenge.shown import shown_phases
from studyapp.web.console.stale import FIELD, stale_page
from studyapp.web.entrance.people import who
from studyapp.web.security_log import note
from studyapp.web.state import app_state, now, the_site

blueprint = Blueprint("phases", __name__, url_prefix="/phases")

MOMENTS, COUNTS = ("opens", "closes", "freezes"), ("daily", "total")
_MINUTE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
SHOWS = ("metrics", "affiliation", "members", "runtime", "submissions")


def is_track() -> bool:
    """Tell whether this study is a track of the site's challenge."""
    challenge = the_site().file.challenge
    return challenge is not None and app_state().study in challenge.tracks


@blueprint.get("")
def page() -> str:
    """Show the phases of this track."""
    return _page()


@blueprint.post("")
def save() -> Response | tuple[str, int]:
    """Change how teams come in, and how many go to the final phase."""
    track = app_state().study
    track_of(the_site(), track)
    there = {
        "registration": challenge_of(the_site()).registration,
        "top": str(track_of(the_site(), track).top),
    }
    sent = {name: request.form.get(name, "").strip() for name in there}
    changes: dict[tuple[str, ...], Any] = {("challenge", "registration"): sent["registration"]}
    try:
        changes["challenge", "tracks", track, "top"] = _count(sent["top"]) or 0
        return _saved(changes)
    except StaleFileError:
        return _stale([(name, sent[name], there[name]) for name in there])
    except StudyError as error:
        return _page(problem=error.args[0]), 422


@blueprint.post("/add")
def add() -> Response | tuple[str, int]:
    """Add a phase to this track."""
    track = app_state().study
    track_of(the_site(), track)
    form = {name: request.form.get(name, "").strip() for name in ("name", "title", "kind", "opens", "closes")}
    try:
        if not re.fullmatch(SLUG, form["name"]):
            raise StudyError(
                say(
                    "%(name)s cannot be in an address; write lower-case letters, digits and hyphens, "
                    "40 at most",
                    name=repr(form["name"]),
                )
            )
        if form["name"] in track_of(the_site(), track).phases:
            raise StudyError(say("there is already a phase %(name)s", name=repr(form["name"])))
        new = {name: form[name] for name in ("title", "kind")}
        new |= {name: _moment(form[name]) for name in ("opens", "closes")}
        return _saved({("challenge", "tracks", track, "phases", form["name"]): new})
    except StaleFileError:
        return _stale([(name, sent, "") for name, sent in form.items()])
    except StudyError as error:
        return _page(problem=error.args[0], new=form), 422


@blueprint.post("/phase/<phase>/remove")
def remove(phase: str) -> Response | tuple[str, int]:
    """Remove a phase for which nothing was handed in."""
    track = app_state().study
    phase_of(the_site(), track, phase)
    try:
        with the_site().database.reading() as session:
            handed_in = submissions.count_in(session, track, phase)
        if handed_in:
            raise StudyError(
                plural(
                    "%(count)s submission was handed in for this phase; it stays. Set its end instead",
                    "%(count)s submissions were handed in for this phase; it stays. Set its end instead",
                    handed_in,
                )
            )
        return _saved({("challenge", "tracks", track, "phases", phase): None})
    except StaleFileError:
        return _stale([])
    except StudyError as error:
        return _page(problem=error.args[0]), 422


@blueprint.post("/phase/<phase>")
def save_phase(phase: str) -> Response | tuple[str, int]:
    """Change a phase, or freeze its leaderboard now, or let it move again."""
    track = app_state().study
    found = phase_of(the_site(), track, phase)
    there = _fields(found)
    sent = _sent(there)
    try:
        raw = dict(_raw()["challenge"]["tracks"][track]["phases"][phase])
        action = request.form.get("action")
        if action == "freeze":
            raw["freezes"] = now().replace(microsecond=0)
        elif action == "unfreeze":
            raw.pop("freezes", None)
        else:
            raw = _changed(raw, there, sent)
        back = "console.board.page" if request.form.get("back") == "board" else "console.phases.page"
        return _saved({("challenge", "tracks", track, "phases", phase): raw}, back=back)
    except StaleFileError:
        return _stale([(name, sent[name], there[name]) for name in there if sent[name] != there[name]])
    except StudyError as error:
        return _page(problem=error.args[0], sent={phase: sent}), 422


def _changed(raw: Mapping[str, Any], there: Mapping[str, str], sent: Mapping[str, str]) -> dict[str, Any]:
    """What site.yaml says of a phase, with what the form says otherwise than it was shown."""
    new = dict(raw)
    for name in there:
        if sent[name] == there[name]:
            continue
        if name in MOMENTS and sent[name]:
            new[name] = _moment(sent[name])
        elif name == "freezes":
            new.pop(name, None)
        elif name in COUNTS:
            new[name] = _count(sent[name])
        elif name == "shows":
            new[name] = sent[name].split()
        else:
            new[name] = sent[name]
    return new


def _saved(changes: Mapping[tuple[str, ...], Any], *, back: str = "console.phases.page") -> Response:
    with editing_site(the_site().root, changes, shown=request.form.get(FIELD, "")):
        pass
    note("phases changed", **who())
    return redirect(url_for(back))


def _stale(versions: list[tuple[str, str, str]]) -> tuple[str, int]:
    what = say("What site.yaml says of the challenge. The file changed since you opened the page.")
    return stale_page(what, versions, back=url_for("console.phases.page"))


def _page(
    *,
    problem: Text | str | None = None,
    sent: Mapping[str, Mapping[str, str]] | None = None,
    new: Mapping[str, str] | None = None,
) -> str:
    site, track = the_site(), app_state().study
    found = track_of(site, track)
    with site.database.reading() as session:
        used = {name for name in found.phases if submissions.count_in(session, track, name)}
    phases = [
        {
            "name": shown.name,
            "kind": shown.phase.kind,
            "used": shown.name in used,
            "stage": shown.stage,
            "frozen": shown.frozen,
            "fields": (sent or {}).get(shown.name) or _fields(shown.phase),
            "moments": {key: getattr(shown, key) for key in MOMENTS},
        }
        for shown in shown_phases(track)
    ]
    return render_template(
        "console/phases.html",
        track=track,
        phases=phases,
        new=new or {},
        top=found.top,
        registration=challenge_of(site).registration,
        revision=request.form.get(FIELD) or file_sha256(_path()),
        shows=SHOWS,
        problem=problem,
    )


def _fields(phase: Phase) -> dict[str, str]:
    """A phase as the form shows it: moments to the second, in UTC. A final one has no leaderboard."""
    usual = {
        "title": phase.title,
        **{name: _local(getattr(phase, name)) for name in MOMENTS},
        **{name: "" if getattr(phase, name) is None else str(getattr(phase, name)) for name in COUNTS},
    }
    if phase.kind == "final":
        return {name: value for name, value in usual.items() if name != "freezes"}
    return usual | {
        "counts": phase.counts,
        "board": phase.board,
        "shows": " ".join(name for name in SHOWS if name in phase.shows),
    }


def _sent(there: Mapping[str, str]) -> dict[str, str]:
    form = request.form
    sent = {name: form.get(name, "").strip() for name in there}
    # Browsers leave out seconds that are 0.
    sent |= {name: text + ":00" for name, text in sent.items() if _MINUTE.fullmatch(text)}
    if "shows" in there:
        sent["shows"] = " ".join(name for name in SHOWS if name in form.getlist("shows"))
    return sent


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise StudyError(
            say("%(text)s is not a moment; write one such as 2027-03-01T23:59:00, in UTC", text=repr(text))
        ) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _count(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise StudyError(say("%(text)s is not a whole number", text=repr(text)))
    return int(text)


def _local(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}" if moment else ""


def _raw() -> Any:
    return yaml.safe_load(_path().read_text(encoding="utf-8"))


def _path() -> Path:
    return the_site().root / SITE_FILE
