// Draws each chart from its own table: the first column is the time (seconds), the next the values; a point leads to its calls.
const colour = (name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
};

function draw(place) {
  const rows = [...document.querySelectorAll(`#table-${place.dataset.chart} tbody tr`)];
  if (rows.length < 2 || !window.uPlot) { place.hidden = true; return; }
  const xs = rows.map((row) => Number(row.dataset.x));
  const numbers = (at) => rows.map((row) => { const text = row.querySelectorAll("td")[at]?.dataset.value ?? ""; return text === "" ? null : Number(text); });
  const [mean, margin] = [numbers(0), numbers(1)];
  const low = mean.map((value, i) => (value === null || margin[i] === null ? null : value - margin[i]));
  const high = mean.map((value, i) => (value === null || margin[i] === null ? null : value + margin[i]));
  const step = (xs[xs.length - 1] - xs[0]) / (xs.length - 1);
  const ink = colour("--quiet"), line = colour("--line"), accent = colour("--accent"), soft = colour("--accent-soft");
  const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: "12px sans-serif" };
  const label = (seconds) => rows[xs.indexOf(seconds)]?.querySelector("th").textContent ?? "";
  const chart = new window.uPlot({
    width: place.clientWidth, height: place.clientHeight, legend: { show: false }, padding: [12, 16, 0, 0],
    cursor: { points: { size: 8 }, y: false },
    scales: { x: { time: false, range: [xs[0] - step / 2, xs[xs.length - 1] + step / 2] }, y: { range: [Number(place.dataset.low), Number(place.dataset.high)] } },
    axes: [{ ...axis, grid: { show: false }, splits: () => xs, values: (_, splits) => splits.map(label), size: 28, gap: 6 }, { ...axis, size: 36 }],
    bands: [{ series: [1, 2], fill: soft }],
    series: [{}, { stroke: "transparent", points: { show: false } }, { stroke: "transparent", points: { show: false } }, { stroke: accent, width: 2, points: { show: true, size: 7, fill: accent } }],
  }, [xs, high, low, mean], place);
  place.addEventListener("click", () => {
    const href = rows[chart.cursor.idx ?? -1]?.dataset.href;
    if (href) location.assign(href);
  });
  new ResizeObserver(() => chart.setSize({ width: place.clientWidth, height: place.clientHeight })).observe(place);
}
document.querySelectorAll("[data-chart]").forEach(draw);
