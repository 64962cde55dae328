"""When two e-mail addresses are the same person's, however they were typed."""

import unicodedata


def address_key(address: str) -> str:
    """Return what is equal for addresses that differ only in case, spaces around or how accents are coded.

    It is Unicode's canonical caseless form (section 3.13, D145). A database's own lower() knows ASCII only.

    Examples
    --------
    >>> address_key(" Jörg.ÖZ@example.org") == address_key("jo\u0308rg.öz@EXAMPLE.org")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", address.strip()).casefold())
