// Misses of each layer by kind, stacked: first uses below, then capacity, then policy. A policy that hits where OPT misses has a
// negative last part: it is outlined downwards from the top.
(() => {
  const { layers, policy } = data;
  const kinds = [["compulsory", "first use"], ["capacity", "capacity: OPT misses too"], ["policy", "policy: OPT would have hit"]];
  const host = document.getElementById("layers");
  const picture = element("div");
  const reading = element("output");
  const control = slider("layer", layers.length, 0, choose);
  const legend = element("ul", { class: "legend" }, ...kinds.map(([kind, words]) => element("li", {},
    drawing("svg", { viewBox: "0 0 40 16", "aria-hidden": "true" }, ...bar(kind, 1, 1, 38, 14)), element("span", {}, words))));
  if (layers.some((layer) => layer.policy < 0)) legend.append(element("li", {},
    drawing("svg", { viewBox: "0 0 40 16", "aria-hidden": "true" }, drawing("rect", { class: "part-gain", x: 2, y: 2, width: 36, height: 12 })),
    element("span", {}, "fewer misses than OPT here")));
  let here = 0;
  let place = () => {};
  host.append(picture, control.row, reading, legend);
  fitted(picture, draw);

  function bar(kind, x, y, width, height) {
    const made = [drawing("rect", { class: `part-${kind}`, x, y, width, height })];
    if (kind === "capacity") made.push(drawing("rect", { fill: "url(#hatched)", x, y, width, height }));
    return made;
  }

  function choose(index) {
    here = Math.max(0, Math.min(layers.length - 1, index));
    control.input.value = here;
    const layer = layers[here];
    reading.value = `layer ${layer.layer}: ${grouped(layer.misses)} misses: ${grouped(layer.compulsory)} first uses, `
      + `${grouped(layer.capacity)} capacity, ${grouped(layer.policy)} policy`;
    control.input.setAttribute("aria-valuetext", reading.value);
    place();
  }

  function draw(width) {
    const box = { left: 58, right: 8, top: 12, bottom: 40 };
    const height = Math.round(Math.min(Math.max(width * 0.35, 220), 420));
    const most = Math.max(1, ...layers.map((layer) => layer.compulsory + layer.capacity + Math.max(0, layer.policy)));
    const step = (width - box.left - box.right) / layers.length;
    const x = (index) => box.left + index * step;
    const y = (count) => height - box.bottom - (count / most) * (height - box.top - box.bottom);
    const svg = drawing("svg", {
      class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `Misses of ${policy} by layer and kind; the slider below reads them, the table has them all`,
    }, drawing("defs", {}, drawing("pattern", { id: "hatched", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      drawing("path", { class: "hatch", d: "M0 0V6" }))));
    for (const count of ticks(most, 4)) {
      svg.append(drawing("path", { class: "grid", d: `M${box.left} ${y(count)}H${width - box.right}` }),
        drawing("text", { x: box.left - 6, y: y(count) + 4, "text-anchor": "end" }, grouped(count)));
    }
    layers.forEach((layer, i) => {
      let sum = 0;
      for (const [kind] of kinds) {
        const count = layer[kind];
        if (count > 0) svg.append(...bar(kind, x(i) + step * 0.08, y(sum + count), step * 0.84, y(sum) - y(sum + count)));
        if (count < 0) svg.append(drawing("rect", { class: "part-gain", x: x(i) + step * 0.08, y: y(sum), width: step * 0.84, height: y(sum + count) - y(sum) }));
        sum += count;
      }
    });
    const every = Math.ceil(34 / step);
    for (let i = 0; i < layers.length; i += every) {
      svg.append(drawing("text", { x: x(i) + step / 2, y: height - box.bottom + 17, "text-anchor": "middle" }, layers[i].layer));
    }
    svg.append(drawing("path", { class: "axis", d: `M${box.left} ${y(0)}H${width - box.right}` }),
      drawing("text", { x: width - box.right, y: height - 4, "text-anchor": "end" }, "layer"));
    const frame = drawing("rect", { class: "chosen", y: box.top - 2, width: step, height: height - box.top - box.bottom + 4 });
    svg.append(frame);
    place = () => frame.setAttribute("x", x(here));
    const follow = (event) => choose(Math.floor((event.offsetX * (width / svg.getBoundingClientRect().width) - box.left) / step));
    svg.addEventListener("pointermove", follow);
    svg.addEventListener("pointerdown", follow);
    picture.replaceChildren(svg);
    choose(here);
  }
})();
