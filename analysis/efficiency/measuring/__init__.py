"""Measuring the models that teams handed in, each apart from the machine: time, memory, cost, outputs."""
