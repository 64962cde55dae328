"""Find the pairs in a folder: ground truths in gt/, results under the same names in teams/<team>/.

Other files that teams and operating systems leave (a readme.txt, Thumbs.db, __MACOSX) are skipped.
"""

from collections.abc import Sequence
from pathlib import Path

from analysis.amounts import how_many
from analysis.errors import AnalysisError
from analysis.image_names import is_image_name, is_junk
from analysis.paired.images import lies_inside
from analysis.paired.measuring import Pair


def find_pairs(folder: Path, teams: Sequence[str] = ()) -> list[Pair]:
    """Return the pairs of a folder, in the order of their names.

    For a missing result the path where it should be is returned, so that scoring reports it as missing. Links
    that leave the folder are not followed: scoring reports what they hide, too.

    Parameters
    ----------
    folder
        Contains gt/ and teams/.
    teams
        Folders under teams/ to use; by default all of them.

    Raises
    ------
    AnalysisError
        If a folder or team is missing, a name appears twice or is not text, or a result has no ground truth.
    """
    truths = _images(_folder(folder, "gt"))
    if not truths:
        raise AnalysisError(f"{folder / 'gt'} contains no images; put the ground truths there")
    known = [path.name for path in _entries(_folder(folder, "teams")) if path.is_dir()]
    unknown = sorted(set(teams) - set(known))
    if unknown or not known:
        wanted = f"no team {', '.join(unknown)}" if unknown else "no teams"
        raise AnalysisError(f"{wanted} in {folder / 'teams'}; choose from {', '.join(known) or 'none'}")
    results = [(team, _results(folder, team)) for team in teams or known]
    for team, images in results:
        alone = sorted(set(images) - set(truths))
        if alone:
            raise AnalysisError(
                f"{images[alone[0]]} has no ground truth ({how_many(len(alone), 'images')} of {team} "
                "without one); add it to gt/"
            )
    return [
        Pair(
            image,
            gt,
            {team: found.get(image, folder / "teams" / team / gt.name) for team, found in results},
            folder,
        )
        for image, gt in truths.items()
    ]


def _results(folder: Path, team: str) -> dict[str, Path]:
    """A team's images; none in a folder that is a link to elsewhere, whose names are not to be shown."""
    own = folder / "teams" / team
    return _images(own) if lies_inside(own, folder) else {}


def _images(folder: Path) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in _entries(folder):
        if not is_image_name(path.name) or path.is_dir():
            continue
        if path.stem in found:
            raise AnalysisError(f"{found[path.stem]} and {path.name} are the same image; keep one of them")
        found[path.stem] = path
    return found


def _entries(folder: Path) -> list[Path]:
    """What lies in a folder, leftovers aside, by name; tables and terminals need names that are text."""
    entries = sorted(path for path in folder.iterdir() if not is_junk(path.name))
    for path in entries:
        if not path.name.isprintable():
            raise AnalysisError(f"{path.name!a} in {folder} is not a name that can be shown; rename it")
    return entries


def _folder(root: Path, name: str) -> Path:
    folder = root / name
    if not folder.is_dir():
        raise AnalysisError(f"there is no folder {folder}; put pairs into gt/ and teams/<team>/")
    if not lies_inside(folder, root):
        raise AnalysisError(f"{folder} is a link that leads out of {root}; copy its content there")
    return folder
