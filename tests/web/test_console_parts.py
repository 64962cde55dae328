"""What the console's pages share: sorting by links, pages of long lists, stale forms."""

import pytest
from flask import Flask

from studyapp.web.console import sorting, stale

ROWS = [("June", 3), ("jude", None), ("Alma", 7)]
COLUMNS = {"name": lambda row: row[0], "done": lambda row: row[1]}


@pytest.fixture
def plain() -> Flask:
    app = Flask("plain")
    app.add_url_rule("/list/<kind>", "list", lambda kind: kind)
    return app


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["June", "jude", "Alma"]),
        ("sort=name", ["Alma", "jude", "June"]),
        ("sort=-name", ["June", "jude", "Alma"]),
        ("sort=done", ["June", "Alma", "jude"]),
        ("sort=-done", ["Alma", "June", "jude"]),
        ("sort=secret", ["June", "jude", "Alma"]),
    ],
)
def test_a_table_is_sorted_as_the_address_says(plain, query, names):
    with plain.test_request_context(f"/list/all?{query}"):
        rows, _ = sorting.sorted_rows(ROWS, COLUMNS)
    assert [name for name, _ in rows] == names


def test_a_heads_link_turns_the_order_round_and_keeps_the_rest_of_the_address(plain):
    with plain.test_request_context("/list/all?sort=name&show=late&page=2"):
        _, order = sorting.sorted_rows(ROWS, COLUMNS)
        assert order.link("name") == "/list/all?sort=-name&show=late"
        assert order.link("done") == "/list/all?sort=done&show=late"


@pytest.mark.parametrize("query", ["_scheme=javascript", "_external=1", "_anchor=x", "_method=POST"])
def test_an_address_cannot_tell_flask_how_to_build_links(plain, query):
    with plain.test_request_context(f"/list/all?sort=name&{query}"):
        _, order = sorting.sorted_rows(ROWS, COLUMNS)
        assert order.link("done") == "/list/all?sort=done"


@pytest.mark.parametrize(
    ("query", "first", "number"), [("", 0, 1), ("page=3", 200, 3), ("page=99", 200, 3), ("page=x", 0, 1)]
)
def test_a_long_list_has_pages(plain, query, first, number):
    with plain.test_request_context(f"/list/all?{query}"):
        shown, pages = sorting.one_page(range(205))
        assert (shown[0], pages.number, pages.count) == (first, number, 3)
        assert "page=2" in pages.link(2)


def test_a_form_is_stale_when_what_it_showed_has_changed(plain):
    before, after = stale.revision("Olga", None), stale.revision("Olga", "2026-05-01")
    with plain.test_request_context("/list/all", method="POST", data={stale.FIELD: before}):
        assert not stale.is_stale(before)
        assert stale.is_stale(after)
