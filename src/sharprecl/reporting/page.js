"use strict";

// Sorting: a header's button sorts its column, numbers from the largest and words from A; again turns it round.

function sortKey(row, index, isNumber) {
  const cell = row.cells[index];
  if (!isNumber) return cell.textContent;
  return cell.dataset.sort === "" ? null : Number(cell.dataset.sort);
}

function compareKeys(a, b, direction) {
  if (a === null || b === null) return (a === null) - (b === null); // missing ones last, either way
  if (typeof a === "number") return direction * (a - b);
  return direction * a.localeCompare(b, undefined, { numeric: true });
}

function sortTable(header) {
  const headers = [...header.parentNode.cells];
  const index = headers.indexOf(header);
  const isNumber = header.dataset.kind === "number";
  const before = header.getAttribute("aria-sort");
  const ascending = before === "none" ? !isNumber : before === "descending";
  const body = header.closest("table").tBodies[0];
  const rows = [...body.rows].map((row) => [sortKey(row, index, isNumber), row]);
  rows.sort((a, b) => compareKeys(a[0], b[0], ascending ? 1 : -1));
  body.append(...rows.map((pair) => pair[1]));
  for (const other of headers) other.setAttribute("aria-sort", "none");
  header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
}

for (const button of document.querySelectorAll("th[aria-sort] button")) {
  button.addEventListener("click", () => sortTable(button.parentNode));
}

// Figures: drawn in the colours of the reader's theme, and anew where it changes.

const dark = matchMedia("(prefers-color-scheme: dark)");
const narrow = matchMedia("(max-width: 40rem)");
const coarse = matchMedia("(pointer: coarse)");
const darkColours = JSON.parse(document.getElementById("dark-colours").textContent);
// What these keys hold is data: a class called white keeps its name.
const dataKeys = new Set(["x", "y", "z", "text", "name", "ticktext", "hovertext", "customdata", "legendgroup"]);

function recolour(value, key) {
  if (dataKeys.has(key)) return value;
  if (typeof value === "string") return Object.hasOwn(darkColours, value) ? darkColours[value] : value;
  if (Array.isArray(value)) return value.map((item) => recolour(item));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, recolour(item, name)]));
}

function drawFigure(box) {
  const stored = JSON.parse(document.getElementById(box.dataset.figure).textContent);
  const { data, layout } = dark.matches ? recolour(stored) : stored;
  layout.modebar = { color: "#737373", activecolor: "#a3a3a3", bgcolor: "rgba(0, 0, 0, 0)" };
  if (narrow.matches) {
    layout.legend = { ...layout.legend, orientation: "h", x: 0, y: 1.06, yanchor: "bottom" };
    layout.margin = { ...layout.margin, l: 48, r: 8 };
  }
  if (coarse.matches) layout.dragmode = false; // a finger on a figure scrolls the page
  const options = { responsive: true, displaylogo: false };
  if (narrow.matches) options.displayModeBar = false; // the legend is there
  Plotly.react(box, data, layout, options);
}

function drawFigures() {
  document.querySelectorAll("[data-figure]").forEach(drawFigure);
}

dark.addEventListener("change", drawFigures);
narrow.addEventListener("change", drawFigures);
drawFigures();
