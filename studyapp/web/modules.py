"""Which JavaScript modules a page needs, so that the browser can fetch all of them at once."""

import os.path
import re
from functools import cache

from studyapp.resources import resource_folder

_IMPORT = re.compile(r'^(?:import|export)\b[^"]*?from "(\.[^"]+)"', re.MULTILINE)


@cache
def modules_of(page: str) -> tuple[str, ...]:
    """Return what `page` imports, directly or not, in order of their names.

    Parameters
    ----------
    page
        A module below the static folder, such as ``js/pages/trial.js``.
    """
    static, found, waiting = resource_folder("static"), set[str](), [page]
    while waiting:
        module = waiting.pop()
        text = (static / module).read_text(encoding="utf-8")
        imported = {os.path.normpath(f"{os.path.dirname(module)}/{name}") for name in _IMPORT.findall(text)}
        waiting += imported - found
        found |= imported
    return tuple(sorted(found))
