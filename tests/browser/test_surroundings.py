"""What browsers, networks and screens do to the pictures: the page says so, or is out of its reach."""

import io
import os
import signal

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from studyapp.web.modules import modules_of
from tests.browser.chromium import ACCELERATED, chromium, needs_chromium, screenshot, wait_complete
from tests.browser.harness import Harness, trial_of

pytestmark = [pytest.mark.browser, needs_chromium]


def recompressed(tile: bytes) -> bytes:
    """What a proxy that saves bytes makes of a tile."""
    out = io.BytesIO()
    Image.open(io.BytesIO(tile)).convert("RGB").save(out, "WEBP", quality=75)
    return out.getvalue()


def test_pictures_that_were_changed_on_the_way_are_not_called_exact():
    with Harness([trial_of(2)]) as harness, chromium() as page:
        harness.alter = recompressed
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        expect(page.locator("#message")).to_contain_text("changed on their way")
        page.keyboard.press("o")
        wait_complete(page)
        expect(page.locator("#scale")).to_have_text("1:1 not exact")
        assert "changed on their way" in (page.get_attribute("#scale", "title") or "")


def test_pictures_come_back_after_the_graphics_process_was_restarted():
    flags = [*ACCELERATED, "--disable-gpu-watchdog", "--disable-gpu-process-crash-limit"]
    with Harness([trial_of(3)]) as harness, chromium(flags=flags) as page:
        page.add_init_script("addEventListener('contextlost', () => { window.lost = true }, true)")
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        page.keyboard.press("o")
        wait_complete(page)
        before = screenshot(page)
        assert page.context.browser
        session = page.context.browser.new_browser_cdp_session()
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        gpu = next(item["id"] for item in processes if item["type"] == "GPU")
        os.kill(gpu, signal.SIGKILL)  # a process of this very browser
        page.wait_for_function("() => window.lost")
        expect(page.locator("#message")).to_have_text("The pictures are back.")
        expect(page.locator("#message")).to_be_hidden()
        wait_complete(page)
        expect(page.locator("#scale")).to_have_text("1:1 exact")
        assert (screenshot(page) == before).all()


def test_extensions_and_modes_that_recolour_or_translate_are_kept_off():
    with Harness([trial_of(3)]) as harness, chromium() as page:
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        page.emulate_media(forced_colors="active", color_scheme="dark")
        for place in ("body", ".pane"):
            colour = page.eval_on_selector(place, "node => getComputedStyle(node).backgroundColor")
            assert colour == "rgb(128, 128, 128)", place
        assert page.locator("meta[name=darkreader-lock]").count() == 1
        translated = page.evaluate(
            """() => [...document.querySelectorAll('.name, .place, .who, .ordinal, .candidate, .scale')]
              .filter((node) => !node.closest('[translate=no].notranslate')).length"""
        )
        assert translated == 0


def test_the_check_page_says_whether_pictures_can_be_exact():
    noise = "CanvasRenderingContext2D.prototype.getImageData = () => new ImageData(64, 64)"
    refused = "globalThis.createImageBitmap = async () => { throw new Error('no WebP'); }"
    rich = """const asked = matchMedia; globalThis.matchMedia = (query) =>
      /p3|dynamic-range: high/.test(query) ? { matches: true } : asked(query)"""
    cases = [
        ("", {}, "yes", ["Tested: this browser shows"]),
        (noise, {}, "unknown", ["could not be tested"]),
        (refused, {}, "no", ["not suited", "lossless WebP", "another browser"]),
        ("", {"device_scale_factor": 1.5}, "no", ["not suited", "resamples"]),
        (rich, {}, "yes", ["more colours than sRGB", "switch HDR off"]),
    ]
    with Harness([]) as harness, chromium() as desk:
        assert desk.context.browser
        for script, options, exact, said in cases:
            context = desk.context.browser.new_context(**options) if options else desk.context
            page = context.new_page()
            page.add_init_script(script)
            page.goto(f"{harness.url}/judge/conditions")
            place = page.locator("#suitability")
            expect(place).to_have_attribute("data-exact", exact)
            for words in said:
                expect(place).to_contain_text(words)
            page.close()
            if options:
                context.close()


def test_the_first_image_opens_without_fetching_a_script():
    files = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('/static/'))"
    needed = len(modules_of("js/pages/trial.js"))
    with Harness([trial_of(2)]) as harness, chromium() as page:
        page.goto(f"{harness.url}/judge/conditions")
        page.wait_for_function(f"() => {files}.filter(({{ responseEnd }}) => responseEnd).length > {needed}")
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        assert page.evaluate(f"{files}.length") > needed
        assert page.evaluate(f"{files}.filter(({{ transferSize }}) => transferSize).length") == 0


def phone(page: Page, width: int, height: int) -> Page:
    assert page.context.browser
    context = page.context.browser.new_context(
        viewport={"width": width, "height": height}, has_touch=True, is_mobile=True
    )
    return context.new_page()


def test_a_phone_is_told_that_it_is_too_small_and_can_be_left_and_used():
    with Harness([trial_of(4)]) as harness, chromium() as desk:
        page = phone(desk, 390, 844)
        page.goto(f"{harness.url}/judge/conditions")
        expect(page.locator("#small")).to_contain_text("too small to compare pictures fairly")
        page.goto(f"{harness.url}/judge/trial/t0")
        wait_complete(page)
        for name in ("[data-command=next]", "[data-command=undo]", "[data-command=help]", "#podium"):
            box = page.locator(name).bounding_box()
            assert box is not None
            assert box["x"] >= 0, name
            assert box["x"] + box["width"] <= 390, name
        small = page.evaluate(
            """() => [...document.querySelectorAll('button')].filter((node) => node.checkVisibility())
              .map((node) => [node.id || node.className, node.getBoundingClientRect()])
              .filter(([, { width, height }]) => width < 40 || height < 40).map(([name]) => name)"""
        )
        assert small == []
