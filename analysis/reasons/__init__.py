"""Reasons that judges gave: read from an export, and which of them go with winning and losing."""
