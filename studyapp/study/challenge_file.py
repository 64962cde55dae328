"""The part `challenge` of site.yaml: tracks, and the phases in which teams hand in."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator

from analysis.texts import say
from studyapp.core.one_line import OneLine
from studyapp.core.strict import Strict

SLUG = r"^[a-z0-9][a-z0-9-]{0,39}$"
Slug = Annotated[str, Field(pattern=SLUG)]
"""The name of a track or a phase in addresses."""


def _written_out(value: Any) -> Any:
    """Refuse a date alone, which leaves the time open, and a moment without its offset."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise ValueError(
            say("write a moment with its offset from UTC, such as 2027-03-01T23:59:00Z or ...+08:00")
        )
    return value


Instant = Annotated[
    datetime, BeforeValidator(_written_out), AfterValidator(lambda moment: moment.astimezone(UTC))
]
"""A moment, in UTC."""


class Phase(Strict):
    """A time in which the teams of a track hand in.

    Attributes
    ----------
    kind
        feedback: results for the study's pairs (`paired/`), scored at once; final: results for the images
        that judges see, and models.
    opens, closes
        Handing in is possible from the one until just before the other.
    daily, total
        How many submissions a team may have in a day of UTC, and in all; failed ones do not count, nor those
        that were withdrawn before they had a result. None: any number.
    counts
        Which of a team's submissions stands on the leaderboard: its best, its last, or the one it chose
        (until it chooses, its best).
    board
        Who may read the leaderboard before the phase is over: everyone, the track's teams, or organisers.
    freezes
        From then until the phase is over the leaderboard shows what stood at that moment.
    decimals
        Of columns that are to be shown with other than the usual number of decimals.
    shows
        What the public leaderboard says of a team besides its name, rank and SCORE.
    """

    title: OneLine = Field(min_length=1, max_length=80)
    kind: Literal["feedback", "final"] = "feedback"
    opens: Instant
    closes: Instant
    daily: int | None = Field(default=5, ge=1, le=1000)
    total: int | None = Field(default=None, ge=1, le=100_000)
    counts: Literal["best", "last", "chosen"] = "best"
    board: Literal["public", "teams", "hidden"] = "public"
    freezes: Instant | None = None
    decimals: dict[str, Annotated[int, Field(ge=0, le=12)]] = Field(default_factory=dict)
    shows: tuple[Literal["metrics", "affiliation", "members", "runtime", "submissions"], ...] = ("metrics",)

    @model_validator(mode="after")
    def _in_order(self) -> "Phase":
        if self.opens >= self.closes:
            raise ValueError(say("closes must be later than opens"))
        if self.freezes is not None and not self.opens <= self.freezes < self.closes:
            raise ValueError(say("freezes must lie between opens and closes"))
        return self


class Track(Strict):
    """A track of a challenge: a study of the site, with its phases in their order, the final one last.

    Attributes
    ----------
    top
        How many teams of the last feedback phase go to the final phase.
    factsheets_close
        Until then teams may change their factsheets; without it always.
    measure
        When the models that teams hand in are run: when an organiser asks for it, or at once.
    results
        What is told once the study is closed: nothing (hidden), to teams of the final phase their own results
        with the others as numbers (private), or to everybody the final ranking (public).
    """

    top: int = Field(default=10, ge=2, le=200)
    factsheets_close: Instant | None = None
    measure: Literal["on-request", "at-once"] = "on-request"
    results: Literal["hidden", "private", "public"] = "private"
    phases: dict[Slug, Phase] = Field(default_factory=dict)

    @field_validator("phases")
    @classmethod
    def _final_comes_last(cls, phases: dict[str, Phase]) -> dict[str, Phase]:
        finals = [name for name, phase in phases.items() if phase.kind == "final"]
        if len(finals) > 1:
            raise ValueError(say("only one phase can be of the kind final"))
        return dict(sorted(phases.items(), key=lambda item: item[1].kind == "final"))


class Challenge(Strict):
    """A challenge: its tracks, which share teams and judges.

    Attributes
    ----------
    registration
        How teams come in: open: at once; approval: an organiser lets them in; invitation: by link only.
    tracks
        By the names of their studies.
    """

    title: OneLine | None = Field(default=None, max_length=200)
    description: str = Field(default="", max_length=20_000)
    registration: Literal["open", "approval", "invitation"] = "approval"
    tracks: dict[Slug, Track] = Field(min_length=1)
