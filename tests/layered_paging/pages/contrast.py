"""Whether text stands out from what is behind it: the contrast ratio of WCAG 2.2, at least 4.5 (criterion 1.4.3), disabled
controls and large letters too."""

from __future__ import annotations

from tests.layered_paging.pages.browser import Page

LEAST = 4.5

SEEN = """
const pixel = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
  .getContext("2d", { willReadFrequently: true });
const layer = (color) => { // any notation of CSS, as red, green, blue and opacity
  pixel.clearRect(0, 0, 1, 1);
  pixel.fillStyle = color;
  pixel.fillRect(0, 0, 1, 1);
  return [...pixel.getImageData(0, 0, 1, 1).data];
};
const behind = (element) => { // what the elements around paint, from within
  const found = [];
  for (let one = element; one; one = one.parentElement) {
    const style = getComputedStyle(one);
    if (style.opacity !== "1" || style.backgroundImage !== "none") throw new Error("not a plain ground");
    found.push(layer(style.backgroundColor));
    if (found.at(-1)[3] === 255) break;
  }
  return found;
};
document.querySelectorAll("details").forEach((one) => { one.open = true; });
const found = new Map();
const note = (element, text) => {
  const style = getComputedStyle(element);
  const letters = layer(element.closest("svg") ? style.fill : style.color);
  const entry = [letters, ...behind(element)];
  found.set(JSON.stringify(entry), [entry, text]);
};
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const parent = walk.currentNode.parentElement;
  const text = walk.currentNode.textContent.trim();
  if (!text || parent.closest("script, style, option, .unseen") || !parent.checkVisibility()) continue;
  note(parent, text);
}
document.querySelectorAll("select, input[type=number]").forEach((one) => one.checkVisibility() && note(one, one.value));
return [...found.values()];
"""
"""Each pair of letters and the grounds behind them once, with one of its texts."""


def faint(page: Page) -> list[tuple[str, float]]:
    """Texts of the open page with less contrast, and how much they have."""
    seen = page.run(SEEN)
    assert len(seen) > 2
    ratios = [(text, _ratio(layers)) for layers, text in seen]
    return [(text, ratio) for text, ratio in ratios if ratio < LEAST]


def _ratio(layers: list[list[int]]) -> float:
    letters, *grounds = layers
    color = [255.0] * 3  # of an empty sheet
    for ground in reversed(grounds):
        color = _over(ground, color)
    one, two = sorted((_luminance(color), _luminance(_over(letters, color))))
    return (two + 0.05) / (one + 0.05)


def _over(upper: list[int], lower: list[float]) -> list[float]:
    opacity = upper[3] / 255
    return [opacity * a + (1 - opacity) * b for a, b in zip(upper[:3], lower, strict=True)]


def _luminance(color: list[float]) -> float:
    """Relative, of sRGB."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (x / 255 for x in color)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
