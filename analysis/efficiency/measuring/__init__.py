"""Measure the models that teams submitted, each isolated from the machine: time, memory, cost, outputs."""
