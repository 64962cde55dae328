"""Absolute category ratings (ACR, ACR-HR, DCR): mean opinion scores, a model of the subjects, screening.

All functions take scores of shape (S, K), S subjects by K stimuli, NaN where a subject did not rate a
stimulus.
"""

from analysis.opinion.means import MeanOpinion, mean_opinion, sos_alpha
from analysis.opinion.screening import bt500_screening, mos_correlation, unusual_subjects
from analysis.opinion.subjects import SubjectModel, fit_subject_model

__all__ = [
    "MeanOpinion",
    "SubjectModel",
    "bt500_screening",
    "fit_subject_model",
    "mean_opinion",
    "mos_correlation",
    "sos_alpha",
    "unusual_subjects",
]
