"""What a picture must hold to in a browser: readable, nothing over another, nothing cut off."""

import re
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"

MEASURE = """() => [...document.querySelectorAll('svg text')].map(t => {
  const box = t.getBBox(), at = t.getCTM(), card = t.closest('.node')?.querySelector('rect');
  const inner = card?.getBBox();
  return {text: t.textContent, size: parseFloat(getComputedStyle(t).fontSize),
    x: box.x, y: box.y, right: box.x + box.width, bottom: box.y + box.height,
    card: inner && [inner.x, inner.y, inner.x + inner.width, inner.y + inner.height]};
})"""


def layout_faults(page):
    """List what is wrong with the texts of a page that shows one SVG."""
    texts = page.evaluate(MEASURE)
    box = "document.querySelector('svg').viewBox.baseVal"
    width, height = page.evaluate(f"() => [{box}.width, {box}.height]")
    assert texts
    faults = []
    for n, one in enumerate(texts):
        name = one["text"]
        if one["size"] < 11:
            faults.append(f"{name!r} is {one['size']} px")
        if one["x"] < 0 or one["right"] > width or one["y"] < 0 or one["bottom"] > height:
            faults.append(f"{name!r} leaves the page")
        if one["card"]:
            left, top, right, bottom = one["card"]
            # A line box is taller than its glyphs; only the sides are exact.
            if one["x"] < left or one["right"] > right or one["bottom"] > bottom + 3:
                faults.append(f"{name!r} leaves its card")
            if one["y"] < top - 3:
                faults.append(f"{name!r} stands above its card")
        for other in texts[n + 1 :]:
            across = min(one["right"], other["right"]) - max(one["x"], other["x"])
            down = min(one["bottom"], other["bottom"]) - max(one["y"], other["y"])
            if across > 0.5 and down > 3.5:  # ascent and descent of two lines may touch
                faults.append(f"{name!r} runs into {other['text']!r}")
    return faults


def parse(svg):
    """Parse as XML; fails if the figure refers to anything outside itself or has a double id."""
    root = ET.fromstring(svg)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "an id stands twice"
    for element in root.iter():
        assert element.tag != f"{SVG}script"
        for key, value in element.attrib.items():
            if key.endswith("href"):
                assert value.startswith("data:image/png;base64,")
            assert not key.lower().startswith("on")
            for target in re.findall(r"url\\(([^)]*)\\)", value):
                assert target.startswith("#") and target[1:] in ids
    for style in root.iter(f"{SVG}style"):
        assert "@import" not in style.text and "url(" not in style.text
    return root


GROUNDS = """() => {
  const colour = text => text.match(/[\\d.]+/g).map(Number);
  const light = c => c.slice(0, 3).map(v => v / 255)
    .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const faults = [], svg = document.querySelector('svg');
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  for (const text of svg.querySelectorAll('text')) {
    const box = text.getBoundingClientRect();
    const spans = text.children.length ? [...text.children] : [text];
    for (const share of [.2, .45, .8]) {
      const under = document.elementsFromPoint(box.left + share * box.width,
        box.top + .5 * box.height).filter(e => !e.closest('text') && svg.contains(e));
      let ground = null;
      const tints = [];
      for (const part of under) {
        const style = getComputedStyle(part);
        if (part.matches('.vs, .gs')) {
          faults.push(`a line runs under ${text.textContent}`);
          break;
        }
        if (part.tagName === 'image' || style.fill.startsWith('url')) { tints.length = 0; break; }
        if (style.fill === 'none') continue;
        const opacity = style.fillOpacity * style.opacity;
        if (opacity < 1) { tints.unshift([colour(style.fill), opacity]); continue; }
        ground = colour(style.fill);
        break;
      }
      if (!ground) continue;
      for (const [c, a] of tints) ground = ground.map((v, i) => v * (1 - a) + c[i] * a);
      for (const span of spans) {
        const ink = colour(getComputedStyle(span).fill);
        const [dim, bright] = [light(ink), light(ground)].sort((a, b) => a - b);
        const ratio = (bright + .05) / (dim + .05);
        if (ratio < 4.5) faults.push(`${span.textContent}: contrast ${ratio.toFixed(2)}`);
      }
    }
  }
  return [...new Set(faults)];
}"""


def ground_faults(page):
    """List texts that stand on a line, or on a ground that they hardly differ from."""
    width, height = page.evaluate(
        "() => (b => [b.width, b.height])(document.querySelector('svg').viewBox.baseVal)"
    )
    page.set_viewport_size({"width": round(width) + 20, "height": round(height) + 20})
    return page.evaluate(GROUNDS)
