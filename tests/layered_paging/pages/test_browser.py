"""The pages in a real browser: clicks, keys, figures, no complaint on the console, no request to the network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bounds.exact.deterministic import best_deterministic
from bounds.exact.ratio import exact_ratio
from layered_paging.__main__ import main
from layered_paging.pages.atlas import atlas_page
from layered_paging.pages.explanation import explanation_page
from layered_paging.pages.made import Made
from layered_paging.pages.pictures import pictures_page
from layered_paging.pages.play import play_page
from paging.curve import curve
from paging.exact import readable
from paging.explain.explanation import explain
from paging.explain.loss import first_uses
from paging.explain.timeline import timeline
from paging.fast import run_of
from paging.model import Instance
from paging.offline.belady import belady
from paging.offline.engines import opt
from paging.policies.registry import POLICIES
from paging.replay import replay
from paging.traces.formats import read_trace, write_trace
from paging.traces.synthetic import synthetic
from proofs.known import known
from tests.layered_paging.pages.browser import Page, opened
from tests.layered_paging.pages.contrast import faint
from tests.layered_paging.pages.hostile import hostile_files
from tests.layered_paging.pages.printing import lost_in_print, past_the_edge
from tests.layered_paging.test_cli import document

pytestmark = pytest.mark.browser

LEFT, DOWN, RIGHT, END, HOME, SPACE, TAB = (
    "\ue012",
    "\ue015",
    "\ue014",
    "\ue010",
    "\ue011",
    "\ue00d",
    "\ue004",
)
WIDTHS = (360, 768, 1280, 2560)
PAGES = ("explain", "measure", "atlas", "play", "pictures")
OPENED = {"atlas": "#3-2-4", "play": "#2-2-2/watch/lru"}
"""Where a page is looked at, if not at its beginning."""


@pytest.fixture(scope="session")
def page() -> Iterator[Page]:
    with opened() as found:
        yield found


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trace of 5 layers x 12 experts with sizes, an explanation and a measurement of it."""
    place = tmp_path_factory.mktemp("pages")
    trace = synthetic(5, 12, 90, width=2, zipf=0.9, rng=np.random.default_rng(6)).sized([50 << 20])
    write_trace(trace, place / "a.trace")
    words = [str(place / "a.trace"), "-k", "20"]
    assert main(["explain", *words, "--html", str(place / "explain.html")]) == 0
    assert main(["measure", *words, "10", "40", "--html", str(place / "measure.html")]) == 0
    return place


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the site, with small instances only."""
    place = tmp_path_factory.mktemp("site")
    (place / "atlas.html").write_text(atlas_page(8))
    (place / "play.html").write_text(play_page(4))
    (place / "pictures.html").write_text(pictures_page())
    return place


@pytest.fixture(scope="session")
def places(folder: Path, site: Path) -> dict[str, Path]:
    """All pages by name."""
    return {name: (folder if name in PAGES[:2] else site) / f"{name}.html" for name in PAGES}


def clean(page: Page) -> None:
    assert page.complaints() == []
    assert page.requested() == []


@pytest.mark.parametrize("name", PAGES)
def test_fits_every_width_and_wish(page: Page, places: dict[str, Path], name: str) -> None:
    for width in WIDTHS:
        for dark in (False, True):
            page.dark(dark)
            page.open(places[name], OPENED.get(name, ""), width=width)
            assert page.overflow() == 0, (width, dark)
            ground = page.run("return getComputedStyle(document.body).backgroundColor")
            assert (sum(map(int, ground[4:-1].split(","))) < 200) == dark
            clean(page)
    page.dark(False)


@pytest.mark.parametrize("name", ["explain", "measure"])
def test_every_control_has_a_name_and_every_picture_words(page: Page, folder: Path, name: str) -> None:
    page.open(folder / f"{name}.html")
    page.run("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for one in page.all("button, select, input, canvas[tabindex], [tabindex], summary"):
        assert one.accessible_name.strip(), one.get_attribute("outerHTML")
    for one in page.all("svg.plot"):
        assert one.get_attribute("role") == "img"
        assert one.get_attribute("aria-label")
    for one in page.all("section"):
        assert page.text("#" + one.get_attribute("aria-labelledby"))
    assert len(page.all("h1")) == 1
    # all that can be clicked is reached with the tab key, in the order of the page
    wanted = page.run("return document.querySelectorAll('button, select, input, summary, [tabindex]').length")
    page.run("document.body.focus()")
    for _ in range(wanted):
        page.press(TAB)
        assert page.run("return document.activeElement.matches('button, select, input, summary, [tabindex]')")


def test_the_cursor_reads_the_curve(page: Page, folder: Path) -> None:
    page.open(folder / "explain.html")
    sizes = curve(read_trace(folder / "a.trace").requests())

    def reading(size: int) -> str:
        lru, opt = (f"{1 - misses / sizes.requests:.2%}" for misses in sizes.at(size))
        return f"{size} slots, {size * 50 / 1024:.2f} GiB: OPT {opt}, LRU {lru}"

    assert page.text("#chart output") == reading(20)
    slider = page.find("#chart input")
    page.press(RIGHT, on=slider)
    assert page.text("#chart output") == reading(21)
    assert slider.get_attribute("aria-valuetext") == reading(21)
    page.press(HOME, on=slider)
    assert page.text("#chart output") == reading(1)
    page.press(END, on=slider)
    assert page.text("#chart output") == reading(sizes.settles)
    from selenium.webdriver import ActionChains

    chart = page.find("#chart svg.plot")
    ActionChains(page.driver).move_to_element(chart).perform()
    seen = int(page.text("#chart output").split()[0])
    assert abs(seen / sizes.settles - 0.5) < 0.06  # the middle of the picture
    assert page.text("#chart output") == reading(seen)
    clean(page)


def test_the_layers_are_read(page: Page, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page.open(folder / "explain.html")
    found = document(capsys, "explain", folder / "a.trace", "-k", 20)
    for layer in found["layers"]:
        assert page.text("#layers output") == (
            f"layer {layer['layer']}: {layer['misses']} misses: {layer['compulsory']} first uses, "
            f"{layer['capacity']} capacity, {layer['policy']} policy"
        )
        page.press(RIGHT, on=page.find("#layers input"))
    page.find("summary").click()
    assert page.find("details table").is_displayed()
    clean(page)


def test_the_timeline_by_keys_buttons_and_pointer(page: Page, folder: Path) -> None:
    page.open(folder / "explain.html")
    data = page.run("return data.timeline")
    columns = len(data["requests"]) // 5

    def reading(token: int, layer: int) -> str:
        at = layer * columns + token
        return (
            f"token {token}, layer {layer}: {data['requests'][at]} requests, {data['misses'][at]} misses: "
            f"{data['compulsory'][at]} first uses, {data['capacity'][at]} capacity, {data['policy'][at]} policy"
        )

    canvas = page.find("#timeline canvas[tabindex]")
    assert page.text("#timeline-reading") == reading(0, 0)
    page.press(RIGHT, RIGHT, DOWN, on=canvas)
    assert page.text("#timeline-reading") == reading(2, 1)
    assert "tokens 0 to 89 of 90" in page.text("#timeline")
    before = page.run("return arguments[0].toDataURL()", canvas)
    page.button("zoom in").click()
    page.press("+", on=canvas)
    assert "tokens 0 to 89 of 90" not in page.text("#timeline")
    assert page.run("return arguments[0].toDataURL()", canvas) != before
    page.press(END, on=canvas)
    assert page.text("#timeline-reading") == reading(89, 1)
    assert "to 89 of 90" in page.text("#timeline")  # what is read is in view
    page.button("← earlier").click()
    assert "to 89 of 90" not in page.text("#timeline")
    page.button("all").click()
    assert "tokens 0 to 89 of 90" in page.text("#timeline")
    from selenium.webdriver import ActionChains

    ActionChains(page.driver).move_to_element_with_offset(canvas, 5, 0).perform()
    assert page.text("#timeline-reading") == reading(45, 2)
    ActionChains(page.driver).scroll_from_origin(_origin(canvas), 0, -300).perform()
    assert "tokens 0 to 89 of 90" not in page.text("#timeline")
    shown = page.text("#timeline .controls:nth-of-type(2)")
    ActionChains(page.driver).drag_and_drop_by_offset(canvas, 200, 0).perform()
    assert page.text("#timeline .controls:nth-of-type(2)") != shown
    page.find("#timeline select").send_keys("first")
    assert page.run("return arguments[0].toDataURL()", canvas) != before
    clean(page)


def _origin(element: Any) -> Any:
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    return ScrollOrigin.from_element(element)


def test_the_table_is_sorted_by_click_and_key(
    page: Page, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page.open(folder / "measure.html")
    found = document(capsys, "measure", folder / "a.trace", "-k", "20,10,40")

    def column(number: int) -> list[str]:
        cells = f"table tbody tr :nth-child({number})"
        found: list[str] = page.run(
            "return [...document.querySelectorAll(arguments[0])].map(one => one.innerText)", cells
        )
        return found

    assert len(column(1)) == len(found["rows"])
    rates = sorted(row["hit_rate"] for row in found["rows"])
    page.button("hit rate").click()
    assert column(4) == [f"{rate:.2%}" for rate in rates]
    head = page.find("thead th:nth-child(4)")
    assert head.get_attribute("aria-sort") == "ascending"
    page.press(SPACE, on=page.find("thead th:nth-child(4) button"))
    assert column(4) == [f"{rate:.2%}" for rate in rates[::-1]]
    assert head.get_attribute("aria-sort") == "descending"
    page.find("thead th:nth-child(5) button").click()  # fractions are sorted by their value
    assert column(5) == [
        readable(ratio) for ratio in sorted(Fraction(row["ratio_to_opt"]) for row in found["rows"])
    ]
    page.find("thead th:nth-child(1) button").click()
    assert column(1) == sorted(
        (row["policy"] for row in found["rows"]), key=lambda name: name.replace("-", "")
    )
    assert head.get_attribute("aria-sort") is None
    clean(page)


def test_lines_are_chosen(page: Page, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page.open(folder / "measure.html")
    found = document(capsys, "measure", folder / "a.trace", "-k", "20,10,40")
    lines = len(page.all("#chart svg.plot path.line"))
    box = page.find("#chart .legend li:nth-child(1) input")
    assert box.is_selected()
    box.click()
    assert len(page.all("#chart svg.plot path.line")) == lines - 1
    page.press(RIGHT, on=page.find("#chart input[type=range]"))  # from 10 to 20 slots
    at = {row["policy"]: row for row in found["rows"] if row["cache"] == 20}
    for one in page.all("#chart .legend li"):
        row = at[one.find_element("css selector", "label").text]
        assert one.text.endswith(f"{row['hit_rate']:.2%} ({row['misses']} misses)")
    clean(page)


def test_hostile_names_are_shown(page: Page, tmp_path: Path) -> None:
    trace, policy = hostile_files(tmp_path, synthetic(3, 6, 40, width=2, rng=np.random.default_rng(1)))
    for words in (["explain", str(trace), "-k", "7"], ["measure", str(trace), "-k", "5", "12"]):
        path = tmp_path / "p.html"
        assert main([*words, "--policy", policy, "--html", str(path)]) == 0
        page.open(path)
        assert "document.title='had'" in page.driver.title
        assert page.driver.title != "had"
        assert "<img src=x onerror=alert(1)>" in page.text("main")
        assert page.all("img") == []
        clean(page)


def test_what_the_policy_of_the_page_forbids_is_seen(page: Page, folder: Path, tmp_path: Path) -> None:
    """A script that was slipped in does not run, and a request to the network is found by these tests."""
    html = (folder / "explain.html").read_text()
    (tmp_path / "s.html").write_text(
        html.replace("</main>", "</main><script>document.title = 'had'</script>")
    )
    page.open(tmp_path / "s.html")
    assert page.driver.title != "had"
    assert any("Content Security Policy" in one for one in page.complaints())
    (tmp_path / "n.html").write_text("<img src='http://localhost:9/x.png'>")
    page.open(tmp_path / "n.html")
    assert page.requested() == ["http://localhost:9/x.png"]


def test_the_atlas_by_address_tabs_and_filters(page: Page, site: Path) -> None:
    page.open(site / "atlas.html", "#2-3-4")
    assert page.text("#cell-title") == "Cell (l=2, n=3, k=4)"
    found = known(Instance(2, 3, 4)).deterministic
    assert (
        f"At least {found.lower} ({found.lower_by}). At most {found.upper} ({found.upper_by})."
        in page.text("#cell")
    )
    assert page.find("[aria-current]").get_attribute("id") == "2-3-4"
    assert page.find("#tab-3").get_attribute("aria-selected") == "true"
    assert page.find("#map-3").is_displayed()
    assert not page.find("#map-2").is_displayed()
    page.press(RIGHT, on=page.find("#tab-3"))
    assert page.find("#map-4").is_displayed()
    assert page.run("return document.activeElement.id") == "tab-4"
    page.press(HOME)
    page.find("[id='2-2-3']").click()
    assert page.text("#cell-title") == "Cell (l=2, n=2, k=3)"
    assert page.driver.current_url.endswith("#2-2-3")
    seen = page.find("[id='2-2-3'] .randomized")
    assert not seen.is_displayed()
    page.find("#best").send_keys("best randomized")
    assert seen.is_displayed()
    page.find("#experts").send_keys("3")
    page.find("#slots").send_keys("4")
    rows = page.all("table.sortable tbody tr:not([hidden])")
    assert [row.find_element("css selector", "th").text for row in rows] == ["2-3-4"]
    assert page.text("#count").startswith("1 of ")
    clean(page)


def test_a_worst_cycle_step_by_step(page: Page, site: Path) -> None:
    page.open(site / "play.html", "#2-2-3/watch/fifo")
    found = exact_ratio(Instance(2, 2, 3), "fifo")
    sequence = found.sequence(2)
    misses = replay("fifo", found.instance, np.array(sequence, np.int32)).costs().tolist()
    costs = [opt(found.instance, sequence[: i + 1]).cost for i in range(len(sequence))]
    assert f"has the ratio {found.ratio}" in page.text("#about")
    for step, asked in enumerate(sequence):
        if step % 2:
            page.press(SPACE, on=page.find("body"))
        else:
            page.press(RIGHT, on=page.find("body"))
        assert page.text("#said").startswith(f"Request {asked // 2}.{asked % 2}: ")
        assert (page.text("#alg"), page.text("#opt")) == (str(misses[step]), str(costs[step]))
    assert f"step {len(sequence)} of" in page.text("#step")
    page.button("forward →").click()  # after the end it goes on at the beginning of the cycle
    assert page.text("#step") == f"step {len(found.prefix)} of {len(sequence)}"
    page.press(LEFT, on=page.find("body"))
    assert page.text("#step") == f"step {len(found.prefix) - 1} of {len(sequence)}"
    page.press(HOME, on=page.find("body"))
    assert page.text("#said") == "Nothing was asked for yet."
    assert not page.button("← back").is_enabled()
    clean(page)


@pytest.mark.parametrize("policy", ["lru", "guided-keep"])
def test_to_be_the_adversary(page: Page, site: Path, policy: str) -> None:
    """Costs are those of the replay of what was clicked."""
    page.open(site / "play.html", f"#2-2-3/policies/{policy}")
    asked = []
    for step in range(14):
        choices = page.all("#board button:enabled")
        assert len(choices) == 2
        chosen = choices[
            (step // 2 + 1) % 2 ^ step // 5 % 2
        ]  # first of two pages that are alike the second one
        asked.append(int(chosen.get_attribute("data-page")))
        chosen.click()
        assert page.text("#perfect").startswith(("Perfect (", "Not perfect. "))
    run = replay(policy, Instance(2, 2, 3), np.array(asked, np.int32))
    assert page.text("#alg") == str(run.misses)
    assert page.text("#opt") == str(opt(run.instance, asked).cost)
    page.button("← back").click()
    assert page.text("#alg") == str(int(run.costs()[-2]))
    clean(page)


def test_to_be_the_policy(page: Page, site: Path) -> None:
    """Who follows what was perfect pays the ratio and no more; keys go on where nothing is to be chosen."""
    page.open(site / "play.html", "#2-2-3/adversary")
    ratio = best_deterministic(Instance(2, 2, 3)).ratio
    page.find("#instance").send_keys("(l=2, n=2, k=3)")
    mended = 0
    for _ in range(24):
        choices = page.all("#board button:enabled")
        if not choices:
            page.press(SPACE, on=page.find("body"))
            continue
        choices[0].click()
        if page.text("#perfect").startswith("Not perfect"):  # take it back, and do as was said
            better = page.text("#perfect").rpartition(": ")[2].split(", ")[0].rstrip(").")
            page.button("← back").click()
            (found,) = [one for one in page.all("#board button") if better in one.text.split()]
            found.click()
            mended += 1
        assert page.text("#perfect").startswith("Perfect (")
    assert mended > 0
    assert int(page.text("#alg")) <= ratio * (int(page.text("#opt")) + 3)
    assert int(page.text("#opt")) > 0
    clean(page)


@pytest.mark.parametrize("name", ["atlas", "play", "pictures"])
def test_the_controls_of_the_site_have_names(page: Page, places: dict[str, Path], name: str) -> None:
    page.open(places[name], OPENED.get(name, ""))
    for one in page.all("button, select, input, [tabindex]")[:60]:
        if one.is_displayed():
            assert one.accessible_name.strip(), one.get_attribute("outerHTML")
    assert len(page.all("h1")) == 1


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", PAGES)
def test_text_stands_out(page: Page, places: dict[str, Path], name: str, dark: bool) -> None:
    page.dark(dark)
    try:
        page.open(places[name], OPENED.get(name, ""))
        if name == "play":  # with pages in the cache, and one that is asked for
            page.press(*[RIGHT] * 5, on=page.find("body"))
        assert faint(page) == []
    finally:
        page.dark(False)


@pytest.mark.parametrize(
    ("name", "dark", "rule"),
    [
        ("explain", False, ".hint, footer, caption { color: #777; background: #f3f3f3; }"),  # 4.03
        ("explain", True, ".kind { color: #6b6e73; }"),
        ("measure", False, ".plot text { fill: #8a8a8a; }"),
        ("atlas", False, ".known.theorem { background: rgb(0 0 0 / 0.6); }"),
        ("play", True, "button { color: #777; }"),
        ("pictures", False, "h2 { color: rgb(0 0 0 / 0.4); }"),
    ],
)
def test_faint_text_is_seen(page: Page, places: dict[str, Path], name: str, dark: bool, rule: str) -> None:
    page.dark(dark)
    try:
        page.open(places[name], OPENED.get(name, ""))
        page.run(
            "const s = new CSSStyleSheet(); s.replaceSync(arguments[0]); document.adoptedStyleSheets = [s]",
            rule,
        )
        found = faint(page)
        assert found
        assert all(1 <= ratio < 4.5 for _, ratio in found)
    finally:
        page.dark(False)


def test_the_cursor_of_a_measurement_reads_times(
    page: Page, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(folder / "a.trace"), "-k", "20", "40", "--bandwidth", "2"]
    assert main(["measure", *words, "--html", str(tmp_path / "m.html")]) == 0
    page.open(tmp_path / "m.html")
    small, large = document(capsys, "headroom", *words)["caches"]
    for found in (small, large):
        times = {row["policy"]: f"{row['ms_per_token']:,.2f} ms per token" for row in found["rows"]}
        seen = {
            one.find_element("css selector", "label").text: one.text for one in page.all("#chart .legend li")
        }
        for name in ("lru", "llru", "fifo"):
            assert seen[name].endswith(f" misses), {times[name]}")
        page.press(RIGHT, on=page.find("#chart input[type=range]"))
    for width in WIDTHS:  # no name is broken for the numbers' sake
        page.size(width)
        heights = page.run(
            "return [...document.querySelectorAll('#chart .legend label span')].map(one => one.offsetHeight)"
        )
        assert 0 < max(heights) < 40, width
    clean(page)


def test_print_is_black_on_white(page: Page, folder: Path) -> None:
    page.dark(True)
    page.open(folder / "explain.html")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert page.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert (
            page.run("return getComputedStyle(document.querySelector('.part-policy')).fill") == "rgb(0, 0, 0)"
        )
        assert not page.find(".controls button").is_displayed()
        page.run("dispatchEvent(new Event('beforeprint'))")
        greys = page.run(
            "const c = document.querySelector('#timeline canvas[tabindex]');"
            "const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
            "return d.every((v, i) => i % 4 === 3 || v === d[i - i % 4]) && d.some((v, i) => i % 4 < 3 && v > 200)"
        )
        assert greys
    finally:
        page.run("dispatchEvent(new Event('afterprint'))")
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        page.dark(False)


@pytest.mark.parametrize("name", PAGES)
def test_print_is_whole(page: Page, places: dict[str, Path], name: str) -> None:
    page.open(places[name], OPENED.get(name, ""), width=2560)
    lost = lost_in_print(page)
    assert lost == [], lost
    assert past_the_edge(page) <= 0
    assert page.all("details[open]") == []  # as it was before


@pytest.mark.parametrize(
    "cut",
    [
        "main { height: 30rem; overflow: hidden; }",  # from below
        "main { width: 90rem; } table, p { margin-left: 75rem; }",  # to the right, more than a printer shrinks
        ".scrolls { width: 8rem; overflow: hidden; }",  # tables alone
        "table { width: 46rem; }",  # a few letters at the edge
        "details > :not(summary) { display: none; }",
    ],
)
def test_a_page_cut_in_print_is_seen(page: Page, places: dict[str, Path], cut: str) -> None:
    page.open(places["explain"])
    page.run(
        "const s = new CSSStyleSheet(); s.replaceSync(`@media print { ${arguments[0]} }`);"
        "document.adoptedStyleSheets = [s]",
        cut,
    )
    assert lost_in_print(page) or past_the_edge(page) > 0


def test_a_million_requests_open_in_a_second(page: Page, tmp_path: Path) -> None:
    """Of processor time, as the machine may be busy. The table of the policies, as long for any trace, is another's."""
    trace = synthetic(48, 128, 2605, width=8, zipf=0.7, rng=np.random.default_rng(2))
    requests, instance = trace.requests(semantics="sequential"), Instance(48, 128, 700)
    hits, best = run_of(POLICIES["lru"], instance, requests).hits, belady(instance, requests)
    found = replace(
        explain(synthetic(48, 128, 12, width=8, rng=np.random.default_rng(2)), 700),
        curve=curve(requests),
        timeline=timeline(requests, first_uses(requests), hits, best),
    )
    path = tmp_path / "p.html"
    path.write_text(explanation_page(found, Made(("explain",), "a.npz", "0" * 64, (48, 128, 8))))
    assert path.stat().st_size < 3_000_000
    page.driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    page.open(path)
    metrics = page.driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    page.driver.execute_cdp_cmd("Performance.disable", {})
    used = {one["name"]: one["value"] for one in metrics}
    assert page.run("return data.timeline.requests.reduce((a, b) => a + b)") == 48 * 8 * 2605 > 10**6
    assert 0 < used["TaskDuration"] < 1, json.dumps(used)
    clean(page)
