"""What the routes of `rules` show and save."""

from collections.abc import Mapping
from dataclasses import replace

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from analysis.compliance.stated import CHOICES, DENIABLE, STATED
from analysis.files import file_sha256
from analysis.rule import PRESETS
from analysis.rule.value import ALONE
from analysis.texts import Text, say
from studyapp.core.viewing import QUESTIONS, Question
from studyapp.errors import ProblemsFoundError, StudyError
from studyapp.protocols import KINDS
from studyapp.services.folder.regions import image_names
from studyapp.services.ground.scoring_rules import check_scoring
from studyapp.services.ground.workspace import load_workspace
from studyapp.services.voting.amending import amend_study, amendments
from studyapp.services.voting.study_changes import How, Saved, how_changed, save_changes, unrecorded
from studyapp.study.editing import StaleFileError, edited
from studyapp.study.study_file import STUDY_FILE, StudyFile, read_study_text
from studyapp.web.console import rules_form
from studyapp.web.console.rule_example import Example, fitting_presets, wrong_rule
from studyapp.web.console.rule_example import example as example_of
from studyapp.web.console.stale import FIELD, stale_page
from studyapp.web.judge.needs import GAMUT_NAMES
from studyapp.web.protocol_names import PROTOCOL_NAMES
from studyapp.web.state import app_state, now

TICKED = ("denied-", "criterion-", "rule-", "viewing-ask-", "viewing-colours")
"""Fields that a form leaves out where they are empty."""

QUESTION_NAMES: Mapping[Question, Text] = {
    "size": say("size of the screen"),
    "distance": say("viewing distance"),
    "light": say("light in the room"),
    "brightness": say("brightness of the screen"),
    "blue_light": say("night light"),
    "auto_brightness": say("automatic brightness"),
    "panel": say("kind of screen"),
    "acuity": say("eyesight"),
    "colour_vision": say("colours"),
}
EYES = (
    ("left_out", say("do not test them")),
    ("private", say("test them, for the needs below alone")),
    ("exported", say("test them, and list the results in conditions.csv")),
)
GAMUTS = (("", say("any")), *GAMUT_NAMES.items())

STATED_NAMES = {
    "place": say("Where judges sat"),
    "viewing_distance": say("Viewing distance"),
    "room_illumination": say("Light of the room"),
    "displays": say("Screens"),
    "display_calibration": say("Calibration of screens"),
    "acuity_test": say("Test of visual acuity"),
    "colour_vision_test": say("Test of colour vision"),
    "observers": say("Who the judges are"),
    "expertise": say("Expertise"),
    "involvement": say("Involvement in the methods shown"),
}

COLOURS = (
    (
        rules_form.PICTURES[0],
        say("Colours other than sRGB"),
        (
            ("alike", say("converted where all files of an image are in the same space, else refused")),
            ("convert", say("always converted")),
            ("refuse", say("always refused")),
        ),
    ),
    (
        rules_form.PICTURES[1],
        say("Photographs with an HDR gain map"),
        (("refuse", say("refused")), ("base", say("their SDR picture is taken"))),
    ),
)
"""What may be done to image files: field, label, choices."""


def page() -> str:
    """Show what study.yaml says."""
    return _page()


def example() -> str:
    """Show what the formulas typed so far make of a made-up table: alone for a script, else in the page."""
    text, file = _file()
    form = request.form
    settled, shown = _typed(form, text, file)
    if request.headers.get("HX-Request"):
        return render_template("console/rules_example.html", example=shown)
    return _page(form=form, example=shown, as_typed=settled)


def save() -> Response | str | tuple[str, int]:
    """Change study.yaml, as an amendment where judges are invited."""
    _, file = _file()
    workspace, form = app_state().workspace, request.form
    with workspace.database.reading() as session:
        sealed = how_changed(session) == "amended"
    changes = rules_form.changes(form, file, sealed=sealed)
    try:
        if not changes:
            return _page(message=say("Nothing was changed."))
        saved = save_changes(
            workspace, changes, shown=form.get(FIELD, ""), reason=form.get("reason", ""), now=now()
        )
    except StaleFileError:
        return _stale(form, file)
    except StudyError as error:
        wrong = wrong_rule(changes.get(("rules",)))
        return _page(form=form, failed=_words(error), example=wrong), 422
    return redirect(url_for("console.rules.page", saved=_what(saved)))


def record() -> Response | tuple[str, int]:
    """Record as an amendment what was changed in study.yaml by hand."""
    workspace = app_state().workspace
    try:
        with workspace.database.writing() as session:
            made = amend_study(
                session, load_workspace(workspace.folders.root), request.form.get("reason", ""), now=now()
            )
    except StudyError as error:
        return _page(failed=_words(error)), 409
    return redirect(url_for("console.rules.page", saved=_what(Saved(made))))


def _file() -> tuple[str, StudyFile]:
    text = (app_state().workspace.folders.root / STUDY_FILE).read_text(encoding="utf-8")
    return text, read_study_text(STUDY_FILE, text)


def _typed(form: Mapping[str, str], text: str, file: StudyFile) -> tuple[StudyFile | None, Example]:
    """The study file that the form means, if it means one, and the example by its rules."""
    changes = rules_form.changes(form, file, sealed=False)
    wrong = wrong_rule(changes.get(("rules",)))
    if wrong is not None:
        return None, wrong
    try:
        meant = read_study_text(STUDY_FILE, edited(text, changes))
    except ProblemsFoundError as error:
        return None, Example(error="; ".join(_words(error)))
    except StudyError as error:
        return None, Example(error=str(error))
    return meant, example_of(meant)


def _page(
    *,
    form: Mapping[str, str] | None = None,
    failed: list[str] | None = None,
    message: Text | None = None,
    example: Example | None = None,
    as_typed: StudyFile | None = None,
) -> str:
    workspace = app_state().workspace
    root = workspace.folders.root
    revision = file_sha256(root / STUDY_FILE)
    _, file = _file()
    with workspace.database.reading() as session:
        how: How = how_changed(session)
        by_hand = unrecorded(session, file) if how in ("amended", "rehearsed") else []
        made = amendments(session) if how != "free" else []
        images = image_names(session)
    fields = rules_form.shown(file)
    kind = fields["kind"]
    if form is not None:  # a box that is not ticked is not sent
        unticked = {name: "" for name in fields if name.startswith(TICKED)}
        kind = form.get("kind", kind) if form.get("kind", kind) in KINDS else kind
        fields = fields | unticked | dict(form)
    colours = [
        (name, label, options, dict(options).get(fields[name], fields[name]))
        for name, label, options in COLOURS
    ]
    settings = [_as_typed(item, fields, form) for item in rules_form.settings(kind, {})]
    shown_rule = example or example_of(as_typed or file)
    return render_template(
        "console/rules.html",
        fields=fields,
        how=how,
        revision=(form or {}).get(FIELD) or revision,
        kinds=[(name, PROTOCOL_NAMES[name]) for name in KINDS],
        kind=kind,
        settings=settings,
        colours=colours,
        table=KINDS[kind].table,
        alone=ALONE[KINDS[kind].table],
        presets=[(name, PRESETS[name]) for name in fitting_presets(KINDS[kind].table)],
        rows=_numbered(fields, "rule-name-"),
        criteria=_numbered(fields, "criterion-name-"),
        stated=[
            (key, STATED_NAMES[key], STATED[key], CHOICES.get(key, ()), key in DENIABLE) for key in STATED
        ],
        questions=[(f"viewing-ask-{name}", QUESTION_NAMES[name]) for name in QUESTIONS],
        eyes=EYES,
        gamuts=GAMUTS,
        example=shown_rule,
        problems=check_scoring(file) if failed is None else [],
        failed=failed,
        message=message or _SAVED.get(request.args.get("saved", "")),
        by_hand=by_hand,
        amendments=made,
        images=images,
    )


def _as_typed(
    setting: rules_form.Setting, fields: Mapping[str, str], form: Mapping[str, str] | None
) -> rules_form.Setting:
    """A setting with what the file has, or with what was typed if its kind was on the page already."""
    name = f"p-{setting.name}"
    if form is not None and form.get("settings-of") == form.get("kind"):
        return replace(setting, value=form.get(name, ""))
    return replace(setting, value=fields.get(name, setting.value))


def _numbered(fields: Mapping[str, str], beginning: str) -> list[int]:
    """The numbers of the rows to show: those that are filled in, and empty ones below."""
    filled = [number for number in range(60) if fields.get(f"{beginning}{number}")]
    return list(range(max(filled, default=-1) + 1 + rules_form.MORE_ROWS))


def _stale(form: Mapping[str, str], file: StudyFile) -> tuple[str, int]:
    """Show both versions of what differs."""
    there = rules_form.shown(file)
    typed = {name: value for name, value in form.items() if name not in ("csrf_token", FIELD, "reason")}
    versions = [
        (name, typed.get(name, ""), there.get(name, ""))
        for name in dict.fromkeys((*there, *typed))
        if name in typed and typed[name].replace("\r\n", "\n").strip() != there.get(name, "").strip()
    ]
    return stale_page(
        say("The rules of the study. Only what differs is listed."),
        versions,
        back=url_for("console.rules.page"),
    )


def _words(error: StudyError) -> list[str]:
    if isinstance(error, ProblemsFoundError):
        return [f"{problem.what}; {problem.remedy}" for problem in error.problems]
    return [error.args[0] if error.args else str(error)]


_SAVED = {
    "yes": say("Saved. Judges will see it from now on."),
    "prepare": say("Saved. It takes effect once the images are prepared again, on the page of images."),
    "amended": say("Saved and recorded in the ledger as an amendment."),
}


def _what(saved: Saved) -> str:
    return "prepare" if saved.prepare else "amended" if saved.amendment else "yes"
