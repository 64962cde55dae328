"""Publishing a study: `studyapp publish`, and the job of that name."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from sqlmodel import Session

from studyapp.batch.pool import Progress
from studyapp.core.tiles import TILE
from studyapp.resources import resource_folder
from studyapp.services.ground.studies import current_file
from studyapp.services.ground.workspace import Workspace
from studyapp.services.publishing.contents import Scene, Shown, published_scenes
from studyapp.services.publishing.folder import SUFFIX, PublishedFolder, publishing
from studyapp.services.publishing.marks import marks_of, regions_of
from studyapp.services.publishing.scores import image_scores
from studyapp.services.results.ranking import StudyRanking, rank_study
from studyapp.web.published.pages import Pages
from studyapp.web.ranking_table import shown_ranking


@dataclass(frozen=True)
class Choice:
    """What is published and how.

    Attributes
    ----------
    language
        Of the pages: the name of a catalogue.
    """

    language: str = "en"


def publish_study(
    session: Session, workspace: Workspace, out: Path, choice: Choice, *, progress: Progress
) -> None:
    """Write a closed study to a folder, or bring one that was written before up to date.

    Raises
    ------
    StudyStateError
        While the study is not closed.
    StudyError
        When the folder holds anything else, or something cannot be made.
    """
    scenes = published_scenes(session, workspace)
    progress("ranking", 0, 0)
    ranking = rank_study(session, workspace)
    with publishing(out) as folder:
        _write_tiles(folder, scenes, progress)
        progress("pages", 0, 0)
        _write_pages(session, folder, ranking, scenes, choice)
        folder.finish({"language": choice.language})


def _write_tiles(folder: PublishedFolder, scenes: tuple[Scene, ...], progress: Progress) -> None:
    pictures = [picture for scene in scenes for picture in scene.pictures]
    for number, picture in enumerate(pictures):
        progress("tiles", number, len(pictures))
        folder.tiles(f"tiles/{picture.place}", picture.pack)
    progress("tiles", len(pictures), len(pictures))


def _write_pages(
    session: Session,
    folder: PublishedFolder,
    ranking: StudyRanking,
    scenes: tuple[Scene, ...],
    choice: Choice,
) -> None:
    file = current_file(session)
    pages = Pages(choice.language, title=file.title, simulated=ranking.simulated)
    shown = shown_ranking(ranking, for_strangers=True)
    folder.put("index.html", pages.page("index.html", "index.html", shown=shown, scenes=scenes))
    comparing = _comparing(session, ranking, scenes)
    for scene in scenes:
        path = f"images/{scene.number}/index.html"
        folder.put(path, pages.page("compare.html", path, scene=scene, data=comparing(scene)))
    for name in sorted(pages.static):
        folder.put(f"static/{name}", (resource_folder("static") / name).read_bytes())


def _comparing(
    session: Session, ranking: StudyRanking, scenes: tuple[Scene, ...]
) -> Callable[[Scene], dict[str, Any]]:
    """What the comparator of each image is told (static/js/pages/published.js)."""
    scores = image_scores(ranking.user)
    ranks = {str(row["team"]): row["rank"] for row in ranking.table.to_dict("records")}
    order = {team: number for number, team in enumerate(ranks)}
    teams = {picture.team for scene in scenes for picture in scene.candidates if picture.team}
    regions, marks = regions_of(session), marks_of(session, teams)

    def data(scene: Scene) -> dict[str, Any]:
        candidates = sorted(scene.candidates, key=lambda one: order.get(one.team or "", len(order)))
        return {
            "image": scene.name,
            "width": scene.width,
            "height": scene.height,
            "tile": TILE,
            "levels": _levels(scene.candidates[0]) if scene.candidates else [],
            "suffix": SUFFIX,
            "input": scene.input and _picture(scene, scene.input),
            "reference": scene.reference and _picture(scene, scene.reference),
            "candidates": [_picture(scene, one) | _judged(scene, one) for one in candidates],
            "regions": regions.get(scene.name, []),
            "marks": marks.get(scene.name, []),
            "previous": f"../{scene.number - 1}/index.html" if scene.number > 1 else None,
            "next": f"../{scene.number + 1}/index.html" if scene.number < len(scenes) else None,
        }

    def _judged(scene: Scene, one: Shown) -> dict[str, Any]:
        team = one.team or ""
        score = scores.get((scene.name, team))
        rank = ranks.get(team)
        return {
            "team": team,
            "name": one.name,
            "rank": None if pd.isna(rank) else int(rank),
            "score": score and score.value,
            "score_text": score.words if score else "",
        }

    return data


def _picture(scene: Scene, one: Shown) -> dict[str, Any]:
    own = {"width": one.index.width, "height": one.index.height, "levels": _levels(one)}
    usual = (one.index.width, one.index.height) == (scene.width, scene.height)
    return {"base": f"../../tiles/{one.place}", **({} if usual else own)}


def _levels(one: Shown) -> list[list[int]]:
    return [list(size) for size in one.index.pyramid.sizes]
