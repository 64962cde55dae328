"""What several pages of the challenge show: tracks by their titles, and phases with what is left of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from analysis.texts import Text, plural, say
from studyapp.db.tables import utc_text
from studyapp.errors import NotFoundError, StudyError
from studyapp.services.challenge import teams
from studyapp.services.challenge.phases import Stage, challenge_of, is_frozen, stage
from studyapp.services.ground.studies import the_study
from studyapp.services.ground.workspace import Workspace
from studyapp.study.challenge_file import Phase
from studyapp.study.study_file import StudyFile
from studyapp.web.state import now, site_state, the_site

NO_RESULTS = say("there are no results yet")


@dataclass(frozen=True)
class ShownPhase:
    """A phase as pages show it; moments as stored texts in UTC."""

    name: str
    phase: Phase
    stage: Stage
    frozen: bool
    opens: str
    closes: str
    freezes: str | None
    until: Text | None

    @property
    def is_final(self) -> bool:
        """Whether it is the final phase."""
        return self.phase.kind == "final"


def has_challenge() -> bool:
    """Tell whether the site has a challenge."""
    return the_site().file.challenge is not None


def tracks() -> list[str]:
    """Name the tracks of the challenge in their order."""
    return list(challenge_of(the_site()).tracks)


def waiting_teams() -> int:
    """Count the teams that wait for the organisers' approval."""
    with the_site().database.reading() as session:
        return teams.waiting(session)


def track_title(track: str) -> str:
    """Return what a track is called: its study's title, or its name while there is no such study."""
    file = _study_file(track)
    return file.title if file is not None else track


def is_simulated(track: str) -> bool:
    """Tell whether no real team is behind a track's results: every page and file of it says so."""
    file = _study_file(track)
    return file is not None and file.simulated


def closed_study(track: str) -> Workspace:
    """Return a track's study, whose results there are.

    Raises
    ------
    NotFoundError
        While it is not closed: also when it was unsealed before, for judges still answer then.
    """
    workspace = site_state().workspace_of(track).as_it_is_now()
    with workspace.database.reading() as session:
        if the_study(session).state != "closed":
            raise NotFoundError(NO_RESULTS)
    return workspace


def _study_file(track: str) -> StudyFile | None:
    """What study.yaml says, also of a study that cannot be served yet: teams may come before it is ready."""
    try:
        return the_site().study_file(track)
    except (StudyError, OSError):
        return None


def shown_phases(track: str) -> list[ShownPhase]:
    """Return the phases of a track in their order, as they are now."""
    phases = challenge_of(the_site()).tracks[track].phases
    return [shown_phase(name, phase) for name, phase in phases.items()]


def are_over(shown: Collection[ShownPhase]) -> bool:
    """Tell whether there is nothing to take part in any more: phases, and all of them over."""
    return bool(shown) and all(item.stage == "over" for item in shown)


def shown_phase(name: str, phase: Phase) -> ShownPhase:
    """Return a phase as it is now."""
    moment = now()
    where = stage(phase, moment)
    left = None
    if where == "before":
        left = say("opens in %(time)s", time=time_left(phase.opens - moment))
    elif where == "open":
        left = say("closes in %(time)s", time=time_left(phase.closes - moment))
    return ShownPhase(
        name,
        phase,
        where,
        is_frozen(phase, moment),
        utc_text(phase.opens),
        utc_text(phase.closes),
        _stored(phase.freezes),
        left,
    )


def time_left(left: timedelta) -> Text:
    """Say how long something lasts still, in its two largest units, rounded down.

    Examples
    --------
    >>> [str(time_left(timedelta(minutes=minutes))) for minutes in (0.5, 1, 61, 1500, 2880)]
    ['less than a minute', '1 minute', '1 hour 1 minute', '1 day 1 hour', '2 days']
    """
    minutes = int(left.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [
        plural("%(count)s day", "%(count)s days", days) if days else None,
        plural("%(count)s hour", "%(count)s hours", hours) if hours else None,
        plural("%(count)s minute", "%(count)s minutes", rest) if rest and not days else None,
    ]
    said = [part for part in parts if part is not None]
    if not said:
        return say("less than a minute")
    return said[0] if len(said) == 1 else say("%(first)s %(second)s", first=said[0], second=said[1])


def paragraphs(text: str) -> list[tuple[str, list[str]]]:
    """Take a description apart: headings ("# ..."), lists ("- ...") and paragraphs, blank lines between.

    Examples
    --------
    >>> paragraphs("Welcome to\\nour challenge.\\n\\n# Rules\\n- one\\n- two")
    [('text', ['Welcome to our challenge.']), ('heading', ['Rules']), ('list', ['one', 'two'])]
    """
    found: list[tuple[str, list[str]]] = []
    fresh = True
    for line in (line.strip() for line in text.splitlines()):
        kind = "heading" if line.startswith("# ") else "list" if line.startswith(("- ", "* ")) else "text"
        content = line[2:].strip() if kind != "text" else line
        if not line:
            fresh = True
            continue
        if kind == "heading" or fresh or not found or found[-1][0] != kind:
            found.append((kind, [content]))
        elif kind == "list":
            found[-1][1].append(content)
        else:
            found[-1][1][0] += f" {content}"
        fresh = False
    return found


def _stored(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None
