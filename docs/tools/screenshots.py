"""Make the pictures in docs/images: ``python docs/tools/screenshots.py DEMO_DIR`` or ``... --challenge DEMO_DIR``.

DEMO_DIR is a folder that ``studyapp demo --no-serve`` has filled, or ``studyapp demo --challenge --no-serve``.
The judge's pages are those of an open copy, made for the occasion; the organiser's those of the closed study.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from studyapp.sample.demo import open_for_visitor
from studyapp.sample.serving import serving

LANGUAGES = ("en-GB", "zh-CN")
IN_CHINESE = ("overview", "guidelines", "screen-check", "judging", "keys", "organiser", "ranking")
IMAGES = Path(__file__).parents[1] / "images"
FLAGS = """--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --hide-scrollbars""".split()  # noqa: SIM905 (shorter)
DRAWN = """() => { const panes = Array.from(document.querySelectorAll('.pane:not([hidden])'));
return panes.length && panes.every((pane) => pane.hasAttribute('data-complete')); }"""


def main(demo: Path) -> None:
    """Open both studies and photograph their pages."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        executable = os.environ.get("STUDYAPP_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        for language in LANGUAGES:
            judge(browser.new_page(viewport={"width": 1440, "height": 900}, locale=language), demo)
            organiser(browser.new_page(viewport={"width": 1200, "height": 900}, locale=language), demo)
        browser.close()


def main_challenge(demo: Path) -> None:
    """Open the sample challenge and photograph its pages."""
    with sync_playwright() as playwright:
        executable = os.environ.get("STUDYAPP_CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        challenge(browser.new_page(viewport={"width": 1100, "height": 760}, locale="en-GB"), demo)
        browser.close()


def judge(page: Page, demo: Path) -> None:
    """Photograph the judge's pages and every view."""
    with tempfile.TemporaryDirectory() as scratch:
        study = Path(scratch) / "open"
        token = open_for_visitor(demo / "ranked", study, size="full")
        _judge(page, study, token)


def _judge(page: Page, study: Path, token: str) -> None:
    with serving(study) as server:
        page.goto(f"{server.url}/j/{token}")
        shoot(page, "overview")
        page.goto(f"{server.url}/judge/guidelines")
        shoot(page, "guidelines", full_page=True)
        page.goto(f"{server.url}/judge/screen")
        shoot(page, "screen-check", full_page=True)
        trials = page.request.get(f"{server.url}/api/trials").json()["trials"]
        page.goto(f"{server.url}/judge/trial/{coffee(page, server.url, trials)}")
        drawn(page)
        shoot(page, "grid")
        press(page, "o")
        for key in ("Digit3", "Digit1"):
            page.keyboard.press(key)
        page.wait_for_timeout(7000)  # until the message has gone
        shoot(page, "judging")
        for name, keys in VIEWS.items():
            press(page, *keys)
            shoot(page, name)


VIEWS: dict[str, tuple[str, ...]] = {
    "side-by-side": ("g", "v"),
    "blink": ("b",),
    "split": ("d",),
    "shortlist": ("b", "Digit2", "k", "Digit5", "k", "s"),
    "keys": ("g", "?"),
    "why": ("Escape", "y"),
}


def organiser(page: Page, demo: Path) -> None:
    """Photograph the organiser's pages of the closed study."""
    with serving(demo / "ranked") as server:
        page.goto(server.organiser)
        shoot(page, "organiser")
        page.goto(f"{server.url}/console/ranking")
        shoot(page, "ranking")


def challenge(page: Page, demo: Path) -> None:
    """Photograph what everybody and a team see of the sample challenge, in a copy in which the team signs in."""
    (IMAGES / "challenge").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        site = Path(shutil.copytree(demo, Path(scratch) / "site", ignore=shutil.ignore_patterns("handed-in")))
        command = [sys.executable, "-m", "studyapp.cli", "account", site, "--set-password", TEAM]
        subprocess.run(  # noqa: S603 (our own program)
            [*command, "--no-second-factor"], input=PASSWORD, text=True, check=True
        )
        with serving(site) as server:
            at = f"{server.url}/challenge"
            page.goto(f"{at}/tracks/everyday")
            shoot(page, "challenge/track")
            page.goto(f"{at}/register")
            shoot(page, "challenge/register")
            page.goto(f"{at}/tracks/everyday/feedback/board")
            shoot(page, "challenge/board")
            page.goto(f"{server.url}/sign-in")
            page.get_by_label("Name").fill(TEAM)
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Sign in").click()
            page.goto(f"{at}/tracks/everyday/feedback/submissions")
            page.get_by_role("link", name=".zip").first.click()
            shoot(page, "challenge/submission")
            page.goto(f"{at}/tracks/everyday")
            page.get_by_role("link", name="Your results").click()
            shoot(page, "challenge/results")


TEAM, PASSWORD = "Simulated leader of Larch", "seven unrelated words of a demo"


def coffee(page: Page, url: str, trials: list[dict[str, str]]) -> str:
    """Find the cup of coffee: the only image of its size, and a photograph in the public domain."""
    sizes = {
        trial["trial"]: page.request.get(f"{url}/api/trials/{trial['trial']}").json()["image"]
        for trial in trials
    }
    return next(name for name, image in sizes.items() if (image["width"], image["height"]) == COFFEE)


COFFEE = (600, 400)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    drawn(page)


def drawn(page: Page) -> None:
    page.wait_for_timeout(150)
    page.wait_for_function(DRAWN)
    page.wait_for_timeout(150)


def shoot(page: Page, name: str, *, full_page: bool = False) -> None:
    """Take a picture: all in English, the judge's way and the organiser's pages in Chinese, too."""
    chinese = page.evaluate("document.documentElement.lang") != "en"
    if not chinese or name in IN_CHINESE:
        path = IMAGES / f"{name}{'-zh' if chinese else ''}.jpg"
        page.screenshot(path=path, type="jpeg", quality=88, full_page=full_page)


if __name__ == "__main__":
    if "--challenge" in sys.argv:
        main_challenge(Path(sys.argv[-1]))
    else:
        main(Path(sys.argv[-1]))
