"""Who asks for something on the console, as its records name them."""

from studyapp.web.entrance.people import the_organiser


def asked_by() -> str:
    """Return the name of the organiser's account; "organiser" of one who came by the server's link."""
    return account_name() or "organiser"


def account_name() -> str:
    """Return the name of the account that asks; "" of one who came by the server's link."""
    mine = the_organiser()
    return mine.name if mine.account else ""
