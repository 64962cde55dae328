"""What of a study file may change once judges are invited, and what never does."""

from studyapp.errors import StudyStateError
from studyapp.study.study_file import StudyFile

AMENDABLE = ("title", "criteria", "tags", "rules", "extra_metrics", "teams")
"""Of the teams only members and affiliations; ids, names and their order are sealed."""


def amended_keys(before: StudyFile, after: StudyFile) -> list[str]:
    """Return the keys of study.yaml that differ.

    Raises
    ------
    StudyStateError
        When one differs that never may: the judges' orders were drawn from it, or ballots were cast under it.
    """
    keys = [name for name in StudyFile.model_fields if getattr(before, name) != getattr(after, name)]
    fixed = [name for name in keys if name not in AMENDABLE]
    if fixed:
        raise StudyStateError(
            f"{', '.join(fixed)} cannot be changed once judges are invited; put the old value back "
            f"(only {', '.join(AMENDABLE)} can be amended)"
        )
    if [(team.id, team.name) for team in before.teams] != [(team.id, team.name) for team in after.teams]:
        raise StudyStateError(
            "ids, names and the order of teams are sealed and cannot be changed; put them back "
            "(members and affiliations can be amended)"
        )
    return keys
