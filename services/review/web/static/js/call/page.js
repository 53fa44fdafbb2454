// Joins sound, talk and checklist, and gives the whole page to the keyboard.
import { Sound } from "./sound.js";
import { Talk } from "./talk.js";
import { Sheet } from "./sheet.js";
import { layMarks, Lights } from "./lanes.js";
import { tell } from "../main.js";

const RATES = [0.75, 1, 1.25, 1.5, 2, 2.5, 3];
const root = document.querySelector("main.call");
const data = JSON.parse(document.querySelector("#call-data").textContent);
const sent = sessionStorage.getItem("sheet-sent");
if (sent && !document.querySelector("[data-failed]")) localStorage.removeItem(sent);
sessionStorage.removeItem("sheet-sent");

const clock = (ms) => {
  const s = Math.floor(ms / 1000), h = Math.floor(s / 3600), m = Math.floor((s % 3600) / 60), two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
};
const token = root.querySelector("#sheet [name=csrf_token]").value;
const sheet = new Sheet(root, data);
const lights = new Lights(root);
let talk = new Talk(root, []);
let sound = null;

function take(row) {
  const quotes = sheet.quotesOf(row);
  talk.light(quotes);
  lights.show(quotes);
}
sheet.addEventListener("hand", (event) => take(event.detail));

function playEvidence(quote) {
  sound?.play(quote.start, quote.end);
}

async function loadSound() {
  if (!data.sound) return;
  const answer = await fetch(data.sound).catch(() => null);
  const loaded = answer?.ok ? await answer.json() : { words: [], peaks: null };
  talk.words = loaded.words;
  if (!data.audio) return;
  root.dataset.audio = data.audio;
  sound = new Sound(root, loaded, data);
  layMarks(root, data.marks, (mark) => { sound.play(mark.at_ms); });
  sound.addEventListener("time", () => {
    root.querySelector("#clock").textContent = `${clock(sound.at)} / ${clock(sound.duration)}`;
    talk.follow(sound.at, sound.playing);
  });
  sound.addEventListener("state", showState);
  sound.addEventListener("failed", () => tell(data.says.silent, "bad"), { once: true });
  const speed = root.querySelector("#speed");
  speed.value = String(sound.speed);
  speed.addEventListener("change", () => setSpeed(Number(speed.value)));
  root.querySelector("#play").addEventListener("click", () => sound.toggle());
  const skip = root.querySelector("#skip-silence");
  skip.checked = sound.skipping;
  skip.addEventListener("change", () => { sound.skipping = skip.checked; prefer({ silence: skip.checked ? "skip" : "keep" }); });
  root.dataset.ready = "";
}

function showState() {
  root.querySelector("#play-sign").setAttribute("d", sound.playing ? "M3 1.5h3v11H3zm5 0h3v11H8z" : "M3 1.5v11l9-5.5z");
  const play = root.querySelector("#play");
  play.dataset.play ??= play.getAttribute("aria-label");
  play.setAttribute("aria-label", sound.playing ? play.dataset.pause : play.dataset.play);
  root.querySelector("#speed").value = String(sound.speed);
}

root.addEventListener("click", (event) => {
  const quote = event.target.closest(".quote");
  if (quote) return playEvidence({ start: Number(quote.dataset.start), end: Number(quote.dataset.end) });
  const turn = event.target.closest(".turn");
  if (turn && !getSelection().toString()) {
    showUses(turn);
    const at = event.target.closest(".at") ? Number(turn.dataset.start) : talk.momentOf(event);
    sound?.play(at);
  }
});

// Which criteria lean on a line: their rows are pointed at.
function showUses(turn) {
  const index = Number(turn.id.slice(1));
  root.querySelectorAll(".turn.asked").forEach((other) => other.classList.remove("asked"));
  turn.classList.add("asked");
  for (const row of sheet.rows) row.toggleAttribute("data-uses", sheet.quotesOf(row).some((quote) => quote.turn === index));
}

root.querySelector("[role=tablist]")?.addEventListener("click", (event) => choose(event.target.closest("[role=tab]")));
root.querySelector("[role=tablist]")?.addEventListener("keydown", (event) => {
  const tabs = [...root.querySelectorAll("[role=tab]")];
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.stopPropagation();
  const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
  choose(next);
  next.focus();
});
function choose(tab) {
  if (!tab) return;
  for (const other of root.querySelectorAll("[role=tab]")) {
    const on = other === tab;
    other.setAttribute("aria-selected", String(on));
    document.getElementById(other.getAttribute("aria-controls")).classList.toggle("on", on);
  }
}
if (location.hash.startsWith("#tab-")) choose(root.querySelector(location.hash));

for (const button of root.querySelectorAll(".phone-tabs button")) {
  button.addEventListener("click", () => {
    root.querySelector(".call-body").dataset.side = button.dataset.side;
    for (const other of root.querySelectorAll(".phone-tabs button")) other.setAttribute("aria-pressed", String(other === button));
  });
}

// Speed and silence go with the person, not with the browser.
function prefer(said) {
  fetch("/preferences", { method: "POST", body: new URLSearchParams(said), headers: { "X-CSRF-Token": token, Accept: "application/json" }, keepalive: true }).catch(() => null);
}
let told = 0;
function setSpeed(rate) {
  sound.setSpeed(rate);
  clearTimeout(told);
  told = setTimeout(() => prefer({ speed: String(rate) }), 500);
}
const faster = (by) => sound && setSpeed(RATES[Math.min(Math.max(RATES.indexOf(sound.speed) + by, 0), RATES.length - 1)]);
const KEYS = {
  j: () => sheet.step(1), k: () => sheet.step(-1),
  ...Object.fromEntries([..."012345n"].map((key) => [key, () => sheet.press(key)])),
  Enter: () => sheet.confirm(), " ": () => sound?.toggle(),
  p: () => { const [first] = sheet.inHand ? sheet.quotesOf(sheet.inHand) : []; if (first) playEvidence(first); },
  ArrowLeft: () => sound?.move(-5000), ArrowRight: () => sound?.move(5000),
  "[": () => faster(-1), "]": () => faster(1),
  c: () => sheet.comment(), t: () => root.querySelector("#kind")?.focus(),
  "?": () => document.querySelector("#keys-help").showModal(),
};
// The same keys on a Russian keyboard.
const RUSSIAN = { о: "j", л: "k", т: "n", з: "p", х: "[", ъ: "]", с: "c", е: "t", ",": "," };

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    if (sheet.scoring) sheet.finish(); else document.querySelector("#next")?.click();
    return;
  }
  const typing = event.target.closest("textarea, select, input:not([type=radio], [type=checkbox])");
  if (typing) {
    if (event.key === "Escape") { typing.blur(); sheet.open(sheet.inHand ?? sheet.rows[0]); }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const key = RUSSIAN[event.key.toLowerCase()] ?? (event.key.length === 1 ? event.key.toLowerCase() : event.key);
  const pressed = event.target.closest("a, button, [role=tab]");
  if (pressed && (key === "Enter" || key === " ")) return;
  const taker = root.querySelector("#take");
  if (key === "Enter" && !sheet.scoring && taker) return taker.click();
  if (!KEYS[key]) return;
  event.preventDefault();
  KEYS[key]();
});

sheet.addEventListener("refused", (event) => {
  if (event.detail.code === "stale_version") location.reload();
});
if (data.beat) {
  const beat = () => { if (!document.hidden) fetch(data.beat, { method: "POST", headers: { "X-CSRF-Token": token, Accept: "application/json" } }).catch(() => null); };
  beat();
  setInterval(beat, 30_000);
}
// Somebody else moved this call on: said once, with the page as it is now one click away; nothing typed is lost by it.
if (data.news) {
  let told = false;
  addEventListener("otzvuk:news", async () => {
    if (told || document.hidden) return;
    const answer = await fetch(data.news, { headers: { Accept: "application/json" } }).catch(() => null);
    const now = answer?.ok ? await answer.json() : null;
    if (told || !now || now.version === Number(root.dataset.version)) return;
    told = true;
    tell(data.says.moved, "attention", { name: data.says.reload, run: () => location.reload() });
  });
}
// What was typed before a colleague was faster stays readable here.
const kept = sheet.scoring ? null : JSON.parse(localStorage.getItem(sheet.key) ?? "null");
const texts = kept ? Object.entries(kept).filter(([name, value]) => value && !name.startsWith("score.") && name !== "kind") : [];
if (texts.length) {
  const box = root.querySelector("#own-kept");
  box.hidden = false;
  box.querySelector("p").textContent = texts.map(([, value]) => value).join("\n");
}

const first = sheet.inHand;
if (first) { first.querySelector("summary").focus({ preventScroll: true }); take(first); }
loadSound();
