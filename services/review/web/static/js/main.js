// What every page has: dialogs, text that is never lost, times that count down, live news, requests that carry the token.
const words = document.querySelector("#words");

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const chooser = event.target.closest("[data-chooses]");
  if (chooser) {
    for (const box of document.querySelectorAll(`input[name="${chooser.dataset.chooses}"]`)) box.checked = chooser.checked;
    sayChosen(chooser.form);
  }
});

// How many rows of a list are chosen, in the words the server gave.
const chosenIn = (form) => form.querySelectorAll("td input[type=checkbox]:checked").length;
function sayChosen(form) {
  const place = form?.querySelector("[data-chosen]");
  const n = place ? chosenIn(form) : 0;
  if (place) place.textContent = n ? place.dataset.chosen.replace("{n}", n) : "";
}
document.addEventListener("change", (event) => { if (event.target.matches("td input[type=checkbox]")) sayChosen(event.target.form); });

// What cannot be undone is asked about once more; `{n}` in the question is the number of chosen rows.
let agreed = null;
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.dataset.confirms || event.target === agreed) { agreed = null; return; }
  event.preventDefault();
  const dialog = document.querySelector("#asks").content.cloneNode(true).firstElementChild;
  document.body.append(dialog);
  dialog.querySelector("p").textContent = button.dataset.confirms.replace("{n}", chosenIn(event.target));
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (dialog.returnValue !== "yes") return;
    agreed = event.target;
    agreed.requestSubmit(button);
  });
  dialog.showModal();
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return walkList(event);
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
// Lists by keyboard: / searches, j and k go from row to row (о and л on a Russian keyboard), x chooses the row.
function walkList(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog, main.call")) return;
  const rows = [...document.querySelectorAll("td.main a")];
  const row = document.activeElement.closest("tr");
  const step = { j: 1, "о": 1, k: -1, "л": -1 }[event.key];
  if (event.key === "/" && document.querySelector("#q")) document.querySelector("#q").focus();
  else if (step && rows.length) rows[Math.max(0, Math.min(rows.indexOf(row?.querySelector("td.main a")) + step, rows.length - 1))].focus();
  else if ((event.key === "x" || event.key === "ч") && row?.querySelector("td input")) row.querySelector("td input").click();
  else return;
  event.preventDefault();
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});

// Text in a form marked data-keeps stays in this browser until the form has been sent.
function keepTexts(form) {
  const key = `kept:${form.dataset.keeps}`;
  const fields = form.querySelectorAll("textarea, input[type=text]");
  let kept = {};
  try { kept = JSON.parse(localStorage.getItem(key) ?? "{}"); } catch { kept = {}; }
  for (const field of fields) {
    if (!field.value && kept[field.name]) field.value = kept[field.name];
    field.addEventListener("input", () => {
      kept[field.name] = field.value;
      localStorage.setItem(key, JSON.stringify(kept));
    });
  }
  form.addEventListener("submit", () => sessionStorage.setItem("sent", key));
}
if (sessionStorage.getItem("sent") && !document.querySelector("[data-failed]")) {
  localStorage.removeItem(sessionStorage.getItem("sent"));
}
sessionStorage.removeItem("sent");
document.querySelectorAll("form[data-keeps]").forEach(keepTexts);

// One sentence at the foot of the page; the same place where the server's own sentences stand.
export function tell(text, tone = "good", action = null) {
  const note = document.createElement("p");
  note.className = `note ${tone}`;
  note.textContent = text;
  if (action) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = action.name;
    button.addEventListener("click", () => { note.remove(); action.run(); });
    note.append(" ", button);
  }
  document.querySelector("#flash")?.append(note);
  if (!action) setTimeout(() => note.remove(), 8000);
}
setTimeout(() => document.querySelectorAll("#flash .note").forEach((note) => note.remove()), 8000);

// What is left of a time, told anew every half minute in the words the server gave.
const [days, hours, minutes, moment] = document.body.dataset.units?.split("|") ?? [];
function tellLeft() {
  for (const place of document.querySelectorAll("[data-until]")) {
    const all = Math.max(0, Math.floor((new Date(place.dataset.until) - Date.now()) / 60_000));
    const parts = [[days, Math.floor(all / 1440)], [hours, Math.floor((all % 1440) / 60)], [minutes, all % 60]];
    const said = parts.filter(([, n]) => n > 0).slice(0, 2).map(([unit, n]) => unit.replace("{n}", n)).join(" ") || moment;
    place.textContent = place.dataset.text.replace("{left}", said);
  }
}
if (document.querySelector("[data-until]")) setInterval(tellLeft, 30_000);

// News from the server: what is marked data-live-target is asked for again by htmx when a call changes. Only a page that
// is looked at listens, since a browser opens six lines to a server and the player needs one of them.
const live = document.body.dataset.live;
let source = null, waiting = 0;
function spreadNews() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    dispatchEvent(new Event("otzvuk:news"));
    for (const target of document.querySelectorAll("[data-live-target]:not(:has(td input:checked))")) window.htmx?.trigger(target, "news");
  }, 400);
}
function listen() {
  source?.close();
  source = document.hidden ? null : new EventSource(live);
  source?.addEventListener("change", spreadNews);
}
if (live && document.querySelector("[data-live-target], main.call")) {
  listen();
  addEventListener("pagehide", () => source?.close());
  document.addEventListener("visibilitychange", () => { listen(); if (!document.hidden) spreadNews(); });
}

// Tables marked data-sorts hold all their rows: a click on a head sorts them by that column, another one turns it round.
const amount = (cell) => {
  const text = cell.dataset.value ?? cell.querySelector("time")?.dateTime ?? cell.textContent.trim();
  const number = Number.parseFloat(text.replace(/\s/g, "").replace(",", "."));
  return /^[≈+−-]?\s*[\d(]/.test(text) && !cell.querySelector("time") && !Number.isNaN(number) ? number : text.toLowerCase();
};
function sortBy(table, head) {
  const at = [...head.parentNode.children].indexOf(head);
  const down = head.getAttribute("aria-sort") === "ascending";
  for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const rows = [...table.tBodies[0].rows].map((row) => [amount(row.cells[at]), row]);
  rows.sort(([a], [b]) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1) * (down ? -1 : 1));
  table.tBodies[0].append(...rows.map(([, row]) => row));
}
for (const table of document.querySelectorAll("table[data-sorts]")) {
  for (const head of table.tHead.rows[0].cells) {
    if (!head.textContent.trim()) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sorter";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => sortBy(table, head));
  }
}

export { words };
