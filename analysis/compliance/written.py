"""A study's compliance as tables, for every format, and as the files of an export."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from analysis.compliance.facts import Facts
from analysis.compliance.points import counts, declarations, is_informal, reported, size_note
from analysis.output import Output, render

REPORT = "to report (ITU-T P.910 clause 14)"
_WIDTHS = {"part": 0.16, "point": 0.3, "how": 0.4}


def compliance(facts: Facts) -> Output:
    """Everything as one table: what to report, then each Recommendation point by point."""
    rows = [row for _, part in _parts(facts) for row in part]
    return Output(pd.DataFrame(rows), data=compliance_data(facts), notes=_notes(facts), widths=_WIDTHS)


def compliance_data(facts: Facts) -> Mapping[str, Any]:
    """The same for JSON."""
    return {
        "title": facts.rules["title"],
        "observers": len(facts.judges),
        "informal": is_informal(facts),
        "size": size_note(facts),
        "simulated": bool(facts.rules.get("simulated")),
        "to_report": [vars(item) for item in reported(facts)],
        "declarations": {
            name: {"summary": counts(points), "points": [vars(point) for point in points]}
            for name, points in declarations(facts).items()
        },
    }


def compliance_markdown(facts: Facts) -> str:
    """Return the same as a page to read."""
    made = declarations(facts)
    lines = [
        f"# Compliance: {' '.join(str(facts.rules['title']).split())}\n\n",
        f"This is {size_note(facts)}.\n",
    ]
    for name, rows in _parts(facts):
        lines.append(f"\n## {name[0].upper()}{name[1:]}\n\n")
        lines += [f"{counts(made[name])}.\n\n"] if name in made else []
        lines.append(render(Output(pd.DataFrame(rows).drop(columns="part")), "markdown"))
    return "".join(lines)


def _parts(facts: Facts) -> Iterator[tuple[str, list[dict[str, str]]]]:
    yield (
        REPORT,
        [
            {"part": REPORT, "point": item.about, "status": item.source, "how": item.value}
            for item in reported(facts)
        ],
    )
    for name, points in declarations(facts).items():
        yield (
            name,
            [{"part": name, "point": each.what, "status": each.status, "how": each.how} for each in points],
        )


def _notes(facts: Facts) -> tuple[str, ...]:
    return (size_note(facts), *(f"{name}: {counts(points)}" for name, points in declarations(facts).items()))
