"""The JSON that the judging page works with. Its shape is documented in docs/viewer.md."""

from typing import Any

from flask import request, url_for
from flask_wtf.csrf import generate_csrf

from studyapp.core.reasons import ReasonRules
from studyapp.core.viewing import ViewingRules
from studyapp.services.voting.ballots import Ballot
from studyapp.services.voting.judging import TrialView
from studyapp.study.study_file import StudyFile
from studyapp.web.language import said_within


def trial_json(view: TrialView, file: StudyFile) -> dict[str, Any]:
    """Return a trial as the page's script reads it; `file` says what the study asks and offers."""
    trial = {
        "trial": view.public_id,
        "kind": view.kind,
        "position": view.position,
        "total": view.total,
        "answered": view.answered,
        "pace": view.pace,
        "image": {"width": view.width, "height": view.height, "tile": view.tile, "levels": view.levels},
        "input": {"tiles": _tiles(view.input_token)},
        "slots": [{"slot": item.slot, "tiles": _tiles(item.token)} for item in view.slots],
        "question": view.question,
        "ballot": ballot_json(view.ballot),
        "state": view.state,
        "open": view.open,
        "withdrawn": view.withdrawn,
        "skipped": [{"what": what, "page": _preparing(what, view.practice)} for what in view.skipped],
        "regions": view.regions,
        "asks_why": asks_why(file.reasons),
        "viewing": viewing_json(file.viewing),
        "contact": file.contact,
        "break_after": 60 * file.break_after_minutes,
        "rule": {"see_all_at_1_1": view.see_all_at_1_1},
        "links": {
            "ballot": url_for("trials.save", public_id=view.public_id),
            "data": url_for("trials.trial", public_id=view.public_id),
            "next": _page(view.next) if view.next else url_for("judge.finish"),
            "previous": _page(view.previous) if view.previous else None,
            "overview": url_for("judge.overview"),
            "guidelines": url_for("judge.guidelines"),
            "logout": url_for("sign_in.logout"),
            "conditions": url_for("conditions.save"),
            "screen": url_for("judge.screen"),
            "looking": url_for("looking.save", public_id=view.public_id),
        },
        "preload": url_for("trials.trial", public_id=view.next) if view.next else None,
        "csrf": generate_csrf(),
    }
    return said_within(trial)


def asks_why(rules: ReasonRules) -> dict[str, Any]:
    """Return which reasons a study asks for: words as they are recorded, and as the reader sees them."""
    regions, attributes = (
        [{"name": str(word), "label": word} for word in words] for words in (rules.regions, rules.attributes)
    )
    return {
        "regions": regions, "attributes": attributes, "required": rules.required, "most": rules.most,
    }  # fmt: skip


def viewing_json(rules: ViewingRules) -> dict[str, Any]:
    """Return the limits of how judges look that a page can tell of itself, and what it has to ask."""
    limits = rules.model_dump(include={"window", "pixel_ratio", "gamut", "acuity", "colour_vision"})
    return {**limits, "asked": sorted(rules.asked), "demands": rules.demands}


def ballot_json(ballot: Ballot) -> dict[str, Any]:
    """Return a recorded ballot: the fields of its answer, and what goes with every answer."""
    return {
        **ballot.answer,
        "revision": ballot.revision,
        "complete": ballot.complete,
        "saved_at": ballot.saved_at,
        "receipt": ballot.receipt,
        "reasons": ballot.reasons,
    }


def _preparing(what: str, practice: str) -> str:
    return _page(practice) if what == "practice" else url_for(f"judge.{what}")


def _page(public_id: str) -> str:
    return url_for("judge.trial", public_id=public_id)


def _tiles(token: str) -> str:
    return f"{request.script_root}/t/{token}"
