"""What a blind audit found: one outcome for each channel by which teams could be told apart."""

import dataclasses
from dataclasses import dataclass

SHOWN = 5
"""How many findings of a channel are printed; the rest is counted."""

CANNOT_BE_CLOSED = (
    "a judge who has a team's files recognises its pixels: declare a conflict of interest, so that "
    "the judge is not shown them",
    "two judges who compare the pixels of one image (or the sizes of its tiles) can match its candidates",
    "a script in a judge's browser can recognise repeats and golden trials by pixels seen before",
)


@dataclass(frozen=True)
class Outcome:
    """One channel: what was looked at, what was found, and what had to be left out (notes)."""

    channel: str
    meaning: str
    looked_at: str
    findings: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


@dataclass(frozen=True)
class AuditReport:
    """The outcomes of all channels over one walk through the study."""

    title: str
    judges: int
    trials: int
    responses: int
    tiles: int
    seed: int
    outcomes: tuple[Outcome, ...]

    @property
    def passed(self) -> bool:
        """Whether no channel tells teams apart."""
        return all(outcome.passed for outcome in self.outcomes)

    @property
    def failed(self) -> set[str]:
        """The channels that do."""
        return {outcome.channel for outcome in self.outcomes if not outcome.passed}


def as_text(report: AuditReport) -> str:
    """Write the report for reading: a line for each channel, its findings below it."""
    lines = [
        f"{report.title}: {report.judges} judges, {report.trials} trials, {report.responses} responses, "
        f"{report.tiles} tiles (seed {report.seed})"
    ]
    for outcome in report.outcomes:
        verdict = "pass" if outcome.passed else "FAIL"
        lines.append(f"{verdict}  {outcome.channel}: {outcome.meaning} ({outcome.looked_at})")
        lines += [f"        {finding}" for finding in outcome.findings[:SHOWN]]
        if len(outcome.findings) > SHOWN:
            lines.append(f"        and {len(outcome.findings) - SHOWN} more")
        lines += [f"      note: {note}" for note in outcome.notes]
    lines += [f"cannot be closed: {limit}" for limit in CANNOT_BE_CLOSED]
    count = len(report.failed)
    lines.append(
        "blind: no channel tells teams apart" if report.passed else f"NOT blind: {count} channels leak"
    )
    return "\n".join(lines)


def rows(report: AuditReport) -> list[dict[str, str]]:
    """Return a row for each finding, and one for each channel without any."""
    return [
        {"channel": outcome.channel, "verdict": "pass" if outcome.passed else "fail", "finding": finding}
        for outcome in report.outcomes
        for finding in outcome.findings or ("",)
    ]


def whole(report: AuditReport) -> dict[str, object]:
    """Return the whole report, ready for JSON."""
    content = dataclasses.asdict(report)
    for outcome, entry in zip(report.outcomes, content["outcomes"], strict=True):
        entry["passed"] = outcome.passed
    return {"passed": report.passed, **content, "cannot_be_closed": CANNOT_BE_CLOSED}
