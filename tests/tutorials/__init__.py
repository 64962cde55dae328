"""The tutorials of docs/tutorials are followed word for word."""
