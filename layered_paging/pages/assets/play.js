// The games. Nothing is decided here: states, answers and perfect moves are those of the data (see games.py).
(() => {
  const at = (id) => document.getElementById(id);
  const FIRST = "2-3-4";
  let game; // {key, mode, policy}: what is played
  let shape; // layers, experts, slots
  let frames; // what was seen so far; the last one may wait for a choice
  let now; // which of them is shown

  const name = (page) => `${Math.floor(page / shape.experts)}.${page % shape.experts}`;
  const names = (pages) => pages.map(name).join(", ");
  const pages = () => Array.from({ length: shape.layers * shape.experts }, (_, page) => page);

  const MODES = { watch: "watch the worst cycle of", adversary: "be the policy, against the best adversary", policies: "be the adversary, against" };

  function fill() {
    at("instance").replaceChildren(...Object.entries(data.games).map(([key, one]) => element("option", { value: key }, one.name)));
    const one = Object.values(data.games)[0];
    const option = (mode, policy) => element("option", { value: policy ? `${mode}/${policy}` : mode }, `${MODES[mode]}${policy ? ` ${policy}` : ""}`);
    at("game").replaceChildren(...Object.keys(one.watch).map((policy) => option("watch", policy)), option("adversary"),
      ...Object.keys(one.policies).map((policy) => option("policies", policy)));
  }

  function begin(key, mode, policy) {
    game = { key, mode, policy };
    shape = data.games[key];
    at("instance").value = key;
    at("game").value = policy ? `${mode}/${policy}` : mode;
    history.replaceState(null, "", `#${key}/${at("game").value}`);
    now = 0;
    if (mode === "watch") {
      const { steps, ratio, cycle } = shape.watch[policy];
      frames = [blank(), ...steps.map(([page, miss, growth, left, cached, sets, misses, opt]) => ({ page, miss, growth, left, cached, sets, misses, opt }))];
      at("about").textContent = `${policy} at ${shape.name} has the ratio ${ratio}: after ${cycle[0]} requests begins a cycle of ${cycle[1]}, shown twice, that can go on for ever.`;
    } else {
      const graph = mode === "adversary" ? shape.adversary : shape.policies[policy];
      const order = pages();
      frames = [{ ...blank(), ...seen(graph.states[0], order), state: 0, order }];
      at("about").textContent = mode === "adversary"
        ? `The best policy at ${shape.name} has the ratio ${graph.ratio}, and the adversary lets nobody have less in the long run. The cache is full at the start, and OPT's too.`
        : `${policy} at ${shape.name} has the ratio ${graph.ratio}: a request is perfect if it gives nothing of that away. All is empty at the start.`;
    }
    show();
  }

  const blank = () => ({ page: null, miss: 0, growth: 0, left: [], cached: [], sets: [], misses: 0, opt: 0 });

  /** Cache and sets of a state, in real pages. */
  function seen([labels, empty], order) {
    const sets = Array.from({ length: shape.slots }, () => []);
    const cached = [];
    labels.forEach(([level, token], i) => {
      if (token % 2) cached.push(order[i]);
      if (level <= shape.slots) sets[level - 1].push(order[i]);
    });
    empty.forEach((level) => { if (level >= 1 && level <= shape.slots) sets[level - 1].push(-1); });
    return { cached: cached.sort((a, b) => a - b), sets: sets.map((set) => set.sort((a, b) => a - b)) };
  }

  const graphOf = () => (game.mode === "adversary" ? shape.adversary : shape.policies[game.policy]);

  /** The request of the data that a page means, and the order with this page in the place of the one that stands for it. */
  function requestOf(frame, page) {
    const [labels, , requests] = graphOf().states[frame.state];
    const place = frame.order.indexOf(page);
    const request = requests.find(([p]) => String(labels[p]) === String(labels[place]) && p < shape.experts);
    return [request, swapped(frame.order, request[0], place)];
  }

  function swapped(order, one, other) {
    const made = [...order];
    [made[one], made[other]] = [made[other], made[one]];
    return made;
  }

  /** The option of a request that evicting a page means. Two pages of a layer are alike if their labels after the request are. */
  function optionOf(request, order, page) {
    const place = order.indexOf(page);
    const options = request[4];
    const exact = options.find(([left]) => left[0] === place);
    if (exact) return [exact, order];
    const layer = Math.floor(place / shape.experts);
    for (const option of options) {
      const [[left], to, places] = option;
      const level = (position) => graphOf().states[to][0][places.indexOf(position)][0];
      if (Math.floor(left / shape.experts) === layer && level(left) === level(place)) return [option, swapped(order, left, place)];
    }
    throw new Error(`no option for page ${page}`);
  }

  function moved(frame, page, request, [left, to, places], order, more) {
    const next = places.map((place) => order[place]);
    return {
      page, miss: request[1], growth: request[2], left: left.map((place) => order[place]), ...seen(graphOf().states[to], next), state: to, order: next,
      misses: frame.misses + request[1], opt: frame.opt + request[2], ...more,
    };
  }

  /** What waits in this frame: the adversary's request, and the pages that can be chosen with what each would be worth. */
  function pending(frame) {
    const [, , requests] = graphOf().states[frame.state];
    if (game.mode === "policies") {
      const choices = frame.order.slice(0, shape.experts).sort((a, b) => a - b);
      return { choices, perfect: choices.filter((page) => requestOf(frame, page)[0][3]) };
    }
    const request = requests[graphOf().adversary[frame.state]];
    const page = frame.order[request[0]];
    if (!request[1]) return { page, request, choices: [], perfect: [] };
    const choices = frame.cached.filter((other) => other !== page);
    return { page, request, choices, perfect: choices.filter((other) => optionOf(request, frame.order, other)[0][3]) };
  }

  function choose(page) {
    const frame = frames[now];
    const { request, page: asked, perfect } = pending(frame);
    frames.length = now + 1;
    if (game.mode === "policies") {
      const [made, order] = requestOf(frame, page);
      frames.push(moved(frame, page, made, made[4][0], order, { chosen: page, perfect }));
    } else {
      const [option, order] = request[1] ? optionOf(request, frame.order, page) : [request[4][0], frame.order];
      frames.push(moved(frame, asked, request, option, order, request[1] ? { chosen: page, perfect } : {}));
    }
    now += 1;
    show();
  }

  function forward() {
    if (now + 1 < frames.length) { now += 1; show(); }
    else if (game.mode === "watch") { now = shape.watch[game.policy].cycle[0]; show(); }
    else if (game.mode === "adversary" && !pending(frames[now]).request[1]) choose(null);
  }
  function back() { if (now) { now -= 1; show(); } }

  function said(frame) {
    if (frame.page === null) return game.mode === "watch" ? "Nothing was asked for yet." : "The game begins.";
    const happened = frame.miss ? `miss${frame.left.length ? `, evicts ${names(frame.left)}` : ", a slot is free"}` : "hit";
    return `Request ${name(frame.page)}: ${happened}; OPT ${frame.growth ? "pays 1" : "pays nothing"}.`;
  }

  function judged(frame) {
    if (frame.chosen === undefined) return "";
    const verb = game.mode === "policies" ? "ask for" : "evict";
    return frame.perfect.includes(frame.chosen)
      ? `Perfect (to ${verb} one of: ${names(frame.perfect)}).`
      : `Not perfect. Perfect was to ${verb} one of: ${names(frame.perfect)}.`;
  }

  function show() {
    const frame = frames[now];
    const waits = game.mode === "watch" ? null : pending(frame); // also of an earlier step: another choice begins another game
    let text = said(frame);
    if (waits && game.mode === "adversary") {
      text += waits.request[1] ? ` Now ${name(waits.page)} is asked for, and not cached: choose a page to evict.` : ` Now ${name(waits.page)} is asked for: a hit. Go forward.`;
    } else if (waits) text += ` Choose a page of layer ${Math.floor(waits.choices[0] / shape.experts)} to ask for.`;
    at("said").value = text;
    at("perfect").value = judged(frame);
    at("step").textContent = `step ${now}${game.mode === "watch" ? ` of ${frames.length - 1}` : ""}`;
    at("back").disabled = now === 0;
    at("forward").disabled = Boolean(waits && now === frames.length - 1 && (game.mode === "policies" || waits.request[1]));

    const focused = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.page : undefined;
    const asked = waits && waits.page !== undefined ? waits.page : frame.page;
    at("board").tBodies[0].replaceChildren(...Array.from({ length: shape.layers }, (_, layer) => element("tr", {},
      element("th", { scope: "row" }, `layer ${layer}`),
      ...Array.from({ length: shape.experts }, (__, expert) => element("td", {}, cell(frame, waits, asked, layer * shape.experts + expert))))));
    if (focused !== undefined) document.querySelector(`[data-page="${focused}"]`)?.focus();

    at("sets").tHead.replaceChildren(element("tr", {}, ...Array.from({ length: shape.slots }, (_, i) => element("th", { scope: "col" }, `L_${i + 1}`))));
    at("sets").tBodies[0].replaceChildren(element("tr", {}, ...Array.from({ length: shape.slots }, (_, i) =>
      element("td", {}, ...(frame.sets[i] || []).flatMap((page) => [page < 0 ? "·" : name(page), element("br")])))));

    const who = game.mode === "adversary" ? "you" : game.policy;
    at("score").replaceChildren(element("dt", {}, `misses of ${who}`), element("dd", { id: "alg" }, frame.misses),
      element("dt", {}, "misses of OPT"), element("dd", { id: "opt" }, frame.opt));
    const past = frames.slice(1, now + 1);
    at("log").replaceChildren(...past.slice(-20).map((one, i) => element("li", { value: Math.max(0, past.length - 20) + i + 1 }, `${said(one)} ${judged(one)}`)));
  }

  function cell(frame, waits, asked, page) {
    const cached = frame.cached.includes(page);
    const level = frame.sets.findIndex((set) => set.includes(page)) + 1;
    const left = frame.left.includes(page) && page !== asked;
    const chosen = Boolean(waits && waits.choices.includes(page));
    const words = [`page ${name(page)}`, cached ? "cached" : "not cached", page === asked ? "asked for" : "", left ? "evicted" : "", level ? `in L ${level}` : "in no set"];
    const marks = `${page === asked ? "▶" : ""}${cached ? "■" : "□"}${left ? "✗" : ""} ${name(page)}`;
    return element("button", {
      type: "button", class: `page${cached ? " cached" : ""}${page === asked ? " asked" : ""}`, "data-page": page, "aria-label": words.filter(Boolean).join(", "),
      disabled: chosen ? undefined : "", onclick: () => choose(page),
    }, marks, element("small", {}, level ? `L${level}` : "–"));
  }

  function addressed() {
    const [key, mode, policy] = location.hash.slice(1).split("/");
    if (data.games[key] && (mode === "adversary" || (data.games[key][mode] && data.games[key][mode][policy]))) begin(key, mode, mode === "adversary" ? undefined : policy);
    else begin(data.games[key] ? key : data.games[FIRST] ? FIRST : Object.keys(data.games)[0], "watch", "lru");
  }

  fill();
  const change = () => begin(at("instance").value, ...at("game").value.split("/"));
  at("instance").addEventListener("change", change);
  at("game").addEventListener("change", change);
  at("back").addEventListener("click", back);
  at("forward").addEventListener("click", forward);
  at("start").addEventListener("click", () => { if (game.mode === "watch") { now = 0; show(); } else change(); });
  addEventListener("hashchange", addressed);
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("select, input, a, summary")) return;
    if (event.target.closest("button") && (event.key === " " || event.key === "Enter")) return;
    const act = { " ": forward, ArrowRight: forward, ArrowLeft: back, Home: () => { now = 0; show(); } }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  addressed();
})();
