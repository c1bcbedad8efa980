// The map by tabs, a cell by its address (#l-n-k), the list by filters.
(() => {
  const main = document.getElementById("atlas");
  const tabs = [...document.querySelectorAll('[role="tab"]')];
  const best = document.getElementById("best");
  const body = document.getElementById("cell-body");
  const title = document.getElementById("cell-title");

  best.addEventListener("change", () => { main.dataset.best = best.value; });

  function open(experts) {
    for (const tab of tabs) {
      const chosen = tab.dataset.experts === experts;
      tab.setAttribute("aria-selected", chosen);
      tab.tabIndex = chosen ? 0 : -1;
      document.getElementById(tab.getAttribute("aria-controls")).hidden = !chosen;
    }
  }
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => open(tab.dataset.experts));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const next = tabs[(to + tabs.length) % tabs.length];
      open(next.dataset.experts);
      next.focus();
    });
  });

  const linked = (href, text) => (href ? element("a", { href }, text) : text);

  function show() {
    const address = location.hash.slice(1);
    const cell = data.cells[address];
    document.querySelectorAll(".map [aria-current]").forEach((link) => link.removeAttribute("aria-current"));
    if (!cell) return;
    open(address.split("-")[1]);
    document.getElementById(address).setAttribute("aria-current", "true");
    title.textContent = `Cell ${cell.instance}`;
    const rows = cell.best.map((one) => element("li", {}, `${one.name}: ${data.kinds[one.kind]}. `,
      ...one.sides.flatMap((side) => [`${side.side === "lower" ? "At least" : "At most"} ${side.value} (`, linked(side.href, side.by), "). "])));
    const parts = [element("ul", {}, ...rows)];
    if (cell.policies.length) {
      const head = ["policy", "ratio", "states", "certificates, and the SHA-256 of what is in them"];
      const lines = cell.policies.map((policy) => element("tr", {},
        element("th", { scope: "row" }, policy.name),
        element("td", {}, policy.lower === policy.upper ? policy.upper ?? "not computed" : `${policy.lower} to ${policy.upper}`),
        element("td", { class: "number" }, grouped(policy.states)),
        element("td", {}, ...policy.certificates.flatMap((one) => [linked(one.href, one.side), one.href ? " " : " (not kept) ", element("code", {}, one.sha256), element("br")]))));
      parts.push(element("div", { class: "scrolls", tabindex: 0, role: "region", "aria-label": "ratios of the policies" }, element("table", {},
        element("thead", {}, element("tr", {}, ...head.map((words) => element("th", { scope: "col" }, words)))),
        element("tbody", {}, ...lines))));
    } else parts.push(element("p", {}, "No ratio was computed here."));
    if (cell.play) parts.push(element("p", {}, element("a", { href: cell.play }, "Play this instance")));
    body.replaceChildren(...parts);
    document.getElementById("cell").scrollIntoView({ block: "nearest" });
  }

  const rows = [...document.querySelectorAll("table.sortable tbody tr")];
  const count = document.getElementById("count");
  const kind = document.getElementById("kind");
  const numbers = ["layers", "experts", "slots"].map((name) => document.getElementById(name));
  function filter() {
    let left = 0;
    for (const row of rows) {
      const address = row.cells[0].textContent;
      const fits = numbers.every((input, i) => !input.value || input.value === address.split("-")[i])
        && (!kind.value || data.cells[address].best[0].kind === kind.value);
      row.hidden = !fits;
      left += fits;
    }
    count.value = `${left} of ${rows.length} instances`;
  }
  [kind, ...numbers].forEach((input) => input.addEventListener("input", filter));

  open(tabs[Math.min(1, tabs.length - 1)].dataset.experts);
  filter();
  addEventListener("hashchange", show);
  show();
})();
