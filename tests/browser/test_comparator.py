"""The comparator of a published image: files alone, exact, with the teams' names or without them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.chromium import chromium, needs_chromium, panes, wait_complete, wrong_pixels
from tests.browser.test_accessible import AXE, IN_CI, violations

pytestmark = [pytest.mark.browser, needs_chromium]

TEAMS = {"team01": "Toms team", "team02": "Second light", "team03": "Third eye", "team04": "Fourth wall"}


def told(site: Path, number: int) -> dict[str, Any]:
    """What the page of an image is told."""
    html = (site / "images" / str(number) / "index.html").read_text(encoding="utf-8")
    found = re.search(r'id="published">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


def sources(site: Path, number: int) -> dict[int, np.ndarray]:
    """The files that the teams handed in, by the numbers that the page gives them."""
    data = told(site, number)
    study = site.parent / "study"
    files = [study / "input", *(study / "teams" / one["team"] for one in data["candidates"])]
    return {slot: np.asarray(Image.open(file / f"{data['image']}.png")) for slot, file in enumerate(files)}


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as page:
        if AXE.exists() or IN_CI:
            page.add_init_script(path=str(AXE))
        yield page


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    wait_complete(page)


def address(page: Page, *parts: str) -> str:
    """The part behind # once it says all of this."""
    page.wait_for_function("(parts) => parts.every((part) => location.hash.includes(part))", arg=list(parts))
    return unquote(urlsplit(page.url).fragment)


def test_files_alone_show_every_pixel_and_who_made_it(
    page: Page, served_site: str, published_site: Path
) -> None:
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    page.goto(f"{served_site}/images/1/index.html")
    wait_complete(page)
    press(page, "o")
    files = sources(published_site, 1)
    assert wrong_pixels(page, files) == dict.fromkeys(range(5), 0.0)
    assert page.inner_text("#scale") == "1:1 exact"
    names = [TEAMS[one["team"]] for one in told(published_site, 1)["candidates"]]
    assert [page.inner_text(f".pane[data-slot='{slot}'] .name bdi") for slot in range(1, 5)] == names
    press(page, "b", "3", "+")
    assert wrong_pixels(page, files) == {3: 0.0}
    press(page, "d", "2", "4", "h")  # the handle of the divider lies over the pictures
    assert wrong_pixels(page, files) == {2: 0.0, 4: 0.0}
    press(page, "h")
    assert violations(page) == [] or not AXE.exists()
    assert {method for method, _ in asked} == {"GET"}
    assert all(url.startswith(served_site) for _, url in asked if not url.startswith("data:")), asked


def test_an_address_leads_to_the_same_comparison_and_on_to_the_next_image(
    page: Page, served_site: str, published_site: Path
) -> None:
    teams = [one["team"] for one in told(published_site, 1)["candidates"]]
    chosen = f"team={teams[0]},{teams[2]}"
    page.goto(f"{served_site}/images/1/index.html#{chosen}&view=blink&shown={teams[2]}&x=300&y=150&scale=2")
    wait_complete(page)
    (pane,) = panes(page)
    assert (pane.slot, pane.cx, pane.cy, pane.scale) == (3, 300, 150, 2)
    press(page, "ArrowRight", "1")
    moved = address(page, f"shown={teams[0]}")
    press(page, "n")
    page.wait_for_url("**/images/2/*")
    wait_complete(page)
    (pane,) = panes(page)
    assert f"x={pane.cx:g}" in moved
    assert pane.scale == 2
    assert address(page, chosen, "view=blink", "scale=2")
    press(page, "g")
    page.check("#team-2")
    wait_complete(page)
    assert len(panes(page)) == 4
    page.select_option("#order", "name")
    wait_complete(page)
    shown = [page.inner_text(f".pane[data-slot='{pane.slot}'] .name bdi") for pane in panes(page)[1:]]
    assert shown == sorted(shown)
    press(page, "4")
    assert "is not shown" in page.inner_text("#message")


def test_regions_and_reasons_are_drawn_where_they_are(
    page: Page, served_site: str, published_site: Path
) -> None:
    number = next(number for number in (1, 2, 3) if told(published_site, number)["marks"])
    page.goto(f"{served_site}/images/{number}/index.html#over=marks")
    wait_complete(page)
    marks = told(published_site, number)["marks"]
    assert page.locator(".mark").count() == len(marks) == 2
    noise = next(mark for mark in marks if mark["attribute"] == "Noise")
    page.click(".mark:has-text('Grain.')")
    wait_complete(page)
    label = page.get_attribute(".pane.current", "aria-label")
    assert label == TEAMS[noise["team"]]
    pane = next(
        pane for pane in panes(page) if page.locator(f".pane.current[data-slot='{pane.slot}']").count()
    )
    assert (pane.cx, pane.cy) == (noise["x"] + noise["width"] / 2, noise["y"] + noise["height"] / 2)
    box = page.locator(".pane.current .rect[data-kind='worse chosen']").bounding_box()
    assert box
    assert round(box["width"]) == noise["width"] * pane.scale
    assert violations(page) == [] or not AXE.exists()
    page.select_option("#marks-of", label=next(TEAMS[m["team"]] for m in marks if m is not noise))
    assert "Hair" in page.inner_text(".mark"), (
        "what was said of a region by its name is listed, and not drawn"
    )
    assert page.locator(".rect[data-kind]").count() == 0


def test_trying_it_oneself_hides_who_is_who_until_the_end(
    page: Page, served_site: str, published_site: Path
) -> None:
    page.goto(f"{served_site}/images/1/index.html")
    wait_complete(page)
    press(page, "i")
    words = page.inner_text("body") + page.evaluate("document.documentElement.outerHTML").split("<script")[0]
    spoken = page.evaluate(
        "[...document.querySelectorAll('body *')].flatMap((node) => node.tagName === 'SCRIPT' ? [] :"
        " ['title', 'aria-label', 'href'].map((name) => node.getAttribute(name) ?? '')).join(' ')"
    )
    for secret in (*TEAMS, *TEAMS.values(), "points", "tiles/"):
        assert secret not in words + spoken + page.title() + page.url, secret
    assert "shown=" not in address(page, "blind")
    press(page, "2", "1", "4")
    assert "shown=" not in address(page, "blind")
    assert violations(page) == [] or not AXE.exists()
    order = page.evaluate("JSON.stringify(Object.values(sessionStorage))")
    page.reload()
    wait_complete(page)
    assert page.evaluate("JSON.stringify(Object.values(sessionStorage))") == order, "this tab keeps it"
    press(page, "r")
    rows = page.locator("#result tbody tr")
    assert rows.count() == 4
    own = {row.split("\t")[0]: row.split("\t")[-1] for row in rows.all_inner_texts()}
    assert sorted(own.values()) == ["1st", "2nd", "3rd", "–"]
    first = next(name for name, place in own.items() if place == "1st")
    assert first == "2 " + page.inner_text(".pane[data-slot='2'] .name bdi")
    page.click("#try-it")
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
