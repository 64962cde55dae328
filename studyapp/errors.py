"""Every error that studyapp raises on purpose. Each names the offending value and the remedy."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from analysis.printable import printable

MISSING = "missing"
"""The kind of a problem: images that a folder lacks, one or all."""

MISNAMED = "misnamed"
"""The kind of a problem: files whose names are not right."""

UNREAD = "unread"
"""The kind of a problem: images in a folder or an archive from which none are read."""


Severity = Literal["error", "warning"]


class StudyError(Exception):
    """Something the user can put right. The message is shown as it is."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a study folder: where it is, what it is and what to do about it.

    An error stops whatever would be built on the folder; a warning is only told. Names in it are made
    printable, whoever chose them. A fault of pictures has a `kind`, the `images` that have it, and perhaps
    `other` and `mark` (see `analysis.preflight.finding`), so that it can be shown. Missing, misnamed and
    unread files have the kinds `MISSING`, `MISNAMED` and `UNREAD`: what can put them right is found by these,
    never by the words.
    """

    path: str
    what: str
    remedy: str
    line: int | None = None
    severity: Severity = "error"
    kind: str | None = None
    images: tuple[str, ...] = ()
    other: str | None = None
    mark: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        for name in ("path", "what", "remedy"):
            object.__setattr__(self, name, printable(getattr(self, name)))

    def __str__(self) -> str:
        where = self.path if self.line is None else f"{self.path}:{self.line}"
        return f"{where}: {self.what}; {self.remedy}"


def errors_of(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems that stop what would be built, without the warnings."""
    return [problem for problem in problems if problem.severity == "error"]


@dataclass
class ProblemsFoundError(StudyError):
    """A study folder with problems, all of them named at once."""

    problems: list[Problem] = field(default_factory=list)

    def __str__(self) -> str:
        count = len(self.problems)
        lines = [f"{count} problem{'s' if count != 1 else ''} found"]
        return "\n".join(lines + [str(problem) for problem in self.problems])


class NotFoundError(StudyError):
    """What was asked for does not exist, or is not for the person who asked (the two look the same)."""


class NotDrawnError(StudyError):
    """A trial of which it is not decided yet what it shows: earlier answers will."""


class DamagedError(StudyError):
    """Something that the study keeps cannot be read any more. The message is for organisers only."""


class StaleRevisionError(StudyError):
    """A ballot built on a revision that is no longer the current one."""


class InvalidBallotError(StudyError):
    """A ballot that cannot be recorded: a slot twice, an unknown slot, too many picks."""


class StudyStateError(StudyError):
    """The study's state does not allow this (for example a ballot after closing)."""


class StudyNotBegunError(StudyStateError):
    """The study is still a draft: nothing can be answered yet."""


class StudyPausedError(StudyError):
    """The study is paused: what was refused can be sent again when it goes on."""


class ScreenNotAllowedError(StudyError):
    """A ballot of a judge whose last screen check does not meet what the study needs."""


class LimitReachedError(StudyError):
    """More than any honest judge sends, in a minute or in all: nothing of it was kept."""


class TooFastError(StudyError):
    """More than any honest judge sends in a minute; `seconds` later it may come again."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds
