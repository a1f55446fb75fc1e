"""The customer's page on a slow line, as it is served: when it can be used, and how much is sent. Run: python -m tests.benchmarks.slow [LOADS]

A real Chromium with an empty cache, held to 400 kbit/s and 400 ms a round trip ("slow 3G"). It can be used when it is drawn in its style and words can be
written into it: its forms work before any script has come. The baseline is the sign of life, a few bytes, on the same line.
"""

import os
import subprocess
import sys
from statistics import median

from tests.benchmarks import measured, worlds  # isort: split

from playwright.sync_api import Browser, sync_playwright

from handoffs import addresses, turns
from tests.browsers import QUIET, chromium
from tests.servers import ROOT, Site, running

# As it is served outside of tests: compressed once, beforehand.
SERVED = {"BATON_TESTING": "false", "DJANGO_SETTINGS_MODULE": "console.settings"}
LINE = {"offline": False, "latency": 400, "downloadThroughput": 400_000 / 8, "uploadThroughput": 400_000 / 8}
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def load(browser: Browser, url: str) -> tuple[float, int, int]:
    """Milliseconds until it can be used, bytes before fonts, and bytes of fonts."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    line = context.new_cdp_session(page)
    line.send("Network.enable")
    line.send("Network.emulateNetworkConditions", LINE)
    kinds: dict[str, str] = {}
    sent = {"Font": 0, "other": 0}
    line.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    line.on("Network.loadingFinished", lambda event: _add(sent, kinds.get(event["requestId"], ""), event["encodedDataLength"]))
    page.goto(url, wait_until="load")
    page.wait_for_function(PAINTED)
    found = (float(page.evaluate(PAINTED)), int(sent["other"]), int(sent["Font"]))
    context.close()
    return found


def _add(sent: dict[str, int], kind: str, size: float) -> None:
    sent["Font" if kind == "Font" else "other"] += int(size)


def pages(site: Site, token: str, loads: int) -> tuple[list[tuple[float, int, int]], list[float]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        found = [load(browser, f"{site.url}/c/{token}/") for _ in range(loads)]
        least = [load(browser, f"{site.url}/healthz")[0] for _ in range(loads)]
        browser.close()
    return found, least


def main(loads: int) -> None:
    with worlds.world() as database:
        juniper, _ = worlds.assistant()
        (conversation,) = worlds.conversations(juniper, 1)
        turns.take(conversation, "Can I talk to a real person?", client_id="now")
        with running("web", **SERVED) as site:
            found, least = pages(site, addresses.token(conversation.pk), loads)
    measured.show("slow", [
        measured.row("a waiting customer's page can be used", [took for took, _, _ in found], least, database=database),
        measured.figure("sent before fonts", median(sent for _, sent, _ in found) / 1000, unit="kB", database=database),
        measured.figure("fonts", median(fonts for *_, fonts in found) / 1000, unit="kB", database=database),
    ])


if __name__ == "__main__":
    subprocess.run([sys.executable, "manage.py", "collectstatic", "--noinput", "-v", "0"], cwd=ROOT, check=True, env={**os.environ, **SERVED})
    main(int(next(iter(measured.arguments()), 5)))
