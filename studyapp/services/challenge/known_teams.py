"""What a challenge knows of a study's teams beside the study: who is reached where, and their factsheets."""

from collections.abc import Iterator

from analysis.report.blocks import NOTHING
from studyapp.services.challenge import factsheets
from studyapp.services.challenge.factsheet_tables import beside, measured_or_why
from studyapp.services.challenge.factsheets import Line
from studyapp.services.challenge.phases import track_of
from studyapp.services.challenge.teams import members
from studyapp.services.ground.site import Site
from studyapp.services.results.sheet import About

NUMBERS = {
    "parameters_m": "Parameters (M)",
    "flops_g": "FLOPs (G), for an input of 3x1024x1024",
    "runtime_s": "Time for an image (s)",
}
ANSWERS = {
    "extra_data": "Extra data",
    "pretrained": "Pre-trained weights",
    "ensemble": "Ensemble",
}


def names_are_public(site: Site | None, track: str) -> bool:
    """Tell whether a track's final ranking is for everybody."""
    if site is None or site.file.challenge is None or track not in site.file.challenge.tracks:
        return False
    return track_of(site, track).results == "public"


def known_teams(site: Site | None, track: str) -> dict[str, About]:
    """Return what is known of the teams of a track, by their ids in the study; else nothing."""
    if site is None or site.file.challenge is None or track not in site.file.challenge.tracks:
        return {}
    costs, _ = measured_or_why(site.study_root(track))
    found = {}
    with site.database.reading() as session:
        for line in factsheets.of_track(session, track):
            if line.study_team is None:
                continue
            leader = next((one.email for one in members(session, line.team) if one.leads), "")
            found[line.study_team] = About(leader, tuple(_figures(line, costs.get(line.study_team, {}))))
    return found


def _figures(line: Line, costs: dict[str, float]) -> Iterator[tuple[str, str, str]]:
    if line.newest is None:
        return
    sheet = line.newest.sheet
    measured = beside(sheet, costs)
    for field, title in NUMBERS.items():
        said, cost = getattr(sheet, field), measured.get(field)
        if said is not None or cost is not None:
            own = NOTHING if said is None else f"{said:.4g}"
            far = " (much different)" if cost is not None and cost.is_far else ""
            yield title, own, NOTHING if cost is None else f"{cost.value:.4g}{far}"
    if sheet.hardware:
        yield "Hardware", sheet.hardware, NOTHING
    for field, title in ANSWERS.items():
        answer = getattr(sheet, field)
        if answer is not None:
            which = getattr(sheet, f"{field}_which")
            yield title, (f"yes: {which}" if which else "yes") if answer else "no", NOTHING
