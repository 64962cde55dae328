"""Scores against ground truth, and measured models."""
