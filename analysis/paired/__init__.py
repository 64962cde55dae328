"""Paired scores: metrics of restored images against ground truths, and the SCORE computed from them."""
