"""Names made safe to print: a file name must not control a terminal or fake output lines."""

_JOINERS = "\u200c\u200d"  # part of words in Persian and Hindi, and of emoji; they show nothing by themselves


def printable(name: object) -> str:
    r"""Return a name with every character escaped that is invisible or has an effect when printed.

    Letters of every script stay; control characters, line ends, characters that change the writing direction,
    odd spaces, and bytes that are not UTF-8 are written as Python writes them.

    Examples
    --------
    >>> print(printable("a\nerror: b"), printable("\x1b[2J"), printable("01\u202egnp"), printable("李明"))
    a\nerror: b \x1b[2J 01\u202egnp 李明
    >>> print(printable(b"caf\xe9".decode("utf-8", "surrogateescape")))
    caf\xe9
    """
    text = str(name)
    return text if text.isprintable() else "".join(map(_sign, text))


def printable_lines(text: str) -> str:
    r"""Do the same to a text of several lines, keeping its line ends and tabs.

    Examples
    --------
    >>> print(printable_lines("one\ntwo \x07"))
    one
    two \x07
    """
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))


def _sign(sign: str) -> str:
    if sign.isprintable() or sign in _JOINERS:
        return sign
    if "\udc80" <= sign <= "\udcff":  # how Python keeps a byte of a file's name that is no UTF-8
        return f"\\x{ord(sign) - 0xDC00:02x}"
    return sign.encode("unicode_escape").decode("ascii")
