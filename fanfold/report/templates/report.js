"use strict";
// Sorts and filters the column table, and filters the cards with it. The page is complete without this.
(() => {
  const table = document.getElementById("table");
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const headings = [...table.tHead.rows[0].cells];

  const key = (row, index) => {
    const cell = row.cells[index];
    if (cell.dataset.v) return Number(cell.dataset.v);
    const text = cell.textContent.trim();
    if (text === "–") return null;
    return index === 0 ? Number(text) : text;
  };
  // Numbers before texts; what is not there stays last, whichever way the rest is sorted.
  const compare = (a, b, direction) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return direction * (typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true }));
  };
  const next = { none: "ascending", ascending: "descending", descending: "none" };
  const sort = (heading, index) => {
    const order = next[heading.getAttribute("aria-sort") || "none"];
    for (const other of headings) other.removeAttribute("aria-sort");
    if (order !== "none") heading.setAttribute("aria-sort", order);
    const direction = order === "descending" ? -1 : 1;
    const keyed = rows.map((row, place) => ({ row, place, key: order === "none" ? 0 : key(row, index) }));
    keyed.sort((a, b) => compare(a.key, b.key, direction) || a.place - b.place);
    body.append(...keyed.map((item) => item.row));
  };
  headings.forEach((heading, index) => {
    if ("unsortable" in heading.dataset) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    button.addEventListener("click", () => sort(heading, index));
    heading.append(button);
  });

  const form = document.getElementById("filter");
  const name = document.getElementById("filter-name");
  const type = document.getElementById("filter-type");
  const shown = document.getElementById("shown");
  const cards = rows.map((row) => document.querySelector(row.cells[1].querySelector("a").getAttribute("href")));
  const texts = rows.map((row) => row.cells[1].textContent.toLowerCase());
  const filter = () => {
    const wanted = name.value.trim().toLowerCase();
    let count = 0;
    rows.forEach((row, index) => {
      const fits = texts[index].includes(wanted) && (!type.value || row.cells[2].textContent === type.value);
      row.hidden = cards[index].hidden = !fits;
      count += fits;
    });
    shown.textContent = count === rows.length ? String(count) : `${count} of ${rows.length}`;
    document.getElementById("none").hidden = count > 0;
  };
  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  // An alert may point at a card that the filter hides.
  addEventListener("hashchange", () => {
    const target = document.getElementById(location.hash.slice(1));
    if (!target || !target.hidden) return;
    form.reset();
    filter();
    target.scrollIntoView();
  });
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
})();
