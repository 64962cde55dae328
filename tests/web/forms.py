"""What a browser would send of a form: the names and values of its fields."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    def __init__(self, form: str) -> None:
        super().__init__()
        self.form, self.inside = form, False
        self.fields: dict[str, str] = {}
        self.name, self.text = "", ""
        self.options: list[tuple[str | None, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = found.get("id") == self.form
        elif not self.inside:
            return
        elif tag == "input" and "name" in found:
            ticked = found.get("type") not in ("checkbox", "radio") or "checked" in found
            if ticked:
                self.fields[found["name"]] = found.get("value", "")
        elif tag == "textarea":
            self.name, self.text = found["name"], ""
        elif tag == "select":
            self.name, self.options = found["name"], []
        elif tag == "option":
            self.options.append((found.get("value"), "selected" in found))
            self.text = ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_endtag(self, tag: str) -> None:
        if not self.inside:
            return
        if tag == "form":
            self.inside = False
        elif tag == "textarea":
            self.fields[self.name] = self.text.removeprefix("\n")
        elif tag == "option":
            value, chosen = self.options[-1]
            self.options[-1] = (self.text if value is None else value, chosen)
        elif tag == "select":
            chosen = [value for value, is_chosen in self.options if is_chosen] or [self.options[0][0]]
            self.fields[self.name] = chosen[0] or ""


def fields_of(page: str, form: str) -> dict[str, str]:
    """Return what a browser would send of the form with this id, without its buttons."""
    reader = _Fields(form)
    reader.feed(page)
    return reader.fields
