"""Sections: the audit, and how everything was computed."""

import platform
from importlib.metadata import version

import pandas as pd

from analysis.audit.findings import Finding
from analysis.audit.scores import audit_scores
from analysis.audit.votes import audit_votes
from analysis.fonts import font_notes
from analysis.report.blocks import Section, Table, Text
from analysis.report.study import Study

PACKAGES = ("studyapp", "numpy", "scipy", "pandas", "matplotlib", "reportlab")


def audit_section(study: Study) -> Section:
    """The conservation laws on the votes and, where there are other parts, on the scores."""
    findings = audit_votes(study.votes, points=study.rule.points, notes=study.notes)
    if study.scores is not None:
        findings += [finding for finding in _audit_parts(study) if finding.verdict != "unchecked"]
    frame = pd.DataFrame(
        [(finding.check, finding.verdict, finding.message) for finding in findings],
        columns=["Check", "Verdict", "What was found"],
    )
    text = "Points can neither be lost nor made: these laws hold for every right table, whoever wins."
    return Section("Audit", (Text(text), Table("Checks of the votes and scores.", frame)))


def method_section(study: Study) -> Section:
    """Versions, seed, inputs: what is needed to compute this report again, byte for byte."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    bootstrap = study.bootstrap
    hashes = pd.DataFrame(study.inputs.items(), columns=["Input", "SHA-256"])
    return Section(
        "How this was computed",
        (
            Text(
                "S3 follows the reports of the NTIRE RAIM challenges: points for the first places, averaged "
                "over the judges who were shown the team on an image and summed over the images. On a ballot "
                "that lacks a team, the others earn what they would be expected to earn beside it. Ranks are "
                "competition ranks (1, 2, 2, 4)."
            ),
            Text(
                f"Intervals, P(rank), awards and groups: {bootstrap['method']}; {bootstrap['draws']} draws."
            ),
            Text(f"Agreement: {study.agreement['method']}."),
            Text(
                f"Model: {study.model['method']} (Luce 1959, Plackett 1975), {bootstrap['model']['refits']} "
                "two-way refits for its intervals. Screening: each rule on its own; permutations "
                f"{study.screening['permutations']}."
            ),
            *(Text(note) for note in font_notes(_names(study))),
            Text(f"Random seed {study.seed}. {versions}; Python {platform.python_version()}."),
            Table("Inputs. The same inputs, seed and versions give the same bytes.", hashes),
        ),
    )


def _names(study: Study) -> list[str]:
    arrays = study.arrays
    return [study.title, *map(str, [*study.teams, *arrays.judges, *arrays.images])]


def _audit_parts(study: Study) -> list[Finding]:
    table = study.ranking.table.drop(columns="award")
    if study.rule.counted:  # of images, which the table does not hold
        table = table.drop(columns=["final", "rank"])
    return audit_scores(table, points=study.rule.points, rule=study.rule)
