"""Changing keys of study.yaml or site.yaml in its own text: comments, order and spelling of the rest stay.

The new text is read again before it is written: if it does not say exactly what was meant, nothing is.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import yaml

from analysis.files import file_sha256, write_whole
from analysis.locks import locked
from analysis.texts import say
from studyapp.core.small_files import read_small_file
from studyapp.errors import StudyError
from studyapp.study.site_file import SITE_FILE, SiteFile, read_site_text
from studyapp.study.study_file import STUDY_FILE, StudyFile, read_study_text

Place = tuple[str, ...]
Edit = tuple[int, int, str]
File = TypeVar("File")
_WIDEST = 100  # characters of a list that stays on one line


class StaleFileError(StudyError):
    """Somebody else changed study.yaml or site.yaml since it was shown."""


@contextmanager
def editing(root: Path, changes: Mapping[Place, Any], *, shown: str | None = None) -> Iterator[StudyFile]:
    """Change study.yaml for the block; if the block fails, the file is put back.

    Parameters
    ----------
    root
        The study's folder.
    changes
        New values by key, such as ``{("rules", "final"): {...}, ("title",): "..."}``; None removes the key.
    shown
        The hash of the file that the changes were made on; None for whatever is there.

    Raises
    ------
    StaleFileError
        If the file is another one by now.
    ProblemsFoundError
        If the changed file is not a study's.
    StudyError
        If the text cannot be changed without touching something else.
    """
    read = partial(read_study_text, STUDY_FILE)
    with _editing(root, STUDY_FILE, read, changes, shown) as file:
        yield file


@contextmanager
def editing_site(root: Path, changes: Mapping[Place, Any], *, shown: str | None = None) -> Iterator[SiteFile]:
    """Change site.yaml as `editing` changes study.yaml.

    Raises
    ------
    StaleFileError
        If the file is another one by now.
    StudyError
        If the changed file is not a site's, or cannot be changed without touching something else.
    """
    with _editing(root, SITE_FILE, partial(read_site_text, Path(SITE_FILE)), changes, shown) as file:
        yield file


@contextmanager
def _editing(
    root: Path, name: str, read: Callable[[str], File], changes: Mapping[Place, Any], shown: str | None
) -> Iterator[File]:
    path = root / name
    (root / "var").mkdir(mode=0o700, exist_ok=True)
    with locked(root / "var" / ".editing", wait=True):
        if shown is not None and file_sha256(path) != shown:
            raise StaleFileError(
                say(
                    "somebody else changed %(file)s since you loaded this page; compare, then save again",
                    file=name,
                )
            )
        before = read_small_file(path)
        text = edited(before.decode("utf-8"), changes)
        file = read(text)
        write_whole(path, text)
        try:
            yield file
        except BaseException:
            write_whole(path, before)
            raise


def edited(text: str, changes: Mapping[Place, Any]) -> str:
    """Return the text of a YAML file with keys changed; None removes one.

    Examples
    --------
    >>> print(edited("a: 1  # one\\nb: {c: 2}", {("b", "c"): 3, ("d",): [4]}))
    a: 1  # one
    b: {c: 3}
    d: [4]
    <BLANKLINE>
    """
    before = yaml.safe_load(text)
    wanted = before
    for place, value in changes.items():
        wanted = _put(wanted, place, value)
    if _same(before, wanted):
        return text
    new = _changed(text, before, wanted)
    if not _says(new, wanted):
        new = _changed(text, before, wanted, whole=True)
    if not _says(new, wanted):
        raise StudyError(
            say(
                "the file cannot be changed here without touching something else in it (%(keys)s); "
                "edit the file itself",
                keys=", ".join(".".join(place) for place in changes),
            )
        )
    return new


def _put(raw: Any, place: Place, value: Any) -> Any:
    """A copy with one key changed."""
    if not place:
        return value
    raw = dict(raw) if isinstance(raw, Mapping) else {}
    if value is None and len(place) == 1:
        raw.pop(place[0], None)
    else:
        raw[place[0]] = _put(raw.get(place[0]), place[1:], value)
    return raw


def _same(one: Any, other: Any) -> bool:
    """Whether two values are written alike: 1 is neither true nor 1.0."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return set(one) == set(other) and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and one == other


def _says(text: str, wanted: Any) -> bool:
    try:
        return _same(yaml.safe_load(text), wanted)
    except yaml.YAMLError:
        return False


def _changed(text: str, before: Any, wanted: Any, *, whole: bool = False) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        return _flow(wanted) + "\n"
    found = sorted(_Text(text, whole).edits(root, before, wanted, None, 0), key=lambda edit: edit[0])
    for start, end, new in reversed(found):
        text = text[:start] + new + text[end:]
    return text


class _Text:
    """A YAML text and what to change in it; `whole` writes a changed key of the file anew, all of it."""

    def __init__(self, text: str, whole: bool) -> None:
        self.text, self.whole = text, whole
        self.line = "\r\n" if "\r\n" in text else "\n"

    def edits(
        self, node: yaml.Node, old: Any, new: Any, key: yaml.Node | None, indent: int | None
    ) -> Iterator[Edit]:
        """What turns a node into another value; `key` is its key, if it has one, at column `indent`.

        Within braces there is no column: all of a value is between them, too.
        """
        if _same(old, new):
            return
        block = isinstance(node, yaml.CollectionNode) and not node.flow_style
        if self.whole and key is not None:
            yield self._whole(node, new, key, indent)
        elif isinstance(node, yaml.MappingNode) and isinstance(new, Mapping) and new:
            if set(old) == set(new) or (block and set(old) & set(new)):
                yield from self._of_mapping(node, old, new)
            else:
                yield self._whole(node, new, key, indent)
        elif isinstance(node, yaml.SequenceNode) and isinstance(new, list | tuple) and new:
            if len(old) == len(new) or (block and old):
                yield from self._of_sequence(node, old, new)
            else:
                yield self._whole(node, new, key, indent)
        else:
            yield self._whole(node, new, key, indent)

    def _of_mapping(self, node: yaml.MappingNode, old: Any, new: Any) -> Iterator[Edit]:
        column = node.value[0][0].start_mark.column
        for key, value in node.value:
            if key.value in new:
                place = None if node.flow_style else column
                yield from self.edits(value, old[key.value], new[key.value], key, place)
            else:
                yield (self._line_start(key.start_mark.index), self._after(value), "")
        more = "".join(
            " " * column + self._entry(name, value, column) for name, value in new.items() if name not in old
        )
        if more:
            yield self._inserted(self._after(node), more)

    def _of_sequence(self, node: yaml.SequenceNode, old: Any, new: Any) -> Iterator[Edit]:
        for item, was, now in zip(node.value, old, new, strict=False):
            yield from self.edits(item, was, now, None, item.start_mark.column)
        for item in node.value[len(new) :]:
            yield (self._line_start(item.start_mark.index), self._after(item), "")
        dash = " " * node.start_mark.column + "- "
        more = "".join(dash + _flow(value) + self.line for value in new[len(old) :])
        if more:
            yield self._inserted(self._after(node), more)

    def _whole(self, node: yaml.Node, new: Any, key: yaml.Node | None, indent: int | None) -> Edit:
        end = self._end(node)
        if key is None:
            return node.start_mark.index, end, _flow(new)
        colon = self.text.index(":", key.end_mark.index) + 1
        gap = self.text[colon : node.start_mark.index]
        comment = "  " + gap[gap.index("#") :].partition("\n")[0].rstrip() if "#" in gap else ""
        return colon, end, self._value(new, indent, comment)

    def _entry(self, name: str, value: Any, column: int) -> str:
        return f"{_flow(name)}:{self._value(value, column)}{self.line}"

    def _value(self, value: Any, column: int | None, comment: str = "") -> str:
        """What comes after a key and its colon: on the same line, or as a block below it."""
        short = _flow(value)
        is_plain = not isinstance(value, Mapping | list | tuple) or not value
        if column is None or is_plain or len(short) <= _WIDEST:
            return f" {short}{comment}"
        inner = " " * (column + 2)
        if isinstance(value, Mapping):
            lines = [inner + self._entry(name, item, column + 2).rstrip() for name, item in value.items()]
        else:
            lines = [f"{inner}- {_flow(item)}" for item in value]
        return comment + self.line + self.line.join(lines)

    def _inserted(self, place: int, more: str) -> Edit:
        whole = place == 0 or self.text[place - 1] == "\n"
        return place, place, more if whole else self.line + more

    def _end(self, node: yaml.Node) -> int:
        """Where a node ends, without the blank lines and comments after it."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        start, end = node.start_mark.index, node.end_mark.index
        return start + len(self.text[start:end].rstrip())

    def _after(self, node: yaml.Node) -> int:
        """The start of the line after a node."""
        end = self.text.find("\n", self._end(node))
        return len(self.text) if end < 0 else end + 1

    def _line_start(self, place: int) -> int:
        return self.text.rfind("\n", 0, place) + 1


def _flow(value: Any) -> str:
    """A value on one line."""
    written = yaml.safe_dump(
        _plain(value), default_flow_style=True, allow_unicode=True, width=10**9, sort_keys=False
    )
    return written.removesuffix("\n").removesuffix("\n...").strip()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, str) else value
