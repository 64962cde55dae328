"""What the comparator of a published image is told (static/js/pages/published.js)."""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from studyapp.core.tiles import TILE
from studyapp.services.publishing.contents import Scene, Shown
from studyapp.services.publishing.folder import SUFFIX
from studyapp.services.publishing.marks import Mark
from studyapp.services.publishing.scores import image_scores
from studyapp.services.results.ranking import StudyRanking


def comparing(
    ranking: StudyRanking,
    scenes: tuple[Scene, ...],
    regions: Mapping[str, list[Mark]],
    marks: Mapping[str, list[Mark]],
) -> Callable[[Scene], dict[str, Any]]:
    """Return the function that gives an image's data."""
    ordered = in_ranking_order(ranking)

    def data(scene: Scene) -> dict[str, Any]:
        candidates = [_picture(scene, one) | told for one, told in ordered(scene)]
        first = scene.candidates[0] if scene.candidates else scene.input
        return {
            "image": scene.name,
            "width": scene.width,
            "height": scene.height,
            "tile": TILE,
            "levels": _levels(first) if first else [],
            "suffix": SUFFIX,
            "input": scene.input and _picture(scene, scene.input),
            "reference": scene.reference and _picture(scene, scene.reference),
            "candidates": candidates,
            "regions": regions.get(scene.name, []),
            "marks": marks.get(scene.name, []),
            "previous": f"../{scene.number - 1}/index.html" if scene.number > 1 else None,
            "next": f"../{scene.number + 1}/index.html" if scene.number < len(scenes) else None,
        }

    return data


def in_ranking_order(ranking: StudyRanking) -> Callable[[Scene], list[tuple[Shown, dict[str, Any]]]]:
    """Return what gives an image's candidates, the best team first, with rank and score on this image."""
    scores = image_scores(ranking.user)
    ranks = {str(row["team"]): row["rank"] for row in ranking.table.to_dict("records")}
    order = {team: number for number, team in enumerate(ranks)}

    def told(scene: Scene, one: Shown) -> dict[str, Any]:
        team = one.team or ""
        score, rank = scores.get((scene.name, team)), ranks.get(team)
        return {
            "team": team,
            "name": one.name,
            "rank": None if pd.isna(rank) else int(rank),
            "score": score and score.value,
            "score_text": score.words if score else "",
        }

    def ordered(scene: Scene) -> list[tuple[Shown, dict[str, Any]]]:
        candidates = sorted(scene.candidates, key=lambda one: order.get(one.team or "", len(order)))
        return [(one, told(scene, one)) for one in candidates]

    return ordered


def _picture(scene: Scene, one: Shown) -> dict[str, Any]:
    own = {"width": one.index.width, "height": one.index.height, "levels": _levels(one)}
    usual = (one.index.width, one.index.height) == (scene.width, scene.height)
    return {"base": f"../../tiles/{one.place}", **({} if usual else own)}


def _levels(one: Shown) -> list[list[int]]:
    return [list(size) for size in one.index.pyramid.sizes]
