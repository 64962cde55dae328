"""Do the votes obey the laws: the same points from every ballot, nobody missing?"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.amounts import how_many
from analysis.answers import KINDS
from analysis.audit.findings import Finding, as_printed
from analysis.points import image_points, row_points, summed, team_points
from analysis.ranking import validate_scores
from analysis.study_notes import StudyNotes
from analysis.teams import refuse_strangers
from analysis.unshown import unshown_note
from analysis.votes import BallotArrays, Votes


def audit_votes(votes: Votes, *, points: Sequence[float], notes: StudyNotes | None = None) -> list[Finding]:
    """Check the sum of points of each ballot and of S3, and say what is missing from a complete design.

    Parameters
    ----------
    notes
        What is known about the study besides its votes: the reasons for what is missing.

    Returns
    -------
    list of Finding
        "ok" if a law holds; "note" if ballots, teams or places are missing, with how many.
    """
    arrays = votes.ballots
    notes = notes or StudyNotes()
    return [
        *_points_of_ballots(arrays, points, notes),
        _sum_of_s3(arrays, points),
        _complete(arrays, notes),
        _all_shown(arrays, notes),
        *_left_out(votes.table),
        *_out(notes),
    ]


def audit_s3(scores: pd.DataFrame, votes: Votes, *, points: Sequence[float]) -> list[Finding]:
    """Check that the S3 of a table of scores follow from the votes, to their printed precision.

    Parameters
    ----------
    scores
        As for `analysis.audit.scores.audit_scores`; without s3 or uscore there is nothing to check.
    """
    table = validate_scores(scores)
    name = next((name for name in ("s3", "uscore") if name in table), None)
    if name is None:
        return []
    points_table = team_points(votes, points=points).set_index("team")["s3"]
    refuse_strangers(table["team"], points_table.index, what="scores")
    given = as_printed(name, scores[name], table[name])
    rule = points_table.reindex(table["team"]).to_numpy()
    off = ~(np.abs(given.values - rule) <= given.unit)
    if not off.any():
        return [
            Finding(
                f"{name} from votes", "ok", f"{name} follows from the votes in {how_many(len(table), 'rows')}"
            )
        ]
    rows = tuple(table["team"][off])
    detail = ", ".join(
        f"{team} (printed {value:g}, votes {right:.2f})"
        for team, value, right in zip(rows, given.values[off], rule[off], strict=True)
    )
    return [
        Finding(f"{name} from votes", "wrong", f"{name} does not follow from the votes: {detail}", teams=rows)
    ]


def _points_of_ballots(arrays: BallotArrays, points: Sequence[float], notes: StudyNotes) -> list[Finding]:
    given = np.bincount(arrays.ballot, weights=row_points(arrays, points=points), minlength=arrays.size)
    short = int((np.abs(given - sum(points)) > 1e-9).sum())
    law = f"{sum(points):g} points from each judge on each image"
    if not short:
        return [Finding("points of a ballot", "ok", f"{law}, in each of {how_many(arrays.size, 'ballots')}")]
    why = f"{law}, but {short} of {how_many(arrays.size, 'ballots')} fill fewer places and give fewer points"
    if notes.disqualified:
        out = ", ".join(notes.disqualified)
        why += (
            f" because {out} left the votes (disqualified): later picks moved up, and the last places are "
            "empty"
        )
    return [Finding("points of a ballot", "note", why)]


def _sum_of_s3(arrays: BallotArrays, points: Sequence[float]) -> Finding:
    expected = sum(points) * len(arrays.images)
    found = float(summed(image_points(arrays, points=points)).sum())
    law = f"{sum(points):g} points x {how_many(len(arrays.images), 'images')} = {expected:g}"
    if abs(found - expected) < 1e-6:
        return Finding("sum of s3", "ok", f"S3 adds up to {found:g}; {law}", expected, found)
    causes = []
    if (np.bincount(arrays.ballot, weights=row_points(arrays, points=points)) < sum(points) - 1e-9).any():
        causes.append("some ballots fill fewer places")
    if arrays.size * len(arrays.teams) > len(arrays.team):
        causes.append("some ballots lack teams that no other judge of the image saw together")
    cause = ", and ".join(causes) or "the votes do not show why"
    why = f"S3 adds up to {found:g}, not {law}: {cause}"
    return Finding("sum of s3", "note", why, expected, found)


def _complete(arrays: BallotArrays, notes: StudyNotes) -> Finding:
    judges, images = len(arrays.judges), notes.images or len(arrays.images)
    missing = judges * images - arrays.size
    if not missing:
        return Finding(
            "ballots",
            "ok",
            f"{how_many(arrays.size, 'ballots')}: {how_many(judges, 'judges')} on "
            f"{how_many(images, 'images')}, none missing",
        )
    counts = np.bincount(arrays.judge, minlength=judges)
    short = [f"{arrays.judges[judge]} {images - counts[judge]}" for judge in np.flatnonzero(counts < images)]
    named = ", ".join(short[:10]) + (", ..." if len(short) > 10 else "")
    why = f"{missing} of {how_many(judges * images, 'ballots')} are missing ({named})"
    return Finding("ballots", "note", why, float(judges * images), float(arrays.size))


def _all_shown(arrays: BallotArrays, notes: StudyNotes) -> Finding:
    teams = len(arrays.teams)
    hidden = arrays.size * teams - len(arrays.team)
    if not hidden:
        return Finding("candidates", "ok", f"every ballot showed all {teams} teams")
    seen = np.bincount(arrays.team, minlength=teams)
    named = ", ".join(
        f"{arrays.teams[team]} {arrays.size - seen[team]}" for team in np.flatnonzero(seen < arrays.size)
    )
    why = f"not shown in some ballots: {named} ({'; '.join(_why_not_shown(arrays, notes))})"
    note = unshown_note(arrays)
    return Finding("candidates", "note", f"{why}; {note}" if note else why)


def _why_not_shown(arrays: BallotArrays, notes: StudyNotes) -> list[str]:
    """The causes: conflicts that are known, judges never shown a team, images without a candidate of one."""
    shown = arrays.shown_matrix
    causes: dict[str, list[str]] = {}
    left = ~shown
    for team, name in enumerate(map(str, arrays.teams)):
        for image in np.unique(arrays.image[left[:, team]]):
            own = arrays.image == image
            if not shown[own, team].any():
                left[own, team] = False
                causes.setdefault("no candidate on an image", []).append(f"{name} on {arrays.images[image]}")
        for judge in np.unique(arrays.judge[left[:, team]]):
            own = arrays.judge == judge
            judged = str(arrays.judges[judge])
            if name in notes.conflicts.get(judged, ()):
                cause = "conflicts of interest"
            elif not shown[own, team].any():
                cause = "never shown to a judge, as in a conflict of interest"
            else:
                cause = "not shown to a judge on some images"
            left[own, team] = False
            causes.setdefault(cause, []).append(f"{judged} with {name}")
    return [f"{cause}: {_some(pairs)}" for cause, pairs in causes.items()]


def _some(names: list[str], most: int = 10) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def _out(notes: StudyNotes) -> list[Finding]:
    """Who was taken out of the votes before they came here."""
    said = [("disqualified", notes.disqualified, "removed from the votes, with no ballots counted")]
    said.append(("withdrawn", notes.withdrawn, "removed from the votes with all ballots"))
    found = [
        Finding(check, "note", f"{', '.join(names)}: {what}", teams=names if check == "disqualified" else ())
        for check, names, what in said
        if names
    ]
    if notes.test_judges:
        found.append(
            Finding("test judges", "note", f"{notes.test_judges}, whose ballots are not in the votes")
        )
    return found


def _left_out(votes: pd.DataFrame) -> list[Finding]:
    if "kind" not in votes:
        return []
    counts = {kind: int((votes["kind"] == kind).sum()) for kind in KINDS[1:]}
    return [
        Finding("left out", "note", f"not counted: {how_many(count, 'rows')} of {kind} trials")
        for kind, count in counts.items()
        if count
    ]
