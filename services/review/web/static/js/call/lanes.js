// What lies over the two lanes: marks of objections and flags, and the evidence of the criterion in hand.
const SVG = "http://www.w3.org/2000/svg";

export function layMarks(root, marks, onPress) {
  const place = root.querySelector("#marks");
  const duration = Number(root.dataset.duration);
  for (const mark of marks) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = mark.kind;
    button.title = mark.label;
    button.setAttribute("aria-label", mark.label);
    button.style.left = `${(mark.at_ms * 100) / duration}%`;
    const sign = document.createElement("i");
    sign.textContent = mark.kind === "flag" ? "⚑" : "!";
    button.append(sign);
    button.addEventListener("click", () => onPress(mark));
    place.append(button);
  }
}

export class Lights {
  constructor(root) {
    this.place = root.querySelector("#lights");
    this.duration = Number(root.dataset.duration);
  }

  show(quotes) {
    if (!this.place) return;
    this.place.replaceChildren(...quotes.map(({ start, end }) => {
      const rect = document.createElementNS(SVG, "rect");
      rect.setAttribute("class", "light");
      rect.setAttribute("x", `${(start * 100) / this.duration}%`);
      rect.setAttribute("width", `${Math.max(((end - start) * 100) / this.duration, 0.3)}%`);
      rect.setAttribute("height", "100%");
      return rect;
    }));
  }
}
