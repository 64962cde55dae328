"""The report of a study: one HTML page, the same as PDF, and a LaTeX table.

Deterministic: the same votes, options and package versions give the same bytes.
"""

from analysis.report.write import ReportPaths, write_report

__all__ = ["ReportPaths", "write_report"]
