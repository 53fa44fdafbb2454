// The checklist: one criterion in hand, scores by key, the rate as it stands, everything kept until the server has it.

export class Sheet extends EventTarget {
  constructor(root, data) {
    super();
    this.root = root;
    this.data = data;
    this.form = root.querySelector("#sheet");
    this.rows = [...root.querySelectorAll(".crit")];
    this.scoring = "scoring" in root.dataset;
    this.key = `sheet:${root.dataset.call}`;
    this.saved = root.querySelector("#saved");
    for (const row of this.rows) {
      row.addEventListener("toggle", () => { if (row.open) this.#inHand(row); });
      if (row.open) this.#inHand(row);
    }
    if (!this.scoring) return;
    this.#restore();
    this.form.addEventListener("change", (event) => this.#changed(event.target));
    this.form.addEventListener("input", (event) => { if (event.target.matches("textarea")) this.#keepSoon(); });
    root.querySelector("#kind")?.addEventListener("change", async () => {
      localStorage.setItem(this.key, JSON.stringify(this.#values()));
      await this.save();
      location.reload();
    });
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.rows.forEach((row) => this.#show(row));
    this.#weights();
  }

  // A criterion that was opened has been seen; only then may its draft be taken over.
  #inHand(row) {
    if (this.scoring && !row.querySelector("[name^='seen.']")) {
      const seen = document.createElement("input");
      Object.assign(seen, { type: "hidden", name: `seen.${row.dataset.code}`, value: "1" });
      row.append(seen);
    }
    this.dispatchEvent(new CustomEvent("hand", { detail: row }));
  }

  get inHand() { return this.rows.find((row) => row.open) ?? null; }
  get kind() { return this.root.querySelector("#kind")?.value ?? this.root.dataset.kind; }

  open(row) {
    if (!row) return;
    row.open = true;
    row.querySelector("summary").focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  step(by) {
    const index = this.rows.indexOf(this.inHand);
    this.open(this.rows[Math.min(Math.max(index + by, 0), this.rows.length - 1)]);
  }

  // The mark that a person chose in a row: a radio button, or the list of a long scale. Null when he has not.
  #chosen(row) { return row.querySelector("input[type=radio]:checked, .pick-long option:checked:not([value=''])"); }
  valueOf(row) { return this.#chosen(row)?.value ?? null; }

  // By key: the score that has this key on the scale of the criterion in hand.
  press(key) {
    const place = this.inHand?.querySelector(`[data-key="${key}"]`);
    if (place) this.score(place.querySelector("input")?.value ?? place.value);
  }

  // Gives the criterion in hand a score and goes on to the next one that is not decided.
  score(value) {
    const row = this.inHand;
    const place = row?.querySelector(`input[type=radio][value="${value}"], .pick-long option[value="${value}"]`);
    if (!this.scoring || !place) return;
    if (place.type === "radio") place.checked = true; else place.selected = true;
    this.#changed(place);
    const after = [...this.rows.slice(this.rows.indexOf(row) + 1), ...this.rows];
    const next = after.find((other) => this.valueOf(other) === null);
    if (next) this.open(next); else { row.open = false; this.root.querySelector("#finish").focus(); }
  }

  confirm() {
    const row = this.inHand;
    if (row?.dataset.proposed) this.score(row.dataset.proposed);
  }

  comment() { this.inHand?.querySelector("textarea")?.focus(); }

  quotesOf(row) {
    return [...row.querySelectorAll(".quote")].map((quote) => ({
      turn: Number(quote.dataset.turn), start: Number(quote.dataset.start), end: Number(quote.dataset.end),
      words: quote.dataset.words?.split("-").map(Number) ?? null,
    }));
  }

  #changed(input) {
    const row = input.closest(".crit");
    if (row) this.#show(row);
    this.#rate();
    this.#keepSoon();
  }

  #show(row) {
    const value = this.valueOf(row);
    row.classList.toggle("done", value !== null);
    row.querySelector(".sign").textContent = value === null ? "○" : "●";
    const mark = row.querySelector("[data-decided]");
    mark.replaceChildren();
    if (value !== null) {
      const chip = document.createElement("span");
      chip.className = `score decided ${{ 1: "s1", 0.5: "s05", 0: "s0", na: "na" }[value] ?? ""}`;
      chip.textContent = this.#chosen(row).nextElementSibling?.matches("span") ? this.#chosen(row).nextElementSibling.textContent : this.#chosen(row).textContent;
      mark.append(chip);
    }
    const done = this.rows.filter((other) => this.valueOf(other) !== null).length;
    this.root.querySelector("#progress").value = done;
    const text = this.root.querySelector("#progress-text");
    text.textContent = text.dataset.text.replace("{done}", done).replace("{all}", this.rows.length);
    for (const count of this.root.querySelectorAll("[data-progress-count]")) count.textContent = `${done}/${this.rows.length}`;
  }

  #weight(row) { return this.data.weights[row.dataset.code]?.[this.kind] ?? this.data.weights[row.dataset.code]?.[""] ?? 0; }

  #weights() {
    for (const row of this.rows) {
      const weight = row.querySelector("[data-weight]");
      weight.textContent = `×${this.#weight(row)}`;
    }
    this.#rate();
  }

  // The rate as the server will count it: what a person decided, and where he has not yet, what the draft proposes.
  #rate() {
    let points = 0, possible = 0;
    for (const row of this.rows) {
      const value = this.valueOf(row) ?? (row.dataset.proposed || null);
      if (value === null || value === "na") continue;
      points += this.#weight(row) * Number(value);
      possible += this.#weight(row);
    }
    const out = this.root.querySelector("#cqr");
    out.textContent = this.kind === "spam" || possible === 0 ? "–" : String(Math.round((100 * points) / possible));
  }

  #values() {
    const values = Object.fromEntries([...new FormData(this.form)].filter(([name]) => /^(score|comment)\.|^recommendation$/.test(name)));
    return { ...values, kind: this.kind };
  }

  #keepSoon() {
    localStorage.setItem(this.key, JSON.stringify(this.#values()));
    this.saved.textContent = this.saved.dataset.kept;
    clearTimeout(this.timer);
    if (this.data.saves) this.timer = setTimeout(() => this.save(), 600);
  }

  // One request at a time, since each one moves the version on; a later change waits for the earlier answer.
  save() {
    clearTimeout(this.timer);
    this.saving = (this.saving ?? Promise.resolve()).then(() => this.#send());
    return this.saving;
  }

  async #send() {
    const before = JSON.stringify(this.#values());
    this.saved.textContent = this.saved.dataset.saving;
    const body = new URLSearchParams(new FormData(this.form));
    const answer = await fetch(this.data.saves, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) {
      const said = await answer.json();
      this.form.elements.version.value = said.version;
      if (JSON.stringify(this.#values()) === before) this.saved.textContent = this.saved.dataset.saved;
    } else {
      this.saved.textContent = this.saved.dataset.kept;
      if (answer && answer.status < 500) this.dispatchEvent(new CustomEvent("refused", { detail: await answer.json().catch(() => ({})) }));
    }
  }

  #restore() {
    let kept = null;
    try { kept = JSON.parse(localStorage.getItem(this.key) ?? "null"); } catch { kept = null; }
    if (!kept) return;
    for (const [name, value] of Object.entries(kept)) {
      if (name === "kind") { const kind = this.root.querySelector("#kind"); if (kind && value) kind.value = value; continue; }
      if (name.startsWith("score.")) {
        const input = this.form.querySelector(`input[name="${CSS.escape(name)}"][value="${CSS.escape(value)}"]`);
        if (input) input.checked = true;
        const list = this.form.querySelector(`select[name="${CSS.escape(name)}"]`);
        if (list && value) list.value = value;
      } else {
        const field = this.form.querySelector(`textarea[name="${CSS.escape(name)}"]`);
        if (field && !field.value) field.value = value;
      }
    }
  }

  finish() { this.form.requestSubmit(this.root.querySelector("#finish")); }

  async #submit(event) {
    event.preventDefault();
    const open = this.rows.filter((row) => this.valueOf(row) === null);
    if (this.kind !== "spam" && open.length > 0) {
      this.saved.textContent = this.root.querySelector("#finish").dataset.left.replace("{n}", open.length);
      this.open(open[0]);
      return;
    }
    if (this.leaving) return;
    this.leaving = true;
    clearTimeout(this.timer);
    await this.saving;
    sessionStorage.setItem("sheet-sent", this.key);
    this.form.submit();
  }
}
