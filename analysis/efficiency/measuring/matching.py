"""Find a model's team by its name."""

import re
from collections.abc import Mapping, Sequence

from analysis.did_you_mean import hint
from analysis.errors import AnalysisError

_NUMBERED = re.compile(r"(?:team[-_ ]?)?(\d+)(?:[-_ .](.*))?$", re.IGNORECASE)


def numbered(name: str) -> tuple[int, str] | None:
    """Return number and rest of a name such as team01_Name or 01_Name; None for one without a number.

    Examples
    --------
    >>> numbered("team07_SwinFIR"), numbered("03-Net"), numbered("team2"), numbered("SwinFIR")
    ((7, 'SwinFIR'), (3, 'Net'), (2, ''), None)
    """
    found = _NUMBERED.match(name)
    return (int(found[1]), found[2] or "") if found else None


def match_teams(
    models: Sequence[str],
    teams: Sequence[str],
    names: Sequence[str] = (),
    mapping: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return the team of each model.

    The first of these that fits one team decides: the mapping; the id itself; the number (team01, 01); the
    rest of the name, if it is a team's id or name, ignoring case and punctuation.

    Parameters
    ----------
    models
        Names of files without extensions, or of folders.
    teams
        Ids; without any, each model is its own team.
    names
        Of the teams, in their order.
    mapping
        Team by model, if the organiser gives it.

    Raises
    ------
    AnalysisError
        For a model that fits no team or several, a second model of a team, a mapping with unknown names.

    Examples
    --------
    >>> match_teams(["team01_Swin", "02_nafnet", "Third"], ["Swin", "team02", "eye"], ["a", "b", "Third!"])
    {'team01_Swin': 'Swin', '02_nafnet': 'team02', 'Third': 'eye'}
    """
    mapping = dict(mapping or {})
    _check_mapping(mapping, models, teams)
    owners: dict[str, str] = {}
    for model in models:
        if model in mapping:
            owners[model] = mapping[model]
        else:
            owners[model] = _owner(model, teams, names) if teams else model
    for team in set(owners.values()):
        own = [model for model in models if owners[model] == team]
        if len(own) > 1:
            raise AnalysisError(
                f"team {team!r} has several models: {', '.join(own)}; keep one, or assign them in "
                "models/models.csv"
            )
    return owners


def _owner(model: str, teams: Sequence[str], names: Sequence[str]) -> str:
    number = numbered(model)
    words = {plain(model), *([plain(number[1])] if number and number[1] else [])}
    spelt = [{plain(team), *map(plain, names[place : place + 1])} for place, team in enumerate(teams)]
    rules = (
        [team for team in teams if team.casefold() == model.casefold()],
        [team for team in teams if number and (numbered(team) or (None,))[0] == number[0]],
        [team for team, named in zip(teams, spelt, strict=True) if named & words],
    )
    for found in rules:
        if len(found) > 1:
            raise AnalysisError(
                f"model {model!r} fits {' and '.join(map(repr, found))}; say which one in models/models.csv"
            )
        if found:
            return found[0]
    raise AnalysisError(
        f"model {model!r} fits no team of this study; {hint(model, teams)} (or assign it in "
        "models/models.csv)"
    )


def _check_mapping(mapping: Mapping[str, str], models: Sequence[str], teams: Sequence[str]) -> None:
    for model, team in mapping.items():
        if model not in models:
            raise AnalysisError(f"models.csv: there is no model {model!r}; {hint(model, models)}")
        if teams and team not in teams:
            raise AnalysisError(f"models.csv: there is no team {team!r}; {hint(team, teams)}")


def plain(name: str) -> str:
    """Return a name without case and punctuation, to compare it with others."""
    return re.sub(r"[\W_]+", "", name.casefold())
