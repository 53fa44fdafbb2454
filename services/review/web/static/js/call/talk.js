// The dialogue: the spoken line and word are lit, a click on a word plays it, evidence is shown where it was said.
const supports = "highlights" in CSS;

export class Talk {
  constructor(root, words) {
    this.pane = root.querySelector("#said");
    this.turns = [...root.querySelectorAll(".turn")];
    this.starts = this.turns.map((turn) => Number(turn.dataset.start));
    this.words = words;
    this.current = null;
    this.follows = true;
    this.pane?.addEventListener("wheel", () => this.#letGo(), { passive: true });
    this.pane?.addEventListener("touchmove", () => this.#letGo(), { passive: true });
  }

  #letGo() {
    this.follows = false;
    clearTimeout(this.back);
    this.back = setTimeout(() => { this.follows = true; }, 4000);
  }

  // The last turn that has begun at this moment (ms), -1 before the first.
  turnAt(ms) {
    let low = 0, high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= ms) low = middle + 1; else high = middle;
    }
    return low - 1;
  }

  follow(ms, playing) {
    const index = this.turnAt(ms);
    const turn = this.turns[index] ?? null;
    if (turn !== this.current) {
      this.current?.classList.remove("now");
      turn?.classList.add("now");
      this.current = turn;
      if (turn && playing && this.follows) this.reveal(turn);
    }
    if (turn) this.#mark("spoken", turn, ...this.#wordAt(index, ms));
  }

  reveal(turn) {
    const pane = this.pane.getBoundingClientRect(), box = turn.getBoundingClientRect();
    if (box.top < pane.top + 40 || box.bottom > pane.bottom - 60) turn.scrollIntoView({ block: "center" });
  }

  #wordAt(index, ms) {
    const times = this.words[index] ?? [];
    let found = -1;
    for (let i = 0; i < times.length && times[i] <= ms; i += 1) found = i;
    return [found, found + 1];
  }

  // Words from…to of a turn as a named highlight; without the browser's support the whole line stays lit.
  #mark(name, turn, from, to) {
    if (!supports) return;
    const range = from < 0 ? null : rangeOfWords(turn.querySelector(".text"), from, to);
    if (range) CSS.highlights.set(name, new Highlight(range)); else CSS.highlights.delete(name);
  }

  light(quotes) {
    this.pane?.querySelectorAll(".lit").forEach((turn) => turn.classList.remove("lit"));
    const ranges = [];
    for (const { turn, words } of quotes) {
      const line = document.getElementById(`t${turn}`);
      if (!line) continue;
      line.classList.add("lit");
      const range = words ? rangeOfWords(line.querySelector(".text"), ...words) : null;
      if (range) ranges.push(range);
    }
    if (supports) CSS.highlights.set("evidence", new Highlight(...ranges));
    const first = quotes.length ? document.getElementById(`t${quotes[0].turn}`) : null;
    if (first) this.reveal(first);
  }

  // The moment (ms) of the word under a click, the turn's start where the words have no times.
  momentOf(event) {
    const turn = event.target.closest(".turn");
    const index = this.turns.indexOf(turn);
    const times = this.words[index] ?? [];
    const spot = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    const text = turn.querySelector(".text");
    if (!times.length || !spot || !text.contains(spot.offsetNode)) return this.starts[index];
    const before = document.createRange();
    before.setStart(text, 0);
    before.setEnd(spot.offsetNode, spot.offset);
    const head = before.toString();
    const word = (head.match(/\S+/g) ?? []).length - (/\S$/.test(head) ? 1 : 0);
    return times[Math.min(Math.max(word, 0), times.length - 1)];
  }
}

function rangeOfWords(text, from, to) {
  const whole = text.textContent;
  const found = [...whole.matchAll(/\S+/g)].slice(from, to);
  if (!found.length) return null;
  const range = document.createRange();
  const [startNode, start] = nodeAt(text, found[0].index);
  const last = found[found.length - 1];
  const [endNode, end] = nodeAt(text, last.index + last[0].length);
  range.setStart(startNode, start);
  range.setEnd(endNode, end);
  return range;
}

function nodeAt(text, offset) {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let node = walker.nextNode(), passed = 0;
  while (node && passed + node.length < offset) {
    passed += node.length;
    node = walker.nextNode();
  }
  return node ? [node, offset - passed] : [text, 0];
}
