# SPDX-License-Identifier: Apache-2.0
"""The dashboard in chromium: check.py ADDRESS TRACKER. Each rule that fails is a line; exit code 1 where one did."""
import sqlite3
import sys
from playwright.sync_api import sync_playwright

address, tracker = sys.argv[1], sys.argv[2]
PAGES = ["/", "/sweep?name=readmission", "/trial?sweep=readmission&trial=2", "/workers", "/datasets", "/sql?q=SELECT+1+AS+a,2+AS+b",
         "/compare?trial=readmission%232&trial=readmission%235"]
faults = []


def check(is_so, what):
    if not is_so:
        faults.append(what)


def watched(page, messages):
    page.on("console", lambda message: messages.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: check(request.url.startswith((address, "data:")), f"asks {request.url}"))


def whole(page):
    """Down the page until every part is there, and up again."""
    waiting = "[data-part]:not([data-state=ready])"
    for _ in range(300):
        if page.locator(waiting).count() == 0:
            break
        page.evaluate("selector => document.querySelector(selector)?.scrollIntoView()", waiting)
        page.wait_for_timeout(50)
    check(page.locator(waiting).count() == 0, f"{page.url}: a part never came")
    page.evaluate("scrollTo(0, 0)")


def looks(browser):
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        print("axe: not run, axe-playwright-python is missing")
        Axe = None
    for theme in ("light", "dark"):
        for width in (1400, 390):
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=False)
            for path in PAGES:
                page, messages = context.new_page(), []
                watched(page, messages)
                page.goto(address + path, wait_until="load")
                page.wait_for_function("document.documentElement.dataset.ready === 'yes'")
                whole(page)
                where = f"{path} {theme} {width}"
                check(not messages, f"{where}: console: {messages}")
                check(page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{where}: wider than the screen")
                check(page.locator("h1").count() == 1, f"{where}: expected one h1")
                check(page.evaluate("document.querySelectorAll('*').length") < 6000, f"{where}: too many elements")
                page.close()
            context.close()
        if Axe:
            # axe is put into the page by script, which the policy forbids to anyone but the page.
            context = browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme=theme, bypass_csp=True)
            for path in PAGES:
                page = context.new_page()
                page.goto(address + path, wait_until="load")
                whole(page)
                for found in Axe().run(page).response["violations"]:
                    if found["impact"] in ("serious", "critical"):
                        nodes = [node["html"][:120] for node in found["nodes"][:2]]
                        faults.append(f"axe {path} {theme}: {found['id']}: {nodes}")
                page.close()
            context.close()


def alive(browser):
    """A commit shows without a reload."""
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.goto(address + "/sweep?name=readmission", wait_until="load")
    page.wait_for_function("document.documentElement.dataset.live === 'yes'")
    page.wait_for_timeout(1500)
    with sqlite3.connect(tracker) as writer:
        failed = writer.execute("SELECT count(*) FROM trial WHERE sweep_id = 1 AND state = 'failed'").fetchone()[0] + 1
        writer.execute("UPDATE trial SET state = 'failed' WHERE sweep_id = 1 AND state = 'completed' AND number = 5")
        writer.execute("UPDATE sweep_total SET failed = failed + 1, completed = completed - 1 WHERE sweep_id = 1")
    try:
        page.wait_for_function(
            "text => document.querySelector('[data-part^=\"/part/head\"]').textContent.includes(text)", arg=f"{failed} failed",
            timeout=15000)
    except Exception:
        faults.append(f"a commit did not show: {page.locator('.facts').first.inner_text()}")


def keys(browser):
    page = browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme="light").new_page()
    page.goto(address + "/sweep?name=readmission", wait_until="load")
    page.keyboard.press("j")
    check(page.evaluate("document.activeElement.matches('tbody th a')"), "j: no row has the focus")
    page.keyboard.press("t")
    check(page.evaluate("document.documentElement.dataset.theme") == "dark", "t: not dark")
    page.reload()
    check(page.evaluate("document.documentElement.dataset.theme") == "dark", "the theme is forgotten")
    page.keyboard.press("?")
    check(page.locator("dialog[open]").count() == 1, "?: no help")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.wait_for_url("**/workers")


def brush(browser):
    """Lines outside a range fade, and the count says how many are left."""
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.goto(address + "/sweep?name=readmission", wait_until="load")
    whole(page)
    chart = page.locator("svg.parallel")
    chart.scroll_into_view_if_needed()
    axis = chart.locator(".brush").last
    box = axis.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 4)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.3, steps=5)
    page.mouse.up()
    out, every = chart.locator(".line.out").count(), chart.locator(".line").count()
    check(0 < out < every, f"brush: {out} of {every} lines are out")
    check(f"of {every} trials" in page.locator("output").inner_text(), "brush: the count does not say so")


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
    looks(browser)
    keys(browser)
    brush(browser)
    alive(browser)
    browser.close()
for fault in faults:
    print(fault)
sys.exit(1 if faults else 0)
