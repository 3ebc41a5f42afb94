/* The figure while it is being computed. The static SVG shows the final state; this hides what is
   not known yet, writes sums so far into the chips, and rings what is active. Parts are found by
   id (viz/render/svg.py lists them); only parts whose state changed are touched. */

const SVG = "http://www.w3.org/2000/svg";
const ADVANCE = .602;  // of the monospace face, in em: the width of a chip follows from it

class Picture {
  constructor(box, data) {
    this.box = box;
    this.data = data;
    this.svg = box.querySelector("svg");
    this.nodes = Object.keys(data.nodes);
    this.edges = Object.keys(data.edges);
    this.parts = new Map();
    this.painted = new Map();
    for (const name of [...this.svg.querySelectorAll("[id]")].map(part => part.id)) {
      if (name.startsWith(data.prefix)) {
        this.parts.set(name.slice(data.prefix.length), this.svg.getElementById(name));
      }
    }
    for (const id of this.nodes) this.toggle(this.part("n", id), "selectable", true);
    this.fit();
  }

  part(role, id) { return this.parts.get(`${role}-${id}`); }

  /** Wide figures scroll instead of shrinking below what can be read; none grows without end. */
  fit() {
    const width = this.svg.viewBox.baseVal.width;
    this.svg.style.minWidth = `${Math.round(width * .8)}px`;
    this.svg.style.maxWidth = `${Math.round(width * 1.25)}px`;
  }

  paint(state, frame, { asking = false, pinned = null } = {}) {
    const active = new Set(frame.edges);
    const forward = frame.phase === "forward";
    for (const id of this.nodes) {
      const known = state.gradients.get(id);
      this.node(id, {
        value: state.values.has(id), gradient: known ? known[0] : null,
        whole: Boolean(known?.[1]), end: state.last, active: id === frame.node, target: !forward && id === frame.target && id !== frame.node,
        forward, pinned: id === pinned,
      });
    }
    for (const id of this.edges) {
      this.edge(id, {
        done: state.edges.has(id) || state.last, active: active.has(id), forward,
        known: state.values.has(this.data.edges[id][1]), asking: asking && active.has(id),
      });
    }
    this.toggle(this.parts.get("findings"), "off", !state.last);
  }

  node(id, now) {
    if (this.unchanged(`n-${id}`, now)) return;
    const { value, gradient } = now;
    const whole = now.whole || now.end;
    this.toggle(this.part("v", id), "off", !value);
    for (const part of [this.part("x", id), this.part("v", `${id}.p`)]) {
      this.toggle(part, "off", !value);
    }
    this.wait("v", id, !value);
    const chip = this.part("g", id), scalar = !this.data.nodes[id].cells;
    const shown = whole || (gradient !== null && scalar);
    this.toggle(chip, "off", !shown);
    this.wait("g", id, !shown);
    if (chip && gradient !== null && scalar) this.chip(chip, gradient, whole);
    for (const role of ["sum", "why", "br", "seed"]) this.toggle(this.part(role, id), "off", !whole);
    const card = this.part("n", id);
    this.toggle(card, "plain", !whole);
    this.toggle(card, "active", now.active);
    this.toggle(card, "target", now.target);
    this.toggle(card, "forward", now.forward && now.active);
    this.toggle(card, "pinned", now.pinned);
  }

  edge(id, now) {
    if (this.unchanged(`e-${id}`, now)) return;
    const line = this.part("e", id);
    this.toggle(line, "todo", !now.done);
    this.toggle(line, "active", now.active);
    this.toggle(line, "forward", now.active && now.forward);
    this.toggle(line, "backward", now.active && !now.forward);
    this.toggle(this.part("c", id), "unsure", !now.known);
    const row = this.part("r", id);
    this.toggle(row, "off", !now.done || now.asking);
    this.toggle(row, "active", now.active);
    if (!this.data.layers) return this.toggle(this.part("p", id), "empty", !now.known);
    this.toggle(line, "ahead", !now.known);
    for (const part of [this.part("k", id), this.part("p", id), this.part("g", `${id}.logits`)]) {
      this.toggle(part, "off", !now.done);
    }
  }

  unchanged(key, now) {
    const text = JSON.stringify(now);
    if (this.painted.get(key) === text) return true;
    this.painted.set(key, text);
    return false;
  }

  /** A gradient in its chip: outlined and light while it is a sum so far, hollow when it is 0.
      (The cells of a tensor are shown once they are whole.) */
  chip(group, text, whole) {
    const label = group.querySelector("text"), size = Number(group.dataset.s ?? 12);
    if (!label) return;
    label.textContent = text;
    const box = group.querySelector("rect") ?? this.outline(group, label, size);
    box.setAttribute("width", 19 + text.length * ADVANCE * size);
    this.toggle(group, "hollow", text === "0");
    this.toggle(group, "partial", !whole);
  }

  /** A gradient that ends at 0 was drawn without a chip, but may pass through other numbers. */
  outline(group, label, size) {
    const height = size > 12 ? 20 : 16, box = document.createElementNS(SVG, "rect");
    const middle = label.getAttribute("y") - .3 - size / 3;
    for (const [name, value] of Object.entries({
      x: label.getAttribute("x") - 15, y: middle - height / 2, height, rx: 4, class: "spare",
    })) box.setAttribute(name, value);
    group.prepend(box);
    return box;
  }

  /** A dash where a number is going to stand. */
  wait(role, id, waiting) {
    const number = this.part(role, id);
    if (!number) return;
    let dash = this.part(`${role}p`, id);
    if (!dash && waiting) {
      const text = number.querySelector("text") ?? number;
      dash = text.cloneNode(false);
      dash.removeAttribute("id");
      dash.setAttribute("class", "m ink3 wait");
      dash.textContent = "—";
      number.after(dash);
      this.parts.set(`${role}p-${id}`, dash);
    }
    this.toggle(dash, "shown", waiting);
  }

  toggle(part, name, on) { if (part) part.classList.toggle(name, on); }

  nodeAt(target) {
    const card = target.closest(".selectable");
    return card && this.nodes.find(id => this.part("n", id) === card) || null;
  }

  point(node) {
    if (this.pointed) this.toggle(this.part("n", this.pointed), "found", false);
    this.pointed = node;
    if (!node) return;
    this.toggle(this.part("n", node), "found", true);
    this.reveal(node);
  }

  /** Bring what the frame is about into view; the page itself never moves. */
  follow(frame) {
    const main = frame.target ?? frame.node;
    if (main) this.reveal(main);
  }

  reveal(node) {
    const card = this.part("n", node);
    const { box } = this;
    if (!card) return;
    const inner = card.getBoundingClientRect(), outer = box.getBoundingClientRect();
    if (box.scrollWidth > box.clientWidth && (inner.left < outer.left || inner.right > outer.right)) {
      box.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
    }
    if (box.scrollHeight > box.clientHeight && (inner.top < outer.top || inner.bottom > outer.bottom)) {
      box.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
    }
  }
}
