"""What of a study file may change once judges are invited, and what never does."""

from studyapp.core.reasons import ReasonRules
from studyapp.errors import StudyStateError
from studyapp.study.study_file import StudyFile

AMENDABLE = ("title", "criteria", "reasons", "rules", "extra_metrics", "viewing", "stated", "teams")
"""Of the teams only members and affiliations, of reasons further words; the rest of both is sealed."""


def amended_keys(before: StudyFile, after: StudyFile) -> list[str]:
    """Return the keys of study.yaml that differ.

    Raises
    ------
    StudyStateError
        When one differs that never may: the judges' orders were drawn from it, or ballots were cast under it.
    """
    # Dumped, as a word in another language is equal if its English is.
    was, now = before.model_dump(), after.model_dump()
    keys = [name for name in StudyFile.model_fields if was.get(name) != now.get(name)]
    fixed = [name for name in keys if name not in AMENDABLE]
    if fixed:
        raise StudyStateError(
            f"{', '.join(fixed)} cannot be changed once judges are invited; put the old value back "
            f"(only {', '.join(AMENDABLE)} can be amended)"
        )
    if [(team.id, team.name) for team in before.teams] != [(team.id, team.name) for team in after.teams]:
        raise StudyStateError(
            "the teams' ids, names and order are sealed and cannot be changed; put them back "
            "(members and affiliations can be amended)"
        )
    _check_reasons(before.reasons, after.reasons)
    return keys


def _check_reasons(before: ReasonRules, after: ReasonRules) -> None:
    """What is required decides which ballots count, and words that judges used have to stay."""
    for name in ("required", "most"):
        if getattr(before, name) != getattr(after, name):
            raise StudyStateError(
                f"reasons.{name} cannot be changed once judges are invited; put {getattr(before, name)} back"
            )
    for name in ("regions", "attributes"):
        gone = [word for word in getattr(before, name) if word not in getattr(after, name)]
        if gone:
            raise StudyStateError(
                f"reasons.{name} can only gain words once judges are invited; put {', '.join(gone)} back"
            )
