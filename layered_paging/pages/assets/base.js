"use strict";
// What every script of a page uses. Text is always set as text, never as markup.

const data = JSON.parse(document.getElementById("data").textContent);

/** An element; attributes that begin with "on" are listeners, undefined ones are left out. */
function element(name, attributes = {}, ...children) {
  return furnish(document.createElement(name), attributes, children);
}

/** The same for pictures. */
function drawing(name, attributes = {}, ...children) {
  return furnish(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function furnish(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** Call act with true before the page is printed, and with false after it. */
function onPrint(act) {
  addEventListener("beforeprint", () => act(true));
  addEventListener("afterprint", () => act(false));
}

const PAPER = 700; // pixels across a sheet

/** Call draw with the width of the host, now and whenever it changes; with that of a sheet to be printed. */
function fitted(host, draw) {
  let last = 0;
  onPrint((begins) => draw(begins ? PAPER : last));
  const look = () => {
    const width = Math.floor(host.clientWidth);
    if (width && width !== last) draw((last = width));
  };
  new ResizeObserver(() => requestAnimationFrame(look)).observe(host);
  look();
}

/** About so many round numbers from 0 to most. */
function ticks(most, count) {
  const raw = Math.max(most, 1e-9) / Math.max(count, 1);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
  return Array.from({ length: Math.floor(most / step + 1e-9) + 1 }, (_, i) => i * step);
}

// What is folded on the screen is printed.
let folded = [];
onPrint((begins) => {
  if (begins) folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach((one) => { one.open = begins; });
});

/** A number from a slider that is moved by hand, arrows, or by pointing at the picture. */
function slider(label, count, start, choose) {
  const input = element("input", { type: "range", min: 0, max: count - 1, value: start, step: 1 });
  input.addEventListener("input", () => choose(Number(input.value)));
  return { input, row: element("div", { class: "controls" }, element("label", { class: "grows" }, label, input)) };
}

const grouped = (count) => count.toLocaleString("en-US");
