"""What a study needs next, as a list that leads an organiser from the first image to the results."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from analysis.texts import Text, plural, say
from studyapp.services.results.monitoring import StudyStatus

State = Literal["done", "now", "later", "optional", "problem"]


@dataclass(frozen=True)
class Step:
    """One entry: `key` names the console's page that it leads to, `detail` says where it stands."""

    key: str
    title: Text
    detail: Text
    state: State


def next_steps(status: StudyStatus) -> list[Step]:
    """Return every step in order; the first that is neither done nor optional is the one to take now."""
    steps, found = [], False
    for step in _steps(status):
        if step.state == "later" and not found:
            found = True
            steps.append(replace(step, state="now"))
        else:
            found = found or step.state == "problem"
            steps.append(step)
    return steps


def _steps(status: StudyStatus) -> Iterator[Step]:
    counted = [judge for judge in status.judges if not judge.test]
    tests = [judge for judge in status.judges if judge.test]
    begun = status.state != "draft"
    yield Step(
        "images",
        say("Add images and results"),
        plural(
            "%(count)s image of %(teams)s teams is checked and ready.",
            "%(count)s images of %(teams)s teams are checked and ready.",
            status.images,
            teams=status.teams,
        )
        if status.images
        else say("Add the inputs and each team's results, then check and prepare them."),
        "done" if status.images else "later",
    )
    yield Step(
        "rules",
        say("Look over question and rules"),
        say("The question, the rules and the teams are fixed since the first invitation.")
        if counted
        else say(
            "What judges are asked, and how their answers become a ranking. Fixed once judges are invited."
        ),
        "done" if counted else "optional",
    )
    tried = sum(judge.complete + judge.unfinished for judge in tests)
    yield Step(
        "rehearse",
        say("Rehearse as a test judge"),
        plural("%(count)s answer of test judges so far.", "%(count)s answers of test judges so far.", tried)
        if tried
        else say("See the study as a judge does. Answers of test judges never count and can be cleared."),
        "done" if tried else "optional",
    )
    yield Step(
        "invite",
        say("Invite judges"),
        plural("%(count)s judge is invited.", "%(count)s judges are invited.", len(counted))
        if counted
        else say("By hand, or from a list of any spreadsheet. Each judge gets a personal link."),
        "done" if counted else "later",
    )
    yield Step(
        "open",
        say("Open the study"),
        say("Publish the commitment below first, so that everybody can check later that nothing was swapped.")
        if not begun
        else say("The study is open to its judges.")
        if status.state == "open"
        else say("The study was opened."),
        "done" if begun else "later",
    )
    yield _watching(status, counted_judges=sum(judge.counts for judge in counted))
    yield Step(
        "close",
        say("Close the study"),
        say("Voting has ended for good.")
        if status.state == "closed"
        else say("Ends the voting for good and reveals the results."),
        "done" if status.state == "closed" else "later",
    )
    yield Step(
        "results",
        say("Results"),
        say("Ranking, report and files."),
        "now" if status.state == "closed" else "later",
    )


def _watching(status: StudyStatus, *, counted_judges: int) -> Step:
    """Judges at work: whether all is well with those who count."""
    troubled = sum(judge.counts and (judge.altered or judge.refused > 0) for judge in status.judges)
    whole = status.total > 0 and status.complete == status.total
    if status.state == "paused":
        detail, state = say("The study is paused: no answers are accepted."), "problem"
    elif troubled and status.state == "open":
        detail = plural(
            "%(complete)s of %(total)s answers. %(count)s judge has a technical problem.",
            "%(complete)s of %(total)s answers. %(count)s judges have technical problems.",
            troubled,
            complete=status.complete,
            total=status.total,
        )
        state = "problem"
    elif counted_judges and status.state != "draft":
        detail = say("%(complete)s of %(total)s answers.", complete=status.complete, total=status.total)
        state = "done" if whole or status.state == "closed" else "later"
    else:
        detail, state = say("How far each judge is, and whether anything goes wrong."), "later"
    return Step("watch", say("Watch the answers come in"), detail, state)
