"""What runs inside a measured model's process. Until the model is loaded, the standard library alone.

Nothing here may be trusted by the other side: the model's code shares the process with it.
"""
