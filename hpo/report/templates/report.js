"use strict";
// Marks of the plots are links to rows of the table of all trials. Pointing at one shows its row, and all its other marks.
(() => {
  const tip = document.getElementById("tip");
  const trials = document.getElementById("trials");
  if (!trials) return;
  const headings = [...trials.querySelectorAll("th")].map((cell) => cell.textContent);
  const marks = new Map();
  for (const mark of document.querySelectorAll("figure svg a")) {
    const trial = mark.getAttribute("xlink:href").slice(1);
    marks.set(trial, [...(marks.get(trial) || []), mark]);
  }
  let shown = null;

  function described(trial) {
    const cells = [...document.getElementById(trial).cells].map((cell) => cell.textContent);
    return headings.map((name, place) => [name, cells[place]]).filter(([, text]) => text).map((pair) => pair.join(" ")).join("\n");
  }

  function show(trial, x, y) {
    if (trial !== shown) {
      for (const mark of marks.get(shown) || []) mark.classList.remove("same");
      for (const mark of marks.get(trial) || []) mark.classList.add("same");
      if (trial) tip.textContent = described(trial);
      shown = trial;
    }
    tip.hidden = !trial;
    if (!trial) return;
    const left = Math.min(x + 14, innerWidth - tip.offsetWidth - 8);
    const below = y + 14 + tip.offsetHeight < innerHeight;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${below ? y + 14 : Math.max(4, y - tip.offsetHeight - 14)}px`;
  }

  function pointed(event) {
    const mark = event.target.closest && event.target.closest("figure svg a");
    show(mark ? mark.getAttribute("xlink:href").slice(1) : null, event.clientX, event.clientY);
  }

  function open() {
    if (location.hash.startsWith("#trial-")) {
      trials.open = true;
      const row = document.getElementById(location.hash.slice(1));
      if (row) row.scrollIntoView({ block: "center" });
    }
  }

  addEventListener("pointermove", pointed);
  addEventListener("pointerdown", pointed);
  addEventListener("scroll", () => show(null, 0, 0), { passive: true });
  addEventListener("hashchange", open);
  open();
})();
