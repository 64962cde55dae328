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
    """A time in which the teams of a track hand in."""

    title: OneLine = Field(
        min_length=1, max_length=80, description="Its name on pages.", examples=["Online feedback"]
    )
    kind: Literal["feedback", "final"] = Field(
        default="feedback",
        description="feedback: results for the study's pairs (paired/), scored at once; final: results for "
        "the images that judges see, and models.",
    )
    opens: Instant = Field(
        description="The moment from which teams can hand in.", examples=["2027-02-01T00:00:00Z"]
    )
    closes: Instant = Field(
        description="The moment before which they can.", examples=["2027-03-01T23:59:00Z"]
    )
    daily: int | None = Field(
        default=5,
        ge=1,
        le=1000,
        description="Submissions of a team in a day of UTC; null for any number. Failed ones do not count, "
        "nor those that were withdrawn before they had a result; models are counted apart.",
    )
    total: int | None = Field(default=None, ge=1, le=100_000, description="The same in all.", examples=[100])
    counts: Literal["best", "last", "chosen"] = Field(
        default="best",
        description="Which of a team's submissions is on the leaderboard: its best, its last, or the one it "
        "chose (until it chooses, its best).",
    )
    board: Literal["public", "teams", "hidden"] = Field(
        default="public",
        description="Who may read the leaderboard before the phase is over: everyone, the track's teams, or "
        "organisers alone.",
    )
    freezes: Instant | None = Field(
        default=None,
        description="From then until the phase is over the leaderboard does not change.",
        examples=["2027-02-27T00:00:00Z"],
    )
    decimals: dict[str, Annotated[int, Field(ge=0, le=12)]] = Field(
        default_factory=dict,
        description="Decimals of leaderboard columns, where the usual number does not suit.",
        examples=[{"psnr": 3}],
    )
    shows: tuple[Literal["metrics", "affiliation", "members", "runtime", "submissions"], ...] = Field(
        default=("metrics",),
        description="What the public leaderboard says about a team besides its name, rank and SCORE; "
        "submissions: how many, which one counts, and when it arrived.",
        examples=[["metrics", "affiliation"]],
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Phase":
        if self.opens >= self.closes:
            raise ValueError(say("closes must be later than opens"))
        if self.freezes is not None and not self.opens <= self.freezes < self.closes:
            raise ValueError(say("freezes must lie between opens and closes"))
        return self


class Track(Strict):
    """A track of a challenge: a study of the site, with its phases in their order, the final one last."""

    top: int = Field(
        default=10,
        ge=2,
        le=200,
        description="How many teams of the last feedback phase go to the final phase.",
    )
    factsheets_close: Instant | None = Field(
        default=None,
        description="Until then teams may change their factsheets; without it, always.",
        examples=["2027-03-20T00:00:00Z"],
    )
    measure: Literal["on-request", "at-once"] = Field(
        default="on-request",
        description="When the models that teams hand in are run: when an organiser asks for it, or as soon "
        "as they are accepted.",
    )
    results: Literal["hidden", "private", "public"] = Field(
        default="private",
        description="What is shown once the study is closed: nothing (hidden); to each team of the final "
        "phase its own results, with the others as numbers (private); to all the final ranking (public).",
    )
    phases: dict[Slug, Phase] = Field(
        default_factory=dict, description="Its phases by their names in addresses; the final one comes last."
    )

    @field_validator("phases")
    @classmethod
    def _final_comes_last(cls, phases: dict[str, Phase]) -> dict[str, Phase]:
        finals = [name for name, phase in phases.items() if phase.kind == "final"]
        if len(finals) > 1:
            raise ValueError(say("only one phase can be of the kind final"))
        return dict(sorted(phases.items(), key=lambda item: item[1].kind == "final"))


class Challenge(Strict):
    """A challenge: its tracks, which share teams and judges."""

    title: OneLine | None = Field(
        default=None,
        max_length=200,
        description="Its name on pages; without it, the site's.",
        examples=["RAIM 2027"],
    )
    description: str = Field(
        default="",
        max_length=20_000,
        description="What its page says: paragraphs, headings (#) and lists (-).",
        examples=["Restore any image."],
    )
    registration: Literal["open", "approval", "invitation"] = Field(
        default="approval",
        description="How teams come in: at once (open), when an organiser lets them (approval), or by a link "
        "only (invitation).",
    )
    tracks: dict[Slug, Track] = Field(min_length=1, description="Its tracks, by the names of their studies.")
