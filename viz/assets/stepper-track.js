/* The scrubber: a blue part for the frames forward, a vermilion one for those backward, and a tall
   tick where a node begins. The range input above it is invisible and does the work. */

class Track {
  constructor(root, data, go) {
    this.frames = data.frames;
    this.last = data.frames.length - 1;
    this.input = root.querySelector(".scrubber input");
    this.svg = root.querySelector(".scrubber svg");
    this.input.max = this.last;
    this.input.addEventListener("input", () => go(Number(this.input.value)));
    this.index = 0;
    addEventListener("resize", () => this.draw());
  }

  show(index) {
    this.index = index;
    this.input.value = index;
    this.input.setAttribute("aria-valuetext",
      `${index} of ${this.last}: ${this.frames[index].words}`);
    this.draw();
  }

  draw() {
    const width = this.svg.clientWidth || 400;
    const at = index => 8 + (width - 16) * index / Math.max(1, this.last);
    const backward = this.frames.findIndex(frame => frame.phase === "backward");
    const split = this.frames.some(frame => frame.phase === "forward") ? at(backward - .5) : 6;
    const here = at(this.index), end = width - 8;
    const parts = [];
    const bar = (from, to, className) => to > from && parts.push(this.shape("rect",
      { x: from, y: 14, width: to - from, height: 4, rx: 2, class: className }));
    bar(8, split - 2, "rail");
    bar(split + 2, end, "rail");
    bar(8, Math.min(here, split - 2), "forward");
    bar(split + 2, here, "backward");
    for (const [index, begins] of this.ticks(width)) {
      parts.push(this.shape("path",
        { d: `M${at(index).toFixed(1)} 21v${begins ? 6 : 3}`, class: begins ? "tick begins" : "tick" }));
    }
    const colour = here > split ? "backward" : "forward";
    parts.push(this.shape("circle", { cx: here, cy: 16, r: 7, class: `knob ${colour}` }));
    this.svg.replaceChildren(...parts);
  }

  /** All ticks where there is room for them, else those where a node begins, else none. */
  ticks(width) {
    const begins = index => !index || this.frames[index].node !== this.frames[index - 1].node
      || this.frames[index].phase !== this.frames[index - 1].phase;
    const all = this.frames.map((_, index) => [index, begins(index)]);
    if (all.length * 4 < width) return all;
    const tall = all.filter(([, tallOne]) => tallOne);
    return tall.length * 3 < width ? tall : [];
  }

  shape(tag, attributes) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }
}
