"""The tables of var/scores: made of what scoring found, and joined with those of other teams."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.imaging.decoder import decoder
from analysis.paired.measuring import Pair
from analysis.paired.scores import Scores
from studyapp.errors import StudyError
from studyapp.services.paired.score_files import SavedScores, means_table


def saved_scores(
    root: Path,
    scores: Scores,
    pairs: Sequence[Pair],
    before: Mapping[str, Mapping[str, Any]],
    *,
    pixels: str,
    folder: Sequence[str] = (),
) -> SavedScores:
    """Lay out what scoring found as var/scores keeps it.

    Parameters
    ----------
    root
        The study folder; messages name files relative to it.
    before
        Size and time of each file by its path, from before it was read: a file that changed meanwhile shows.
    pixels
        By which rules files became pixels.
    folder
        What is wrong with the names in paired/.
    """
    images = scores.table.merge(scores.files, on=["team", "image"], how="left")
    images.insert(2, "formula", scores.formula.score.text)
    said = scores.as_dict()
    problems = [{**row, "problem": row["problem"].replace(f"{root}/", "")} for row in said["problems"]]
    notes = [{**row, "note": row["note"].replace(f"{root}/", "")} for row in said["notes"]]
    about = {
        "formula": said["formula"],
        "pixels": pixels,
        "decoder": decoder(),
        "metrics": said["definitions"],
        "missing": said["missing"],
        "folder": list(folder),
        "problems": problems,
        "notes": notes,
    }
    hashes = _hashes(root, scores, pairs)
    files = {name: {**before[name], "sha256": hashes[name]} for name in before if name in hashes}
    return SavedScores(images, means_table(images, scores.formula), about, files)


def _hashes(root: Path, scores: Scores, pairs: Sequence[Pair]) -> dict[str, str]:
    """What was read, by path: the hashes that scoring took from the very bytes it decoded."""
    by_image = {pair.image: pair for pair in pairs}
    hashes = {}
    for row in scores.files.to_dict("records"):
        pair = by_image[row["image"]]
        for path, digest in ((pair.gt, row["gt_sha256"]), (pair.results[row["team"]], row["sha256"])):
            if path and digest:
                hashes[path.relative_to(root).as_posix()] = digest
    return hashes


def joined_scores(now: SavedScores, kept: SavedScores, teams: Sequence[str]) -> SavedScores:
    """Return the teams scored now, and the others' rows as they were.

    Raises
    ------
    StudyError
        When the others were scored by another formula, a metric in another way, by other rules for colours,
        or on other ground truths.
    """
    if now.about["formula"] != kept.about["formula"]:
        raise StudyError("the other teams were scored with another formula; score all teams, without --team")
    if now.about["pixels"] != kept.about["pixels"]:
        raise StudyError(
            "the other teams were scored by other rules for their colours; score all teams, without --team"
        )
    before = {definition["name"]: definition for definition in kept.about["metrics"]}
    for definition in now.about["metrics"]:
        if before.get(definition["name"], definition) != definition:
            raise StudyError(
                f"the other teams' {definition['name']} was computed in another way (backend, device or "
                "weights); score all teams, without --team"
            )
    again = set(now.images["team"])
    others = kept.images[~kept.images["team"].isin(again)]
    _check_truths(now.images, others)
    images = pd.concat([now.images, others], ignore_index=True)
    order = {team: place for place, team in enumerate(teams)}
    images = images.sort_values(
        ["image", "team"], key=lambda column: column.map(order).fillna(0) if column.name == "team" else column
    ).reset_index(drop=True)
    about = {**kept.about, **now.about}
    metrics = {
        definition["name"]: definition for definition in (*kept.about["metrics"], *now.about["metrics"])
    }
    about["metrics"] = list(metrics.values())
    for name in ("problems", "notes"):
        about[name] = [row for row in kept.about[name] if row["team"] not in again] + now.about[name]
    images = images[["team", "image", "formula", *metrics, "score", "sha256", "gt_sha256"]]
    return SavedScores(images, means_table(images, now.formula), about, {**kept.files, **now.files})


def _check_truths(now: pd.DataFrame, others: pd.DataFrame) -> None:
    """Make sure that all teams are scored on the same pairs: values on two ground truths are no ranking."""
    truths, before = (
        {row["image"]: row["gt_sha256"] for row in rows.sort_values("gt_sha256").to_dict("records")}
        for rows in (now, others)
    )
    if not before:
        return
    different = sorted(set(truths) ^ set(before))
    if different:
        raise StudyError(
            f"the other teams were scored on other pairs ({', '.join(different[:3])}); "
            "score all teams, without --team"
        )
    changed = [image for image, digest in truths.items() if digest and before[image] not in ("", digest)]
    if changed:
        raise StudyError(
            f"the ground truth of {', '.join(sorted(changed)[:3])} changed since the other teams were "
            "scored; score all teams, without --team"
        )
