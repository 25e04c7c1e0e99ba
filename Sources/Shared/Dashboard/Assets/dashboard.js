// SPDX-License-Identifier: Apache-2.0
// Keeps pages alive, fetches their parts, brushes, keys. Every page works without it.
"use strict";

const live = document.getElementById("live");
const busy = new Set();

/** Parts that a person is using are left as they are. */
function inUse(part) {
  return part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")
    || part.querySelector("input:checked") !== null || part.querySelector(".range") !== null;
}

async function load(part) {
  if (busy.has(part)) return;
  busy.add(part);
  if (part.dataset.state === "waiting") part.dataset.state = "loading";
  try {
    const answer = await fetch(part.dataset.part + "&bare=1", { headers: { "Accept": "text/html" } });
    const text = await answer.text();
    const content = part.querySelector(".content");
    if (!answer.ok) throw new Error(answer.status);
    if (part.dataset.text !== text) {
      const scrolled = [...content.querySelectorAll(".scroll")].map(box => [box.scrollLeft, box.scrollTop]);
      const focused = content.contains(document.activeElement) && document.activeElement.getAttribute("href");
      const parsed = new DOMParser().parseFromString(text, "text/html");
      content.replaceChildren(...parsed.body.childNodes);
      [...content.querySelectorAll(".scroll")].forEach((box, at) => {
        if (scrolled[at]) [box.scrollLeft, box.scrollTop] = scrolled[at];
      });
      if (focused) content.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
      part.dataset.text = text;
      prepare(content);
    }
    part.dataset.state = "ready";
  } catch (error) {
    part.dataset.state = "failed";
  } finally {
    busy.delete(part);
  }
}

/** A part is fetched when it comes near the screen. */
const near = new IntersectionObserver(entries => {
  for (const entry of entries) {
    entry.target.dataset.near = entry.isIntersecting ? "yes" : "no";
    if (entry.isIntersecting && ["waiting", "failed"].includes(entry.target.dataset.state)) load(entry.target);
  }
}, { rootMargin: "300px" });

let stale = false, lastRefresh = 0;
function refresh() {
  stale = false;
  lastRefresh = Date.now();
  for (const part of document.querySelectorAll("[data-part][data-live=yes]")) {
    if (part.dataset.near === "yes" && !inUse(part)) load(part);
    else if (part.dataset.state === "ready") part.dataset.state = "waiting";
  }
}

function listen() {
  const source = new EventSource("/events");
  const say = (text, isOn) => {
    live.textContent = text;
    live.className = "live " + (isOn ? "on" : "off");
    document.documentElement.dataset.live = isOn ? "yes" : "no";
  };
  let wasOff = false;
  source.onopen = () => { say("live", true); if (wasOff) changed(); wasOff = false; };
  source.onerror = () => { say("not connected", false); wasOff = true; };
  source.addEventListener("trouble", event => say(event.data, false));
  source.addEventListener("change", () => { say("live", true); changed(); });
}

/** At most one refresh a second, and none while nobody looks. */
function changed() {
  if (stale) return;
  stale = true;
  setTimeout(function later() {
    if (document.hidden) return document.addEventListener("visibilitychange", later, { once: true });
    refresh();
  }, Math.max(0, 1000 - (Date.now() - lastRefresh)));
}

/** Drag on an axis of parallel coordinates keeps the lines that cross it there. */
function brush(chart) {
  const lines = [...chart.querySelectorAll(".line")].map(path => ({
    path, at: path.getAttribute("d").slice(1).split("L").map(point => Number(point.split(" ")[1]))
  }));
  const ranges = new Map(), output = chart.parentElement.querySelector("output");
  const height = event => {
    const point = chart.createSVGPoint();
    point.x = event.clientX; point.y = event.clientY;
    return point.matrixTransform(chart.getScreenCTM().inverse()).y;
  };
  const apply = () => {
    let kept = 0;
    for (const line of lines) {
      const isIn = [...ranges].every(([axis, [low, high]]) => line.at[axis] >= low && line.at[axis] <= high);
      line.path.classList.toggle("out", !isIn);
      if (isIn) kept += 1;
    }
    if (output) output.textContent = ranges.size ? `${kept} of ${lines.length} trials` : `${lines.length} trials`;
  };
  for (const axis of chart.querySelectorAll(".brush")) {
    const index = Number(axis.dataset.axis);
    let start = null, mark = null;
    axis.addEventListener("pointerdown", event => {
      axis.setPointerCapture(event.pointerId);
      start = height(event);
      chart.querySelector(`[data-range="${index}"]`)?.remove();
      ranges.delete(index);
      mark = document.createElementNS("http://www.w3.org/2000/svg", "rect");
      for (const [name, value] of [["class", "range"], ["data-range", index], ["x", Number(axis.dataset.x) - 8], ["width", 16]])
        mark.setAttribute(name, value);
      chart.append(mark);
      apply();
    });
    axis.addEventListener("pointermove", event => {
      if (start === null) return;
      const now = height(event), [low, high] = [Math.min(start, now), Math.max(start, now)];
      mark.setAttribute("y", low);
      mark.setAttribute("height", Math.max(high - low, 1));
      ranges.set(index, [low, high]);
      apply();
    });
    axis.addEventListener("pointerup", event => {
      if (start !== null && Math.abs(height(event) - start) < 3) { mark.remove(); ranges.delete(index); apply(); }
      start = null;
    });
  }
  chart.addEventListener("click", event => {
    const path = event.target.closest("[data-link]");
    if (path) location.href = path.dataset.link;
  });
}

function prepare(root) {
  for (const chart of root.querySelectorAll("svg.parallel")) brush(chart);
  for (const form of root.querySelectorAll("form[data-choice=part]")) {
    form.querySelector("button").hidden = true;
    form.addEventListener("change", () => {
      const part = form.closest("[data-part]");
      if (!part) return form.requestSubmit();
      const address = new URL(part.dataset.part, location.href);
      address.searchParams.set("metric", form.querySelector("select").value);
      part.dataset.part = address.pathname + address.search;
      load(part);
    });
  }
}

/** Queries that were saved in this browser. */
function ownQueries(box) {
  const read = () => { try { return JSON.parse(localStorage.getItem("muster_queries")) || []; } catch { return []; } };
  const draw = () => {
    box.querySelectorAll("span").forEach(item => item.remove());
    for (const [name, sql] of read()) {
      const item = document.createElement("span"), link = document.createElement("a"), away = document.createElement("button");
      link.textContent = name;
      link.href = "/sql?q=" + encodeURIComponent(sql);
      away.type = "button";
      away.textContent = "×";
      away.setAttribute("aria-label", "Forget " + name);
      away.addEventListener("click", () => keep(read().filter(query => query[0] !== name)));
      item.append(link, away);
      box.append(item);
    }
  };
  const keep = all => { localStorage.setItem("muster_queries", JSON.stringify(all.slice(-40))); draw(); };
  box.querySelector("[data-action=save]").addEventListener("click", () => {
    const sql = document.getElementById("q").value.trim(), name = sql && prompt("Name of the query", sql.slice(0, 40));
    if (name) keep([...read().filter(query => query[0] !== name), [name.slice(0, 60), sql]]);
  });
  box.hidden = false;
  draw();
}

function chooseTheme() {
  const isDark = document.documentElement.dataset.theme
    ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  const theme = isDark ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  document.cookie = `muster_theme=${theme}; path=/; max-age=31536000; SameSite=Strict`;
}

const keys = [["s", "Sweeps"], ["w", "Workers"], ["d", "Data sets"], ["q", "SQL"], ["j / k", "next, previous row"],
  ["[ / ]", "previous, next page or trial"], ["t", "dark or light"], ["?", "these keys"]];

function help() {
  let dialog = document.querySelector("dialog");
  if (!dialog) {
    dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Keys");
    const list = document.createElement("table");
    for (const [key, does] of keys) {
      const row = list.insertRow(), mark = document.createElement("kbd");
      mark.textContent = key;
      row.insertCell().append(mark);
      row.insertCell().textContent = does;
    }
    const close = document.createElement("button");
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    dialog.append(list, close);
    document.body.append(dialog);
  }
  if (!dialog.open) dialog.showModal();
}

function step(by) {
  const links = [...document.querySelectorAll("tbody th a")];
  if (!links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(Math.max(at + by, 0), links.length - 1)].focus();
}

document.addEventListener("keydown", event => {
  if (event.target.matches("textarea") && event.ctrlKey && event.key === "Enter") return event.target.form.requestSubmit();
  if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  const page = document.querySelector(`nav [data-key="${CSS.escape(event.key)}"]`);
  if (page) location.href = page.href;
  else if (event.key === "t") chooseTheme();
  else if (event.key === "?") help();
  else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  else if (event.key === "[" || event.key === "]") document.querySelector(`a[rel=${event.key === "[" ? "prev" : "next"}]`)?.click();
});
document.addEventListener("click", event => {
  const action = event.target.closest("[data-action]")?.dataset.action;
  if (action === "theme") chooseTheme();
  if (action === "help") help();
});

prepare(document);
document.querySelectorAll("[data-saved]").forEach(ownQueries);
for (const part of document.querySelectorAll("[data-part]")) near.observe(part);
listen();
document.documentElement.dataset.ready = "yes";
