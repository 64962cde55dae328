"""Firefox and WebKit on a screen of their own, by WebDriver; what they show is read from the screen.

Debian's Firefox speaks WebDriver BiDi itself; WebKit is WebKitGTK's MiniBrowser with its driver. Playwright
drives only builds of its own of both, which cannot be had everywhere.
"""

import itertools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np
import pytest
from PIL import ImageGrab
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.remote.websocket_connection import WebSocketConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

SCREEN = (1300, 900)
PATIENCE = 60  # seconds, for what takes one
MARK = (255, 0, 254)
XVFB = shutil.which("Xvfb")
FIREFOX = os.environ.get("STUDYAPP_FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
WEBKIT_DRIVER = shutil.which("WebKitWebDriver")
MINI_BROWSER = next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))), None)
IN_CI = bool(os.environ.get("CI"))

needs_firefox = pytest.mark.skipif(
    not (XVFB and FIREFOX) and not IN_CI, reason="no Firefox or no Xvfb: apt install firefox-esr xvfb"
)
needs_webkit = pytest.mark.skipif(
    not (XVFB and WEBKIT_DRIVER and MINI_BROWSER) and not IN_CI,
    reason="no WebKitGTK or no Xvfb: apt install webkit2gtk-driver xvfb",
)


class Driven(Protocol):
    """What both can do, as Playwright's page does it."""

    def goto(self, url: str) -> None: ...
    def evaluate(self, function: str) -> Any: ...
    def press(self, *keys: str) -> None: ...


class Firefox:
    """A Firefox with its own profile, spoken to by WebDriver BiDi."""

    def __init__(self, stack: ExitStack, display: str, dpr: float) -> None:
        profile = Path(stack.enter_context(TemporaryDirectory(prefix="firefox-", ignore_cleanup_errors=True)))
        prefs = {"layout.css.devPixelsPerPx": str(dpr), "browser.aboutwelcome.enabled": False}
        (profile / "user.js").write_text(
            "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in prefs.items())
        )
        assert FIREFOX
        process = subprocess.Popen(
            [
                FIREFOX,
                "--no-remote",
                "--width",
                str(int(SCREEN[0] / dpr)),
                "--height",
                str(int(SCREEN[1] / dpr)),
                "--profile",
                profile,
                "--remote-debugging-port",
                "0",
                "about:blank",
            ],
            env={**os.environ, "DISPLAY": display, "HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        stack.callback(_end, process)
        address = _said(process, b"WebDriver BiDi listening on ")
        self.connection = WebSocketConnection(f"{address}/session", timeout=PATIENCE, interval=0.01)
        stack.callback(self.connection.close)
        self._send("session.new", capabilities={})
        self.context = self._send("browsingContext.getTree")["contexts"][0]["context"]

    def _send(self, method: str, **params: Any) -> dict[str, Any]:
        reply = self.connection.send_cmd(method, params)
        assert "result" in reply, reply
        return reply["result"]

    def goto(self, url: str) -> None:
        self._send("browsingContext.navigate", context=self.context, url=url, wait="complete")

    def evaluate(self, function: str) -> Any:
        """Call a function of the page; what it returns goes through JSON."""
        found = self._send(
            "script.evaluate",
            expression=f"(async () => JSON.stringify((await ({function})()) ?? null))()",
            target={"context": self.context},
            awaitPromise=True,
        )
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])

    def press(self, *keys: str) -> None:
        steps = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        actions = [{"type": "key", "id": "keyboard", "actions": steps}]
        self._send("input.performActions", context=self.context, actions=actions)


class WebKit:
    """WebKitGTK's MiniBrowser; GTK 3 knows whole pixel ratios only."""

    def __init__(self, stack: ExitStack, display: str, dpr: float) -> None:
        home = stack.enter_context(TemporaryDirectory(prefix="webkit-", ignore_cleanup_errors=True))
        options = Options()
        options.binary_location = str(MINI_BROWSER)
        options.add_argument("--automation")
        service = Service(
            WEBKIT_DRIVER, env={**os.environ, "DISPLAY": display, "HOME": home, "GDK_SCALE": str(dpr)}
        )
        service.start()
        stack.callback(service.stop)
        connection = RemoteConnection(client_config=ClientConfig(service.service_url))
        self.driver = webdriver.Remote(connection, options=options)
        stack.callback(self.driver.quit)
        width, height = SCREEN
        self.driver.set_window_size(int(width / dpr), int(height / dpr))
        self.driver.set_page_load_timeout(PATIENCE)
        self.driver.set_script_timeout(PATIENCE)

    def goto(self, url: str) -> None:
        self.driver.get(url)

    def evaluate(self, function: str) -> Any:
        """Call a function of the page; what it returns goes through JSON."""
        found = self.driver.execute_async_script(
            f"""const done = arguments[0];
            const tell = (told) => done(JSON.stringify(told));
            (async () => ({function})())().then(
              (value) => tell({{ value }}), (error) => tell({{ error: String(error) }}));"""
        )
        found = json.loads(found)
        assert "error" not in found, found
        return found.get("value")

    def press(self, *keys: str) -> None:
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()


class OnScreen:
    """A browser and the screen that it is on."""

    def __init__(self, driven: Driven, display: str) -> None:
        self.driven, self.display = driven, display
        self.evaluate, self.press = driven.evaluate, driven.press
        self.left, self.top, self.width, self.height = self._place()

    def goto(self, url: str) -> None:
        """Go to a page and wait until it has loaded: WebKit's driver answers earlier."""
        self.driven.goto(url)
        self.wait("() => document.readyState === 'complete'")

    def _place(self) -> tuple[int, int, int, int]:
        """Find the page in the window: what is of the mark's colour."""
        self.goto(f"data:text/html,<body style='background:rgb{MARK}'>")
        sides = self.evaluate("() => [innerWidth, innerHeight].map((side) => side * devicePixelRatio)")
        for _ in tries():
            marked = (self._whole() == MARK).all(axis=2)
            columns, rows = (np.flatnonzero(marked.any(axis=axis)) for axis in (0, 1))
            if not len(columns):
                continue
            found = (columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1)
            if all(abs(side - wanted) < 2 for side, wanted in zip(found[2:], sides, strict=True)):
                break
        else:
            raise AssertionError(f"the page of {sides} device pixels is not on the screen")
        left, top, width, height = map(int, found)
        return left, top, width, height

    def _whole(self) -> np.ndarray:
        return np.asarray(ImageGrab.grab(xdisplay=self.display).convert("RGB"))

    def screenshot(self) -> np.ndarray:
        """The page as it is on the screen now, shape (height, width, 3): it may be a frame or two behind."""
        return self._whole()[self.top : self.top + self.height, self.left : self.left + self.width]

    def wait(self, condition: str) -> None:
        """Wait until a function of the page returns something true; the page may change meanwhile."""
        for _ in tries():
            with suppress(AssertionError, WebDriverException):
                if self.evaluate(condition):
                    return
        raise AssertionError(f"waited in vain for {condition}")


def tries() -> Iterator[int]:
    """Count attempts, until there was time enough for what is shown with some delay."""
    until = time.monotonic() + PATIENCE / 3
    for number in itertools.count():
        yield number
        if time.monotonic() > until:
            return
        time.sleep(0.02)


@contextmanager
def on_screen(kind: type[Firefox] | type[WebKit], dpr: float = 1) -> Iterator[OnScreen]:
    """A browser in a fresh profile, at a device pixel ratio that is the screen's own."""
    with ExitStack() as stack:
        display = _display(stack)
        yield OnScreen(kind(stack, display, dpr), display)


def _display(stack: ExitStack) -> str:
    """Start a screen; it says which number it has as soon as it is there."""
    assert XVFB, "no Xvfb: apt install xvfb"
    reading, writing = os.pipe()
    size = "{}x{}x24".format(*SCREEN)
    command = [XVFB, "-displayfd", str(writing), "-screen", "0", size, "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    stack.callback(_end, process)
    with open(reading, "rb") as said:
        number = said.readline().decode().strip()
    assert number, "Xvfb did not start"
    return f":{number}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill it: what it would tidy up is thrown away."""
    process.kill()
    process.communicate()


def _said(process: subprocess.Popen[bytes], words: bytes) -> str:
    """Wait until the process writes a line with these words; return what follows them."""
    assert process.stderr
    for line in process.stderr:
        if words in line:
            return line.split(words)[1].strip().decode()
    raise AssertionError(f"Firefox ended with status {process.wait()}")
