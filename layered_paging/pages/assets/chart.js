// Hit rates against cache sizes; a cursor reads sizes and rates. Texts are those of the data.
(() => {
  const { sizes, lines, unit, requests, gib, point, at } = data.chart;
  const host = document.getElementById("chart");
  const nearest = (size) => {
    let low = 0, high = sizes.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sizes[middle] < size) low = middle + 1; else high = middle;
    }
    return low > 0 && size - sizes[low - 1] < sizes[low] - size ? low - 1 : low;
  };
  let here = nearest(at);
  let place = () => {};
  let redraw = () => {};

  const rateOf = (misses) => 1 - misses / requests;
  const best = lines.flatMap((line) => line.misses).reduce((most, misses) => Math.max(most, misses === null ? 0 : rateOf(misses)), 0);
  const top = Math.min(1, (Math.floor(best * 10) + 1) / 10);
  const few = sizes.length <= 40; // then each size is marked
  const style = (index) => `s${index % 8} d${Math.floor(index / 8 + index) % 4}`;

  const picture = element("div");
  const reading = element("output");
  const values = lines.map(() => element("span"));
  const chosen = lines.map((line) => line.shown);
  const legend = element("ul", { class: lines[0].times ? "legend timed" : "legend" },
    ...lines.map((line, i) => {
      const sample = drawing("svg", { viewBox: "0 0 40 16", "aria-hidden": "true" },
        drawing("path", { d: "M0 8H40", class: `line ${style(i)}${i ? "" : " best"}` }),
        ...(few ? [mark(i, 20, 8)] : []));
      const box = element("input", { type: "checkbox", onchange: () => { chosen[i] = box.checked; redraw(); } });
      box.checked = chosen[i];
      return element("li", {}, sample, lines.length > 4 ? element("label", {}, box, element("span", {}, line.name)) : element("span", {}, line.name), values[i]);
    }));
  if (point) legend.append(element("li", {},
    drawing("svg", { viewBox: "0 0 40 16", "aria-hidden": "true" }, drawing("circle", { cx: 20, cy: 8, r: 6, class: "chosen" })),
    element("span", {}, `${point.name} at ${sizes[nearest(at)]}`), element("span", {}, point.rate)));
  const control = slider(`cache size (${unit})`, sizes.length, here, choose);
  host.append(picture, control.row, reading, legend);
  fitted(picture, draw);

  function mark(index, x, y) {
    const shapes = [
      ["circle", { cx: x, cy: y, r: 4 }],
      ["rect", { x: x - 3.5, y: y - 3.5, width: 7, height: 7 }],
      ["path", { d: `M${x} ${y - 5}l5 8h-10z` }],
      ["path", { d: `M${x} ${y - 5}l5 5l-5 5l-5 -5z` }],
    ];
    const [name, attributes] = shapes[index % shapes.length];
    return drawing(name, { ...attributes, class: `dot f${index % 8}` });
  }

  function choose(index) {
    here = Math.max(0, Math.min(sizes.length - 1, index));
    control.input.value = here;
    const size = `${sizes[here]} ${unit}${gib ? `, ${gib[here]}` : ""}`;
    const rates = lines.filter((line) => line.rates[here] !== null)
      .map((line) => `${line.name} ${line.rates[here]}${line.times ? `, ${line.times[here]}` : ""}`);
    const apart = lines[0].times ? "; " : ", ";
    reading.value = lines.length > 4 ? size : `${size}: ${rates.join(apart)}`;
    control.input.setAttribute("aria-valuetext", `${size}: ${rates.slice(0, 4).join(apart)}`);
    lines.forEach((line, i) => {
      values[i].textContent = line.rates[here] === null ? "–" : `${line.rates[here]} (${grouped(line.misses[here])} misses)${line.times ? `, ${line.times[here]}` : ""}`;
    });
    place();
  }

  function draw(width) {
    const box = { left: 48, right: 14, top: 12, bottom: 44 };
    const height = Math.round(Math.min(Math.max(width * 0.5, 240), 560));
    const end = sizes[sizes.length - 1] * 1.03;
    const x = (size) => box.left + (size / end) * (width - box.left - box.right);
    const y = (rate) => height - box.bottom - (rate / top) * (height - box.top - box.bottom);
    const names = lines.slice(0, 3).map((line) => line.name).join(", ");
    const svg = drawing("svg", {
      class: "plot", viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `Hit rate against cache size: ${names}${lines.length > 3 ? ` and ${lines.length - 3} others` : ""}; the slider below reads it`,
    });
    for (const rate of ticks(top, 5)) {
      svg.append(drawing("path", { class: "grid", d: `M${box.left} ${y(rate)}H${width - box.right}` }),
        drawing("text", { x: box.left - 6, y: y(rate) + 4, "text-anchor": "end" }, `${Math.round(rate * 100)}%`));
    }
    for (const size of ticks(end, width / 110)) {
      svg.append(drawing("path", { class: "axis", d: `M${x(size)} ${y(0)}v5` }),
        drawing("text", { x: x(size), y: y(0) + 19, "text-anchor": "middle" }, grouped(size)));
    }
    svg.append(drawing("path", { class: "axis", d: `M${box.left} ${y(0)}H${width - box.right}` }),
      drawing("text", { x: width - box.right, y: height - 6, "text-anchor": "end" }, `cache size k (${unit})`));
    lines.map((line, i) => [line, i]).filter((pair) => chosen[pair[1]]).reverse().forEach(([line, i]) => {
      const points = line.misses.map((misses, j) => (misses === null ? null : [x(sizes[j]), y(rateOf(misses))]));
      let path = "";
      points.forEach((spot, j) => { if (spot) path += `${j && points[j - 1] ? "L" : "M"}${spot[0].toFixed(1)} ${spot[1].toFixed(1)}`; });
      svg.append(drawing("path", { class: `line ${style(i)}${i ? "" : " best"}`, d: path }));
      if (few) points.forEach((spot) => spot && svg.append(mark(i, ...spot)));
    });
    const cursor = drawing("path", { class: "cursor" });
    svg.append(cursor);
    if (point) svg.append(drawing("circle", { class: "chosen", r: 6, cx: x(sizes[nearest(at)]), cy: y(rateOf(point.misses)) }));
    place = () => cursor.setAttribute("d", `M${x(sizes[here])} ${box.top}V${height - box.bottom}`);
    const follow = (event) => {
      const scale = width / svg.getBoundingClientRect().width;
      choose(nearest(((event.offsetX * scale - box.left) / (width - box.left - box.right)) * end));
    };
    svg.addEventListener("pointermove", follow);
    svg.addEventListener("pointerdown", follow);
    picture.replaceChildren(svg);
    redraw = () => draw(width);
    choose(here);
  }
})();
