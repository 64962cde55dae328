"""Section: gallery. Of each image the best, the worst and the most disputed candidate, with crops."""

from pathlib import Path

import pandas as pd

from analysis.amounts import how_many
from analysis.gallery.choice import ImageChoice, Role, choices
from analysis.gallery.pictures import INPUT, Crops, crops_of
from analysis.imaging.crops import QUALITY
from analysis.reasons.reading import RECTANGLE
from analysis.report.blocks import NOTHING, Pictures, Section, Table, Text
from analysis.report.study import Study
from analysis.report.words import listed

MOST_BYTES = 16_000_000
"""Of all crops together; as text in the page they are a third larger."""
MOST_NAMED = 8
_ANSWERS = {
    "votes": ("mean points", "ballots that showed the candidate", "points"),
    "pairs": (
        "Bradley-Terry worth from the image's comparisons alone (0.1 wins added for each over every other)",
        "comparisons of the candidate",
        "outcomes against the same opponents (1 won, 0.5 tie, 0 lost)",
    ),
    "ratings": ("mean score", "ratings of the candidate", "scores"),
}
_NO_REASONS = pd.DataFrame(columns=["image", "team", "judge", *RECTANGLE])


def gallery_section(study: Study) -> list[Section]:
    """A table of every image; pictures, if there are any to show."""
    found = choices(study.user, study.teams)
    shown, left_out, problems = _crops(study, found)
    score, n, spread = _ANSWERS[study.user.table]
    said = [
        f"Best and worst of an image are the candidates with the highest and the lowest {score}; n is the "
        f"number of {n}. Most disputed is the candidate whose {spread} differ most between judges, by their "
        "standard deviation (SD). A single image says little about a team: the ranking uses all of them."
    ]
    if study.pictures:
        said.append(
            "Pictures show the same part of each candidate and of the input, pixel for pixel (on paper "
            "reduced): where most judges marked something about these candidates, else where judges looked "
            "longest, else where these candidates differ most. Where several share a place, the table names "
            "them and one is shown: the best and the most disputed highest in the ranking, the worst lowest. "
            f"They are JPEG of quality {QUALITY}."
        )
    else:
        said.append("No pictures are shown: none were given, or teams may not be known yet.")
    if left_out:
        names = listed([*left_out[:MOST_NAMED], *(["others"] if len(left_out) > MOST_NAMED else [])])
        said.append(
            f"Of {how_many(len(left_out), 'images')} no pictures are shown, so that the page stays below "
            f"{MOST_BYTES / 1e6:.0f} MB of pictures: {names}."
        )
    table = Table(
        f"What stands out on each image. In brackets: {score.split(' from ')[0]} and n; SD and n.",
        _table(found),
    )
    notes = [Text(f"Not shown: {problem}.") for problem in problems]
    return [Section("Gallery" if shown else "Image by image", (*map(Text, said), table, *shown, *notes))]


def _crops(study: Study, found: list[ImageChoice]) -> tuple[list[Pictures], list[str], list[str]]:
    """The pictures, images for which there was no room, and what could not be shown."""
    made: list[Pictures] = []
    left_out: list[str] = []
    problems: list[str] = []
    room = MOST_BYTES
    for choice in found if study.pictures else []:
        if not choice.shown:
            continue
        if room <= 0:
            left_out.append(choice.image)
            continue
        files: dict[str | None, Path] = {
            team: study.pictures[choice.image, team]
            for team in choice.shown
            if (choice.image, team) in study.pictures
        }
        if choice.image in study.input_pictures:
            files[INPUT] = study.input_pictures[choice.image]
        crops = crops_of(
            choice, files, reasons=_NO_REASONS if study.reasons is None else study.reasons, maps=study.looking
        )
        problems += [f"image {choice.image}, {problem}" for problem in crops.problems]
        size = sum(map(len, crops.files.values()))
        if size > room:
            left_out.append(choice.image)
            room = 0
        elif crops.place is not None:
            room -= size
            made.append(_pictures(choice, crops))
    return made, left_out, problems


def _pictures(choice: ImageChoice, crops: Crops) -> Pictures:
    assert crops.place is not None
    rect, roles = crops.place.rect, choice.shown
    values = {"best": choice.best, "worst": choice.worst, "most disputed": choice.disputed}
    labels = {INPUT: "Input"} | {
        team: f"{team}: " + "; ".join(_told(name, values[name]) for name in names)
        for team, names in roles.items()
    }
    return Pictures(
        f"Image {choice.image}, {rect.width} x {rect.height} pixels at ({rect.left}, {rect.top}): "
        f"{crops.place.why}.",
        tuple((labels[key], data) for key, data in crops.files.items()),
    )


def _told(name: str, role: Role | None) -> str:
    assert role is not None
    also = f", shared by {len(role.teams)}" if len(role.teams) > 1 else ""
    what = "SD " if name == "most disputed" else ""
    return f"{name} ({what}{role.value:.2f}, n\u00a0=\u00a0{role.n[0]}{also})"


def _table(found: list[ImageChoice]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Image": [choice.image for choice in found],
            "Best": [_cell(choice.best) for choice in found],
            "Worst": [_cell(choice.worst) for choice in found],
            "Most disputed": [_cell(choice.disputed, "SD ") for choice in found],
        }
    )


def _cell(role: Role | None, what: str = "") -> str:
    if role is None:
        return NOTHING
    least, most = min(role.n), max(role.n)
    n = f"{least}" if least == most else f"{least} to {most}"
    return f"{listed(role.teams)} ({what}{role.value:.2f}, n\u00a0=\u00a0{n})"
