# SPDX-License-Identifier: Apache-2.0
"""One study in three dashboards: bench.py MUSTER TRACKER SWEEP. Needs Playwright, chromium, mlflow, optuna-dashboard.

First contentful paint, and the time until the study's trials are on the page, from the start of the navigation, in a browser that
has the page's files in its cache (from the second visit on): best and median of seven. Servers run one at a time."""
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from playwright.sync_api import sync_playwright

muster, tracker, sweep = sys.argv[1:4]
here = os.path.dirname(sys.executable)
folder = tempfile.mkdtemp(prefix="muster-bench-dashboards-")


def export(kind):
    path = f"{folder}/{kind}.db"
    start = time.perf_counter()
    subprocess.run([muster, "tracker", "export", sweep, path, "--to", kind, "--tracker", tracker, "--quiet"], check=True)
    print(f"export to {kind}: {time.perf_counter() - start:.1f} s, {os.path.getsize(path) / 1e6:.1f} MB", flush=True)
    return path


def up(address, seconds=180):
    end = time.time() + seconds
    while time.time() < end:
        try:
            urllib.request.urlopen(address, timeout=5).read()
            return
        except Exception:
            time.sleep(0.3)
    raise RuntimeError(f"{address} never came up")


def visit(browser, name, address, ready, limit=60_000):
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    paints, shown = [], []
    for turn in range(8):
        page, size = context.new_page(), [0]
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: size.__setitem__(0, size[0] + event["encodedDataLength"]))
        page.goto(address, wait_until="commit")
        try:
            # As a function: an expression is polled by eval, which our policy forbids.
            page.wait_for_function(f"() => {ready}", timeout=limit)
        except Exception:
            print(f"{name}: not there after {limit / 1000:.0f} s", flush=True)
            page.screenshot(path=f"{folder}/{name}.png")
            page.close()
            context.close()
            return
        there = page.evaluate("performance.now()")
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1")
        nodes = page.evaluate("document.querySelectorAll('*').length")
        if turn > 0:
            paints.append(paint)
            shown.append(there)
        else:
            first = size[0]
        page.close()
    print(f"{name}: first paint {min(paints):.0f} ms (median {statistics.median(paints):.0f}), trials shown {min(shown):.0f} ms "
          f"(median {statistics.median(shown):.0f}), {nodes} elements, {first / 1000:.0f} kB on the first visit, "
          f"{size[0] / 1000:.0f} kB on the next", flush=True)
    context.close()


mlflow_file, optuna_file = export("mlflow"), export("optuna")
port = 18900 + os.getpid() % 500
servers = {
    "muster": ([muster, "dashboard", "--tracker", tracker, "--port", str(port)], f"/sweep?name={sweep}",
               "document.documentElement.dataset.ready === 'yes' && document.querySelectorAll('.board tbody tr').length >= 20"
               " && document.querySelector('[data-part^=\"/part/curves\"]').dataset.state === 'ready'"),
    "optuna-dashboard": ([f"{here}/optuna-dashboard", f"sqlite:///{optuna_file}", "--port", str(port + 1)], "/dashboard/studies/1",
                         "document.querySelectorAll('.js-plotly-plot .main-svg, canvas').length > 0"),
    "mlflow": ([f"{here}/mlflow", "ui", "--backend-store-uri", f"sqlite:///{mlflow_file}", "--port", str(port + 2), "--workers", "1"],
               "/#/experiments/1/runs", "[...document.querySelectorAll('a, span')].some(item => /^#\\d+ (lstm|booster|linear)$/.test(item.textContent))"),
}
with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    for offset, (name, (command, path, ready)) in enumerate(servers.items()):
        log = open(f"{folder}/{name}.log", "w")
        server = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            up(f"http://127.0.0.1:{port + offset}/")
            visit(browser, name, f"http://127.0.0.1:{port + offset}{path}", ready)
        finally:
            # Only read from: nothing to end in peace.
            os.killpg(server.pid, 9)
            server.wait(20)
    browser.close()
