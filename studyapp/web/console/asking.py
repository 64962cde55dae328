"""Who asks for something on the console, as its records name them."""

from flask_login import current_user


def asked_by() -> str:
    """Return the name of the organiser's account; "organiser" of one who came by the server's link."""
    return getattr(getattr(current_user, "session", None), "account", None) or "organiser"
