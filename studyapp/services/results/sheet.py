"""What is on a team's sheet: its place, its images, what judges said, what its model costs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.imaging.crops import Rect
from analysis.plots.teams import interval_plot
from analysis.printable import printable
from analysis.report.blocks import NOTHING, Block, Document, Pictures, Plot, Section, Table, Text
from analysis.report.reasons_part import said_of_team
from analysis.report.write import SIMULATED
from studyapp.services.results.feedback import Feedback, OnImage, Place, ends
from studyapp.services.results.ledger_notes import without_judges
from studyapp.services.results.pictures import ShownPictures
from studyapp.services.results.ranking import StudyRanking
from studyapp.services.results.sheet_pictures import Mark, beside_input, with_marks

ANOTHER = "another team"
MOST_MARKED = 12
"""Images on which marks are drawn, those with the most first."""


@dataclass(frozen=True)
class About:
    """What a challenge knows of a team.

    Attributes
    ----------
    email
        Where its leader is reached.
    figures
        Of its factsheet: what it is, as the team says, as it was measured.
    """

    email: str = ""
    figures: Sequence[tuple[str, str, str]] = ()


@dataclass(frozen=True)
class Sheet:
    """What a sheet is made of.

    Attributes
    ----------
    teams
        The names of all teams of the study by id.
    names
        Whether others are named.
    reasons
        What judges said, as `analysis.reasons.reading.validate_reasons` returns it.
    problems
        What could not be shown, filled while the sheet is made.
    """

    team: str
    title: str
    teams: Mapping[str, str]
    found: Feedback
    ranking: StudyRanking
    pictures: ShownPictures
    reasons: pd.DataFrame | None
    about: About
    names: bool
    digest: str
    problems: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The team's name."""
        return self.teams[self.team]

    def document(self) -> Document:
        """Return the sheet, not yet rendered."""
        ranking = self.ranking
        sections = [
            *self._places(),
            *self._images(),
            *self._said(),
            *self._costs(),
            *self._factsheet(),
            self._method(),
        ]
        basis = f"{how_many(len(ranking.table), 'teams')}, {how_many(ranking.judges, 'judges')}, "
        return Document(
            title=f"Results of {self.name}",
            subtitle=f"{self.title}. {basis}{how_many(ranking.images, 'images')}, {ranking.answers}",
            summary=self._summary(),
            sections=tuple(sections),
            banner=SIMULATED if self.found.simulated else None,
            notes=tuple(self._notes()),
            names=(self.name, self.title, *ranking.user.images, *self._shown_names(), *self._words()),
        )

    def _summary(self) -> tuple[str, ...]:
        own = next((place for place in self.found.ranking if place.own), None)
        if own is None:
            return (f"{self.name} is not in the ranking; ask the organisers why.",)
        ranked = sum(place.rank != NOTHING for place in self.found.ranking)
        if own.rank == NOTHING:
            return (f"{self.name} has no final score, and so no rank among {how_many(ranked, 'teams')}.",)
        said = f"Rank {own.rank} of {ranked}, with a final score of {own.final}."
        if own.span:
            said += f" The study leaves ranks {own.span} open (95 %, for all teams at once)."
        award = "" if own.award == NOTHING else f" Award: {own.award}."
        return (f"{said}{award}",)

    def _notes(self) -> Iterator[str]:
        """What the ledger says and concerns the results: without judges, and without the names of others."""
        others = [one for key, name in self.teams.items() if key != self.team for one in (key, name)]
        find = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in _longest(others)) or "(?!)")
        facts = self.ranking.facts
        concluded = [line for line in facts.conclusions if self.name in line or not find.search(line)]
        for note in (*facts.lines, *concluded):
            said = str(without_judges(note))
            yield said if self.names else find.sub(ANOTHER, said)

    def _shown_names(self) -> list[str]:
        return list(self.teams.values()) if self.names else []

    def _words(self) -> list[str]:
        return [
            str(row[key]) for row in self.found.reasons for key in ("attribute", "region", "text") if row[key]
        ]

    def _called(self, place: Place) -> str:
        return place.name if place.name is not None else ANOTHER

    def _places(self) -> Iterator[Section]:
        places = self.found.ranking
        ranking = pd.DataFrame(
            {
                "Rank": [place.rank for place in places],
                "Could be": [place.span or NOTHING for place in places],
                "Team": [
                    f"{self._called(place)} (you)" if place.own else self._called(place) for place in places
                ],
                "Final score": [place.final for place in places],
                "Award": [place.award for place in places],
            }
        )
        blocks: list[Block] = []
        if self.found.scores:
            scores = pd.DataFrame(self.found.scores.items(), columns=["Score", "Yours"])
            blocks.append(Table(f"Your scores. {self.found.intervals}.", scores))
        blocks.append(
            Table(
                "The ranking. “Could be” says which ranks the study leaves open for a team (95 %, for all "
                "teams at once).",
                ranking,
            )
        )
        known = [place for place in places if np.isfinite(place.interval[0])]
        if len(known) > 1:
            blocks.append(self._finals(known))
        yield Section("Your place", tuple(blocks))

    def _finals(self, places: list[Place]) -> Plot:
        values = np.array([place.interval for place in places])
        rows = [f"▶ {self._called(place)}" if place.own else self._called(place) for place in places]
        return Plot(
            "Final scores with 95 % intervals; the mark shows your team.",
            "Dots with intervals, one row per team in the order of the ranking: "
            + ", ".join(f"{self._called(place)} {place.final}" for place in places)
            + ".",
            lambda: interval_plot(rows, *values.T, label="final score"),
        )

    def _images(self) -> Iterator[Section]:
        liked = ends(self.found.judged)
        blocks: list[Block] = []
        for title, images in (("liked best", liked[0]), ("liked least", liked[1])):
            if not images:
                continue
            frame = pd.DataFrame(
                [(one.image, one.better, one.worse, one.answers) for one in images],
                columns=["Image", "Better than the mean", "Worse", "Answers"],
            )
            blocks.append(Table(f"Your images that judges {title}.", frame))
            blocks += [found for one in images if (found := self._beside(one))]
        scored = ends(self.found.paired)
        for title, images in (("best", scored[0]), ("worst", scored[1])):
            if images:
                frame = pd.DataFrame([(one.image, one.score) for one in images], columns=["Image", "Score"])
                blocks.append(
                    Table(f"Your {title} images by the score, against ground truth.", frame, {"Score": 4})
                )
        if blocks:
            yield Section("Your images", tuple(blocks))

    def _beside(self, one: OnImage) -> Pictures | None:
        """Show a part of an image of the team beside the input."""
        path = self.pictures.candidates.get((one.image, self.team))
        if path is None:
            self.problems.append(f"image {one.image}: the team's file is not there")
            return None
        try:
            place, shown = beside_input(
                path, self.pictures.inputs.get(one.image), self._own_reasons(one.image)
            )
        except AnalysisError as error:
            self.problems.append(f"image {one.image}: {error}")
            return None
        rect = place.rect
        return Pictures(
            f"Image {one.image}, {rect.width} x {rect.height} pixels at ({rect.left}, {rect.top}), pixel for "
            f"pixel: {place.why}. Better than the mean of the others in {one.better} of {one.answers} "
            f"answers, worse in {one.worse}.",
            tuple(zip(("Yours", "Input"), shown, strict=False)),
        )

    def _own_reasons(self, image: str) -> pd.DataFrame:
        table = self.reasons
        if table is None:
            return pd.DataFrame({"width": pd.Series(dtype=float)})
        return table[(table["image"].astype(str) == image) & (table["team"].astype(str) == self.team)]

    def _said(self) -> Iterator[Section]:
        rows = self.found.reasons
        if not rows or self.reasons is None:
            return
        marks, pictures = self._marks()
        blocks: list[Block] = [
            *said_of_team(self.reasons, self.team, "your images"),
            Table(
                "Every reason, in an order that tells nothing of judges."
                + (" Marks have their numbers on the images below." if marks else ""),
                self._every_reason(),
            ),
            *pictures,
        ]
        if len(marks) > MOST_MARKED:
            blocks.append(
                Text(f"Marks are drawn on the {MOST_MARKED} of {len(marks)} images that have most.")
            )
        yield Section("What judges said", tuple(blocks))

    def _every_reason(self) -> pd.DataFrame:
        rows = self.found.reasons
        frame = pd.DataFrame(
            {
                "No.": np.arange(1, len(rows) + 1),
                "Image": [row["image"] for row in rows],
                "Where": [row["region"] or ("marked" if row["rect"] else NOTHING) for row in rows],
                "Attribute": [row["attribute"] for row in rows],
                "Said to be": [row["direction"] for row in rows],
            }
        )
        if any(row["severity"] is not None for row in rows):
            frame["Severity"] = [NOTHING if row["severity"] is None else str(row["severity"]) for row in rows]
        if any(row["text"] for row in rows):
            frame["In the judge's words"] = [printable(row["text"] or "") for row in rows]
        return frame

    def _marks(self) -> tuple[dict[str, list[Mark]], list[Pictures]]:
        marks: dict[str, list[Mark]] = {}
        for number, row in enumerate(self.found.reasons, start=1):
            if row["rect"]:
                marks.setdefault(row["image"], []).append(Mark(number, Rect(*row["rect"]), row["direction"]))
        shown = []
        for image in sorted(marks, key=lambda image: (-len(marks[image]), image))[:MOST_MARKED]:
            path = self.pictures.candidates.get((image, self.team))
            try:
                if path is None:
                    raise AnalysisError("the team's file is not there")
                picture = with_marks(path, marks[image])
            except AnalysisError as error:
                self.problems.append(f"image {image}: {error}")
                continue
            shown.append(
                Pictures(
                    f"Image {image}, reduced, with what judges marked: blue where it is said to be better, "
                    "orange where worse, grey where both.",
                    ((f"Yours, image {image}", picture),),
                )
            )
        return marks, shown

    def _costs(self) -> Iterator[Section]:
        costs = self.found.costs
        if not costs:
            return
        frame = pd.DataFrame(
            {
                "Measure": [cost.name for cost in costs],
                "Yours": [f"{cost.value:.4g}" for cost in costs],
                "Place from the least": [f"{cost.place} of {cost.of}" for cost in costs],
                "Least of all": [f"{cost.least:.4g}" for cost in costs],
                "Median": [f"{cost.middle:.4g}" for cost in costs],
                "Most of all": [f"{cost.most:.4g}" for cost in costs],
            }
        )
        escore = self.found.escore
        said = [] if escore is None else [Text(f"EScore: {escore:.2f}.")]
        yield Section("Efficiency", (Table("What your model costs, beside the others.", frame), *said))

    def _factsheet(self) -> Iterator[Section]:
        if self.about.figures:
            frame = pd.DataFrame(self.about.figures, columns=["Field", "Factsheet", "Measured"])
            yield Section(
                "Your factsheet", (Table("Figures of your factsheet; the organisers have them.", frame),)
            )

    def _method(self) -> Section:
        ranking, named = self.ranking, self.names
        others = "The other teams are named: the ranking may be known." if named else (
            "Other teams have no names here, and nobody else has this sheet."
        )  # fmt: skip
        return Section(
            "How to read this",
            (
                Text(
                    "Judges saw the results of teams without knowing whose they were. An answer counts as "
                    "better than the mean where it places your image above the mean of the candidates that "
                    "the judge saw with it."
                ),
                Text(f"Rule: {ranking.rule.text}. {ranking.user.method}. {ranking.intervals}."),
                Text(f"No judge is named. {others}"),
                Text(
                    f"Study digest {self.digest}. With the export, which the organisers have, every figure "
                    "can be recomputed."
                ),
            ),
        )


def _longest(names: Sequence[str]) -> list[str]:
    return sorted(filter(None, set(names)), key=len, reverse=True)
