"""Parameters, FLOPs and activations of a model, and what was not counted."""
