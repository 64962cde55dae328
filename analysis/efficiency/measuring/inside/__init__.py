"""What runs inside a measured model's process; only the standard library until the model is loaded.

The other side must not trust anything here: the model's code shares the process.
"""
