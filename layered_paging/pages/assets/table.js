// Tables of the class "sortable": a button in each heading; numbers go by data-key, the rest by its text.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  const body = table.tBodies[0];
  heads.forEach((head, column) => {
    const button = element("button", { type: "button", onclick: () => sort(head, column) });
    button.append(...head.childNodes);
    head.append(button);
  });

  function sort(head, column) {
    const rising = head.getAttribute("aria-sort") !== "ascending";
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const order = (a, b) => {
      const [x, y] = [a.cells[column], b.cells[column]];
      const [i, j] = [x.dataset.key, y.dataset.key];
      if (i === undefined || j === undefined) return x.textContent.localeCompare(y.textContent, "en", { numeric: true });
      return Number(i) === Number(j) ? 0 : Number(i) - Number(j);
    };
    const rows = [...body.rows].sort((a, b) => (rising ? order(a, b) : order(b, a)));
    body.append(...rows);
  }
}
