"""The report of a study: one HTML page, the same as PDF, and a LaTeX table.

Deterministic: the same votes, options and package versions give the same bytes.
"""
