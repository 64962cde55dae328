"""Screening: which judges deserve a second look, and what the ranking would be without them."""

from analysis.screening.flags import Flags, robust_z
from analysis.screening.slots import SlotTest, slot_bias, slot_test
from analysis.screening.summary import screening_summary

__all__ = ["Flags", "SlotTest", "robust_z", "screening_summary", "slot_bias", "slot_test"]
