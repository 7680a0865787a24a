"""The pictures in the README, taken from the running program: the queue in a real browser, a page of a sealed dossier.

Usage: python scripts/pictures.py    (after `make run` prepared the demo; needs chromium and poppler-utils)
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from flows.demo import PASSWORD
from flows.runtime import open_runtime
from flows.site import serving
from flows.tour import walk
from rasoat.settings import ROOT, load_settings

IMAGES = ROOT / "docs" / "images"


def main() -> int:
    """Walk one case for the dossier, then look at both."""
    with open_runtime(load_settings()) as rt, tempfile.TemporaryDirectory() as folder:
        pack = walk(rt, Path(folder), say=lambda line: None)
        with zipfile.ZipFile(pack) as files:
            (Path(folder) / "notice.pdf").write_bytes(files.read("notice.pdf"))
        picture = ["pdftoppm", "-r", "70", "-f", "1", "-l", "1", "-singlefile", "-png", f"{folder}/notice.pdf", str(IMAGES / "dossier")]
        subprocess.run(picture, check=True)  # noqa: S603  (our own command)
        with serving(rt) as url, sync_playwright() as play:
            browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.goto(f"{url}/login")
            page.fill("input[name=login]", "lan")
            page.fill("input[name=password]", PASSWORD)
            page.press("input[name=password]", "Enter")
            page.wait_for_url("**/queue*")
            page.screenshot(path=str(IMAGES / "queue.png"))
            browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
