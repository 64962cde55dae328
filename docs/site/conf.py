"""How Sphinx makes a site of docs/*.md (`make docs`), which a plain checkout shows as well.

Pages are plain Markdown. What only a site needs is added here, while a page is read: the text of README.md,
CHANGELOG.md and CONTRIBUTING.md, links to them, and the menus (docs/decisions/0329).
"""

import os
import re
import tomllib
from pathlib import Path

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

project = "studyapp"
author = "the studyapp developers"
version = release = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["site", "tools", "images"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
myst_enable_extensions = ["smartquotes"]
smartquotes_action = "q"
highlight_language = "text"
pygments_style = "friendly"

autodoc_typehints = "description"
autodoc_typehints_format = "short"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
add_module_names = False
napoleon_google_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
default_role = "code"  # docstrings write names as Markdown does
toc_object_entries_show_parents = "hide"

html_theme = "pydata_sphinx_theme"
html_title = "studyapp"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["copy.js"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_permalinks_icon = "#"
html_sidebars = {"index": [], "gallery": [], "changelog": []}
html_theme_options = {
    "logo": {"text": "studyapp"},
    "navbar_align": "left",
    "navbar_end": ["theme-switcher"],
    "navbar_persistent": ["search-field"],
    "header_links_before_dropdown": 8,
    "show_toc_level": 2,
    "show_nav_level": 1,
    "navigation_with_keys": False,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": [],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}

# A link that is called by the name of its file; the site calls it by the page's title.
_FILE = re.compile(r"\[(?:docs/)?[\w/-]+\.md\](?=\()")
# Names of a module on one line, which the site documents below it.
_NAMES = re.compile(r"^- `(analysis[\w.]*)`: ((?:`\w+`(?:, )?)+)$", re.MULTILINE)
# Pages whose text is a file of the checkout's root.
ELSEWHERE = {"index": "README.md", "changelog": "CHANGELOG.md", "contributing": "CONTRIBUTING.md"}
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")
_ITEM = re.compile(r"^- \[[^\]]+\]\(([^)#]+\.md)\)", re.MULTILINE)


def read_page(_app: Sphinx, name: str, source: list[str]) -> None:
    """Make of a page in the checkout a page of the site."""
    page, text = DOCS / f"{name}.md", source[0]
    if name == "index":
        whole = _links(_text(ELSEWHERE[name]), ROOT / "README.md", page)
        start, _, rest = whole.partition("## Read on\n")
        after = rest[rest.index("\n## ") :]
        text = f"{start}#{_links(text, page, page)}{after}"
    elif name in ELSEWHERE:
        text = _links(_text(ELSEWHERE[name]), ROOT / ELSEWHERE[name], page)
    else:
        text = _NAMES.sub(_documented, _links(text, page, page))
    source[0] = text + _menus(text, page) if page.stem == "index" else text


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _links(text: str, written: Path, page: Path) -> str:
    """Make links that lead from the file where they are written lead from the page of the site."""
    pages = {ROOT / file: DOCS / f"{name}.md" for name, file in ELSEWHERE.items()}

    def lead(match: re.Match[str]) -> str:
        target = Path(os.path.normpath(written.parent / match[1]))
        if target.is_dir():
            target /= "index.md"
        target = pages.get(target, target)
        return f"]({os.path.relpath(target, page.parent)}{match[2] or ''})"

    return _LINK.sub(lead, _FILE.sub("[]", text))


def _documented(match: re.Match[str]) -> str:
    module, names = match[1], match[2].replace("`", "")
    return f"### {module}\n\n```{{eval-rst}}\n.. automodule:: {module}\n   :members: {names}\n```\n"


def _menus(text: str, page: Path) -> str:
    """Make a menu of the links that begin a landing page's items, then of the other pages in its folder."""
    listed = _ITEM.findall(text)
    there = {path.name for path in page.parent.glob("*.md")} - {page.name} if page.parent != DOCS else set()
    menu = "\n\n```{toctree}\n:hidden:\n\n" + "\n".join(listed) + "\n```\n"
    rest = sorted(there - set(listed))
    return menu + ("\n```{toctree}\n:maxdepth: 1\n\n" + "\n".join(rest) + "\n```\n" if rest else "")


def dashes(_app: Sphinx, doctree: nodes.document) -> None:
    """Write the dash between a parameter and its meaning as one; in other places `--` begins an option."""
    for text in list(doctree.findall(nodes.Text)):
        if text.startswith(" -- "):
            text.parent.replace(text, nodes.Text(text.replace(" -- ", " – ", 1)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Let pages be read by `read_page`, and dashes be dashes."""
    app.connect("source-read", read_page)
    app.connect("doctree-read", dashes)
    app.add_lexer("csv", TextLexer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
