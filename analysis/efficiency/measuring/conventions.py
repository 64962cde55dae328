"""Find the submitted models by the names that challenges give them.

models/team01_Name.py         or models/01_Name/ with main.py, __init__.py, io.py or model.py
model_zoo/team01_Name.pth     next to models/: the weights, a file or a folder (.pth .pt .ckpt .safetensors)
models/team01_Name.requirements.txt     or requirements.txt in the model's folder
models/models.csv             optional: columns model, team, if the names are not enough
models/team01/                a whole repository that one team handed in, with models/ and model_zoo/ in it
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from analysis.efficiency.measuring.entering import entry_file
from analysis.efficiency.measuring.inside.entries import FOLDER_FILES
from analysis.efficiency.measuring.inside.weights import ENDINGS as WEIGHTS
from analysis.efficiency.measuring.matching import match_teams, numbered, plain
from analysis.efficiency.measuring.script import Choice, read_choices
from analysis.errors import AnalysisError
from analysis.tables import known_columns, labels, read_table

MODELS, ZOO, MAPPING = "models", "model_zoo", "models.csv"
_IGNORED = re.compile(r"[._]|models\.csv$|.*\.(md|txt|csv|requirements\.txt)$")


@dataclass(frozen=True)
class Model:
    """One submitted model.

    Attributes
    ----------
    team
        Its team.
    stem
        Its file's or folder's name, without the extension.
    file
        The Python file with its entry point.
    weights
        A file or a folder; None if there is none of its name.
    requirements
        The packages that it needs besides those installed, if it says so.
    seen
        What it may read: its own files, its weights, and files of models/ that belong to no model.
    place, zoo
        The folders models/ and model_zoo/.
    own
        Its file or folder in models/.
    choice
        Its branch of the organisers' script, if there is one.
    problem
        Why it cannot be run, "" if it can; only this model fails.
    """

    team: str
    stem: str
    file: Path
    weights: Path | None
    requirements: Path | None
    seen: tuple[Path, ...]
    place: Path
    zoo: Path
    own: Path
    choice: Choice | None = None
    problem: str = ""

    @property
    def root(self) -> Path:
        """The folder that models/ lies in; the models run there."""
        return self.place.parent

    @property
    def name(self) -> str:
        """The name without the team's number: Name of team01_Name."""
        found = numbered(self.stem)
        return found[1] if found and found[1] else self.stem

    @property
    def folders(self) -> tuple[Path, ...]:
        """Where its imports are searched, in this order."""
        return tuple(dict.fromkeys((self.root, self.place, self.file.parent)))


def find_models(folder: Path, *, teams: Sequence[str] = (), names: Sequence[str] = ()) -> list[Model]:
    """Return the models of a folder, sorted by team.

    Parameters
    ----------
    folder
        It contains models/ and model_zoo/; or it is models/ itself.
    teams
        Ids of the teams, if known; a model that cannot be matched to one is then an error. Otherwise every
        model is its own team, named after its file.
    names
        The teams' own names, in the order of `teams`; models may also be named after these.

    Raises
    ------
    AnalysisError
        For no models, a model that matches no team or several, a team with several models, a folder without
        an entry file.
    """
    root = folder if (folder / MODELS).is_dir() else folder.parent
    return _found(root, folder / MODELS if (folder / MODELS).is_dir() else folder, teams, names)


def _found(root: Path, place: Path, teams: Sequence[str], names: Sequence[str]) -> list[Model]:
    mapping = _mapping(place)
    found = _entries(place, {plain(name) for name in (*teams, *names, *mapping)})
    if not found:
        raise AnalysisError(f"{place} contains no models; name them team01_Name.py or 01_Name/")
    choices = _chosen(found, read_choices(root))
    found = _joined(found, choices)
    owners = match_teams(list(found), teams, names, mapping)
    zoo = next((path for path in (root / ZOO, place / ZOO) if path.is_dir()), root / ZOO)
    shared = _shared(place, found)
    models = [
        repository_model(path, owners[stem])
        if _is_repository(path)
        else _model(stem, path, owners[stem], found, shared, place, zoo, choices.get(stem))
        for stem, path in found.items()
    ]
    return sorted(models, key=lambda model: model.team)


def repository_model(root: Path, team: str) -> Model:
    """Return the model of a repository that one team handed in as a whole; what is wrong is its `problem`.

    The organisers' baseline, of number 0, does not count beside another.
    """
    place = root / MODELS
    problem = ""
    try:
        found = _found(root, place, (), ())
        own = [model for model in found if (numbered(model.stem) or (None,))[0] != 0] or found
        if len(own) == 1:
            return replace(own[0], team=team)
        problem = f"{place} has {len(own)} models ({', '.join(model.stem for model in own)}); keep one"
    except AnalysisError as error:
        problem = str(error)
    return Model(team, root.name, root, None, None, (root,), place, root / ZOO, root, problem=problem)


def _is_repository(path: Path) -> bool:
    """Whether it has both folders; a model of one folder may have models/ of its own."""
    return (path / MODELS).is_dir() and (path / ZOO).is_dir()


def _model(
    stem: str,
    path: Path,
    team: str,
    found: dict[str, Path],
    shared: Sequence[Path],
    place: Path,
    zoo: Path,
    choice: Choice | None,
) -> Model:
    file, weights, problem = path, None, ""
    try:
        weights = _weights(zoo, stem, team)
        file = path if choice is not None else entry_file(path)
    except AnalysisError as error:
        problem = "" if choice is not None else str(error)
    requirements = _requirements(path)
    seen = [path, weights, requirements, *_helpers(place, stem, found, choice), *shared]
    if choice is not None:
        seen += _of_the_script(choice, place.parent, zoo)
    held = _without_what_holds_others(seen, place, zoo)
    return Model(team, stem, file, weights, requirements, held, place, zoo, path, choice, problem)


def _of_the_script(choice: Choice, root: Path, zoo: Path) -> list[Path]:
    """The weights that the script names for a model, and the code beside models/ that it imports."""
    weights = [root / path for path in choice.paths if zoo in (root / path).parents]
    code = [root / f"{name}.py" for name in choice.packages]
    packages = [root / name for name in choice.packages]
    return [*weights, *code, *(path for path in packages if any(path.glob("*.py")))]


def _without_what_holds_others(seen: Sequence[Path | None], place: Path, zoo: Path) -> tuple[Path, ...]:
    """What is there, without folders that hold the other teams' files."""
    kept = [item for item in seen if item is not None and item.exists()]
    return tuple(dict.fromkeys(item for item in kept if item not in (place, zoo, place.parent)))


def _chosen(found: dict[str, Path], choices: Sequence[Choice]) -> dict[str, Choice]:
    """The branch of each model: the one that imports it; else the one of its number that imports no other."""
    chosen: dict[str, Choice] = {}
    for stem in found:
        number = (numbered(stem) or (None,))[0]
        importing = [choice for choice in choices if stem in choice.modules]
        renamed = [
            choice
            for choice in choices
            if choice.model_id == number and choice.paths and not set(choice.modules) & set(found)
        ]
        for choice in sorted(importing or renamed, key=lambda choice: choice.model_id != number)[:1]:
            chosen[stem] = choice
    return chosen


def _joined(found: dict[str, Path], choices: dict[str, Choice]) -> dict[str, Path]:
    """Without the files of a number that the script does not choose by themselves: parts of a model."""
    first: dict[int, str] = {}
    for stem, choice in choices.items():
        number = numbered(stem)
        if number and (number[0] not in first or choice.model_id == number[0]):
            first.setdefault(number[0], stem)
    kept = {}
    for stem, path in found.items():
        number = numbered(stem)
        if not number or first.get(number[0], stem) == stem:
            kept[stem] = path
    return kept


def _entries(place: Path, known: Collection[str]) -> dict[str, Path]:
    """The models by stem: files and folders with a number or of a known name; without any of these, all."""
    found: dict[str, Path] = {}
    for path in sorted(_listed(place)):
        if _IGNORED.match(path.name) or not (path.is_dir() or path.suffix == ".py"):
            continue
        if path.is_dir() and not _is_model(path):
            continue
        stem = path.name if path.is_dir() else path.stem
        if stem in found:
            raise AnalysisError(f"{found[stem]} and {path} are the same model; keep one of them")
        found[stem] = path
    named = [stem for stem in found if numbered(stem) or plain(stem) in known]
    # team01_Name_layers.py is a part of team01_Name.
    parts = {
        stem
        for stem in found
        if plain(stem) not in known and any(stem.startswith(f"{other}_") for other in named)
    }
    return {stem: found[stem] for stem in named or found if stem not in parts}


def _listed(place: Path) -> list[Path]:
    if not place.is_dir():
        raise AnalysisError(f"there is no folder {place}; put the models there")
    return list(place.iterdir())


def _is_model(path: Path) -> bool:
    usual = numbered(path.name) is not None or any((path / name).is_file() for name in FOLDER_FILES)
    return usual or _is_repository(path)


def _weights(zoo: Path, stem: str, team: str) -> Path | None:
    """The weights called like the model, or like the team; the one number where no name fits."""
    if not zoo.is_dir():
        return None
    kinds = {path: path.name if path.is_dir() else path.stem for path in sorted(zoo.iterdir())}
    listed = {path: name for path, name in kinds.items() if path.is_dir() or path.suffix in WEIGHTS}
    for wanted in (stem, team):
        same = [path for path, name in listed.items() if name.casefold() == wanted.casefold()]
        if len(same) > 1:
            raise AnalysisError(f"two weights for {stem}: {same[0]} and {same[1]}; keep one of them")
        if same:
            return same[0]
    number = numbered(stem)
    same = [path for path, name in listed.items() if number and (numbered(name) or (None,))[0] == number[0]]
    if len(same) > 1:
        raise AnalysisError(f"weights of {stem}: {same[0]} or {same[1]}? Rename one of them after the model")
    return same[0] if same else None


def _requirements(path: Path) -> Path | None:
    inside = path / "requirements.txt" if path.is_dir() else path.with_suffix(".requirements.txt")
    return inside if inside.is_file() else None


def _helpers(place: Path, stem: str, found: dict[str, Path], choice: Choice | None) -> list[Path]:
    """Files of models/ that begin with the model's name; where a script chooses, all of its number."""
    number = numbered(stem) if choice is not None else None
    return [
        path
        for path in sorted(_listed(place))
        if path not in found.values()
        and (
            path.name.startswith((f"{stem}_", f"{stem}."))
            or (number and (numbered(path.stem) or (None,))[0] == number[0])
        )
    ]


def _shared(place: Path, found: dict[str, Path]) -> list[Path]:
    """What lies in models/ and belongs to no model, and utils/ beside it."""
    stems = tuple(f"{stem}{sign}" for stem in found for sign in "_.")
    own = [
        path
        for path in sorted(_listed(place))
        if path not in found.values()
        and not numbered(path.name)
        and not path.name.startswith((*stems, ".", "__pycache__"))
    ]
    return [path for path in [*own, place.parent / "utils"] if path.exists()]


def _mapping(place: Path) -> dict[str, str]:
    path = place / MAPPING
    if not path.is_file():
        return {}
    table = known_columns(read_table(path), ["model", "team"], what=MAPPING)
    given = labels(table["model"], what=f"{MAPPING}, column model")
    models = [str(value).removesuffix(".py").rstrip("/") for value in given]
    teams = [str(value) for value in labels(table["team"], what=f"{MAPPING}, column team")]
    twice = [model for model in models if models.count(model) > 1]
    if twice:
        raise AnalysisError(f"{MAPPING}: model {twice[0]!r} has two rows; keep one")
    return dict(zip(models, teams, strict=True))
