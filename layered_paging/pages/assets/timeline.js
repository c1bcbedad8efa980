// Tokens from left to right, layers from top to bottom: the darker a cell, the larger the share of its requests that were such misses.
(() => {
  const line = data.timeline;
  const { layers, step, tokens } = line;
  const columns = line.requests.length / layers;
  const kinds = [["misses", "all misses"], ["compulsory", "first uses"], ["capacity", "capacity"], ["policy", "policy"]];
  const host = document.getElementById("timeline");
  const SMALLEST = 4; // columns in view
  let kind = "misses";
  let [from, to] = [0, columns];
  let [column, layer] = [0, 0];
  let image;

  const canvas = element("canvas", {
    tabindex: 0, role: "application", "aria-roledescription": "map of tokens and layers", "aria-describedby": "timeline-keys",
    "aria-label": `Misses of ${data.policy}, ${tokens} tokens by ${layers} layers`,
  });
  const reading = element("output", { id: "timeline-reading" });
  const range = element("span");
  const choice = element("select", { onchange: () => { kind = choice.value; prepare(); draw(); } },
    ...kinds.map(([value, words]) => element("option", { value }, words)));
  const scale = element("canvas", { width: 128, height: 16, "aria-hidden": "true" });
  const button = (words, act) => element("button", { type: "button", onclick: act }, words);
  host.append(
    element("div", { class: "controls" },
      element("label", {}, "show", choice),
      button("zoom in", () => zoom(0.5)), button("zoom out", () => zoom(2)),
      button("← earlier", () => pan(-0.5)), button("later →", () => pan(0.5)), button("all", () => view(0, columns)),
      element("span", { class: "scale" }, "no request of a cell", scale, "all of them")),
    canvas, element("div", { class: "controls" }, range), reading,
    element("p", { class: "hint" }, `One column is ${step === 1 ? "one token" : `${step} tokens`}, a row is a layer, from 0 at the top. `
      + "A striped cell has fewer misses than OPT: the policy hit where OPT missed."),
    element("p", { class: "hint keys", id: "timeline-keys" },
      "Wheel or + and − zoom, dragging or page up and page down move, 0 shows all; point at a cell or use the arrows to read it."));

  let printed = false;
  const colours = () => {
    if (printed) return { paper: "#ffffff", ink: "#000000", gain: "#000000", focus: "#000000" };
    const style = getComputedStyle(document.documentElement);
    return Object.fromEntries(["paper", "ink", "gain", "focus"].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  };
  const parse = (hex) => [1, 3, 5].map((i) => parseInt(hex.length === 4 ? hex[(i + 1) / 2].repeat(2) : hex.slice(i, i + 2), 16));
  const share = (index) => (line.requests[index] ? line[kind][index] / line.requests[index] : 0);

  /** One pixel for each cell, once for each kind. */
  function prepare() {
    image = image || element("canvas", { width: columns, height: layers });
    const context = image.getContext("2d");
    const pixels = context.createImageData(columns, layers);
    const { paper, ink, gain } = colours();
    const [light, dark, below] = [paper, ink, gain].map(parse);
    for (let i = 0; i < columns * layers; i++) {
      const part = share(i);
      const target = part < 0 ? below : dark;
      const weight = Math.min(1, Math.abs(part));
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = Math.round(light[c] + (target[c] - light[c]) * weight);
      pixels.data[4 * i + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
    const sample = scale.getContext("2d");
    const gradient = sample.createLinearGradient(0, 0, 128, 0);
    gradient.addColorStop(0, paper);
    gradient.addColorStop(1, ink);
    sample.fillStyle = gradient;
    sample.fillRect(0, 0, 128, 16);
  }

  function draw() {
    const sharp = window.devicePixelRatio || 1;
    const width = printed ? PAPER : canvas.clientWidth;
    const height = Math.max(120, Math.min(640, layers * Math.max(4, Math.min(20, 480 / layers))));
    canvas.style.setProperty("height", `${height}px`);
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    const context = canvas.getContext("2d");
    context.scale(sharp, sharp);
    const [w, h] = [width / (to - from), height / layers];
    context.imageSmoothingEnabled = w < 1;
    context.drawImage(image, from, 0, to - from, layers, 0, 0, width, height);
    const { ink, focus, paper, gain } = colours();
    const numbers = w >= 22 && h >= 12;
    for (let c = Math.floor(from); c < Math.min(columns, Math.ceil(to)) && w >= 6; c++) {
      for (let l = 0; l < layers; l++) {
        const index = l * columns + c;
        const part = share(index);
        if (part < 0) stripe(context, (c - from) * w, l * h, w, h, gain);
        if (!numbers || !line.requests[index]) continue;
        context.fillStyle = part > 0.5 ? paper : ink;
        context.font = `${Math.min(13, h - 1)}px sans-serif`;
        context.textAlign = "center";
        context.textBaseline = "middle";
        context.fillText(line[kind][index], (c - from + 0.5) * w, (l + 0.5) * h);
      }
    }
    context.strokeStyle = focus;
    context.lineWidth = 2;
    context.strokeRect((column - from) * w - 1, layer * h - 1, Math.max(w, 3) + 2, Math.max(h, 3) + 2);
    const last = Math.min(tokens, Math.ceil(to) * step) - 1;
    const shown = kinds.find(([value]) => value === kind)[1];
    range.textContent = `${shown}, tokens ${grouped(Math.floor(from) * step)} to ${grouped(last)} of ${grouped(tokens)}`;
  }

  function stripe(context, x, y, w, h, colour) {
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.beginPath();
    for (let i = 1; i < 4; i++) { context.moveTo(x + (w * i) / 4, y); context.lineTo(x + (w * i) / 4, y + h); }
    context.stroke();
  }

  function read() {
    const index = layer * columns + column;
    const first = column * step;
    const last = Math.min(tokens, first + step) - 1;
    const where = `${first === last ? `token ${grouped(first)}` : `tokens ${grouped(first)} to ${grouped(last)}`}, layer ${layer}`;
    reading.value = `${where}: ${grouped(line.requests[index])} requests, ${grouped(line.misses[index])} misses: `
      + `${grouped(line.compulsory[index])} first uses, ${grouped(line.capacity[index])} capacity, ${grouped(line.policy[index])} policy`;
  }

  function choose(toColumn, toLayer) {
    column = Math.max(0, Math.min(columns - 1, toColumn));
    layer = Math.max(0, Math.min(layers - 1, toLayer));
    if (column < from) view(column, column + (to - from));
    else if (column >= to) view(column + 1 - (to - from), column + 1);
    read();
    draw();
  }

  function view(start, end) {
    const wide = Math.max(Math.min(SMALLEST, columns), Math.min(columns, end - start));
    from = Math.max(0, Math.min(columns - wide, start));
    to = from + wide;
    draw();
  }

  function zoom(factor, around = column + 0.5) {
    const centre = Math.max(from, Math.min(to, around));
    view(centre - (centre - from) * factor, centre + (to - centre) * factor);
  }

  const pan = (part) => view(from + part * (to - from), to + part * (to - from));
  const columnAt = (event) => from + (event.offsetX / canvas.clientWidth) * (to - from);

  const keys = {
    ArrowLeft: () => choose(column - 1, layer), ArrowRight: () => choose(column + 1, layer),
    ArrowUp: () => choose(column, layer - 1), ArrowDown: () => choose(column, layer + 1),
    Home: () => choose(0, layer), End: () => choose(columns - 1, layer),
    PageUp: () => pan(-0.5), PageDown: () => pan(0.5),
    "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), 0: () => view(0, columns),
  };
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.25 : 0.8, columnAt(event));
  }, { passive: false });
  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.offsetX, from, wide: to - from };
    canvas.setPointerCapture(event.pointerId);
    point(event);
  });
  canvas.addEventListener("pointerup", () => { held = null; });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return point(event);
    const start = held.from - ((event.offsetX - held.x) / canvas.clientWidth) * held.wide;
    view(start, start + held.wide);
  });
  const point = (event) => choose(Math.floor(columnAt(event)), Math.floor((event.offsetY / canvas.clientHeight) * layers));

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { prepare(); draw(); });
  onPrint((begins) => { printed = begins; prepare(); }); // before fitted, which draws
  prepare();
  fitted(host, draw);
  read();
})();
