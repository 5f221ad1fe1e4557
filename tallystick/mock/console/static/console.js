// What the page does beyond links and forms; all of it works without, but for copying.
"use strict";
document.documentElement.classList.add("scripted");

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const text = button.parentElement.querySelector("pre").textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(button.parentElement.querySelector("pre"));
    button.textContent = "Press Ctrl-C";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 2000);
});

// A key that leads to a field, as long as nobody types.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  const field = document.querySelector(`[data-shortcut="${CSS.escape(event.key)}"]`);
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// What is wrong leads to its line in the editor.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-line]");
  const editor = link && document.querySelector(link.hash);
  if (!editor) return;
  event.preventDefault();
  const lines = editor.value.split("\n");
  const number = Math.min(Number(link.dataset.line), lines.length);
  const start = lines.slice(0, number - 1).reduce((sum, line) => sum + line.length + 1, 0);
  editor.focus();
  editor.setSelectionRange(start, start + lines[number - 1].length);
  editor.scrollTop = (number - 4) * parseFloat(getComputedStyle(editor).lineHeight);
});

// A file that is chosen is put where its form says, as it is.
document.addEventListener("change", async (event) => {
  const form = event.target.closest("[data-put]");
  const file = form && event.target.files[0];
  if (!file) return;
  const wrong = document.getElementById("put-wrong");
  try {
    const reply = await fetch(form.dataset.put, { method: "PUT", headers: { "Content-Type": "application/json" }, body: file });
    if (reply.ok) return location.reload();
    wrong.textContent = (await reply.json()).detail;
  } catch {
    wrong.textContent = "The mock has not answered; is it running?";
  }
  wrong.hidden = false;
  form.reset();
});

// The journal: new exchanges come as rows that the mock has made, and the table keeps the newest of them.
const MOST_ROWS = 300;
let source = null;
let paused = false;
let newest = ""; // the id of the newest row that came live; "" where that is one that the table began with

function stop() {
  source?.close();
  source = null;
}

function follow() {
  stop();
  const found = document.getElementById("found");
  const live = document.getElementById("live");
  if (!live) return;
  const events = found && found.dataset.events;
  live.hidden = !events;
  if (!events || paused) return;
  const url = new URL(events, location);
  if (newest) url.searchParams.set("after", newest);
  source = new EventSource(url);
  source.onopen = () => say("live");
  source.onerror = () => say("no connection");
  source.addEventListener("rows", (event) => {
    newest = event.lastEventId;
    add(event.data);
  });
}

function say(state) {
  const text = document.getElementById("live-state");
  text.textContent = state;
  text.parentElement.dataset.state = state;
}

function add(html) {
  const rows = document.getElementById("rows");
  const before = rows.children.length;
  rows.insertAdjacentHTML("afterbegin", html);
  const count = rows.children.length - before;
  for (const row of [...rows.children].slice(0, count)) row.classList.add("fresh");
  const chosen = (row) => row.querySelector("input:checked");
  while (rows.children.length > MOST_ROWS && !chosen(rows.lastElementChild)) rows.lastElementChild.remove();
  document.getElementById("empty")?.remove();
  rows.closest("table").hidden = false;
  const path = rows.querySelector(".target").textContent.trim();
  document.getElementById("news").textContent = count === 1 ? `New exchange: ${path}` : `${count} new exchanges`;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("#pause");
  if (!button) return;
  paused = !paused;
  button.textContent = paused ? "Go on" : "Pause";
  if (paused) {
    say("paused");
    follow();
  } else {
    catchUp();
  }
});

// Ask for the table as it is now; then it is followed. Rows that are chosen stay: a second one may be on its way.
function catchUp() {
  if (document.querySelector("#rows input:checked")) return follow();
  const isLive = document.getElementById("found")?.dataset.events;
  if (isLive && !paused) htmx.trigger(document.querySelector("form.filter"), "submit");
}

// A browser has six connections for a mock: a page that nobody sees gives back its own.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    if (!source) catchUp();
  } else {
    stop();
  }
});
addEventListener("pagehide", stop);
addEventListener("pageshow", (event) => { if (event.persisted) catchUp(); });
// What the former filter wants has no place in the new table, whose attributes are there once it has settled.
document.addEventListener("htmx:afterSwap", () => {
  newest = "";
  stop();
});
document.addEventListener("htmx:afterSettle", follow);
follow();
