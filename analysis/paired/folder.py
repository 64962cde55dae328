"""Find the pairs in a folder: ground truths in gt/, results under the same names in teams/<team>/."""

from collections.abc import Sequence
from pathlib import Path

from analysis.errors import AnalysisError
from analysis.paired.measuring import Pair


def find_pairs(folder: Path, teams: Sequence[str] = ()) -> list[Pair]:
    """Return the pairs of a folder, in the order of their names.

    A team that lacks a result gets the path where it should be, so that scoring names it as missing.

    Parameters
    ----------
    folder
        Holds gt/ and teams/.
    teams
        Folders under teams/ to take; all of them by default.

    Raises
    ------
    AnalysisError
        If a folder or team is missing, a name stands twice, or a result has no ground truth.
    """
    truths = _images(folder / "gt")
    if not truths:
        raise AnalysisError(f"{folder / 'gt'} holds no images; put the ground truths there")
    known = sorted(path.name for path in _folder(folder / "teams").iterdir() if path.is_dir())
    unknown = sorted(set(teams) - set(known))
    if unknown or not known:
        wanted = f"no team {', '.join(unknown)}" if unknown else "no teams"
        raise AnalysisError(f"{wanted} in {folder / 'teams'}; there are {', '.join(known) or 'none'}")
    results = [(team, _images(folder / "teams" / team)) for team in teams or known]
    for team, images in results:
        alone = sorted(set(images) - set(truths))
        if alone:
            raise AnalysisError(f"{images[alone[0]]} has no ground truth; {len(alone)} of {team}'s have none")
    return [
        Pair(
            image, gt, {team: found.get(image, folder / "teams" / team / gt.name) for team, found in results}
        )
        for image, gt in truths.items()
    ]


def _images(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(_folder(folder).iterdir()):
        if path.name.startswith(".") or path.is_dir():
            continue
        if path.stem in found:
            raise AnalysisError(f"{found[path.stem]} and {path.name} are one image twice; keep one of them")
        found[path.stem] = path
    return found


def _folder(folder: Path) -> Path:
    if not folder.is_dir():
        raise AnalysisError(f"there is no folder {folder}; pairs lie in gt/ and teams/<team>/")
    return folder
