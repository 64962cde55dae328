"""The efficiency score of a model: how it is measured, and how measurements become points."""
