/* The words, the ledger and the source: everything beside the figure. Text only ever enters the
   page as text, so a node named <script> is five letters and two brackets. */

const element = (tag, className, text) => {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
};

/** The sentence in words and, under it, the formula with its numbers. */
class Saying {
  constructor(root) {
    this.words = root.querySelector(".words");
    this.formula = root.querySelector(".formula");
  }

  show(frame, { right = false } = {}) {
    this.words.replaceChildren();
    if (right) this.words.append(element("span", "right", "Right. "));
    this.words.append(frame.words);
    this.words.title = frame.words;
    this.formula.replaceChildren(...frame.formula.map(([text, role]) =>
      role ? element(role === "now" ? "span" : "b", role, text) : text));
    this.formula.title = this.formula.textContent;
  }

  ask(question) {
    this.words.textContent = question;
    this.formula.replaceChildren();
  }
}

/** What one node receives, line by line: contributions so far, and those still to come. */
class Ledger {
  constructor(root, data) {
    this.data = data;
    this.title = root.querySelector(".ledger h2 .what");
    this.about = root.querySelector(".ledger h2 .about");
    this.unpin = root.querySelector(".ledger .unpin");
    this.body = root.querySelector(".ledger tbody");
    this.box = root.querySelector(".ledger .scroll");
  }

  show(node, frame, state, { pinned = false, chosen = pinned, asking = false } = {}) {
    this.unpin.hidden = !pinned;
    const entry = node && this.data.nodes[node];
    if (!entry) return this.nothing(state);
    const forward = frame.phase === "forward" && !chosen;
    const rows = forward ? this.terms(entry) : this.contributions(node, entry, frame, state, asking);
    this.title.textContent = forward ? `Ledger of ${entry.name}` : `Ledger of ${entry.gradient_name}`;
    this.about.textContent = forward ? "forward: how its value comes about"
      : "backward: contributions so far";
    this.body.replaceChildren(...rows);
    const now = this.body.querySelector(".now");
    if (now) keepInView(this.box, now);
  }

  nothing(state) {
    this.title.textContent = "Ledger";
    this.about.textContent = "what a node receives, line by line";
    this.body.replaceChildren(this.row(state.index ? "Click a card." : "Nothing yet.", "", "", "wait"));
  }

  row(who, how, what, className = "", role = "") {
    const row = element("tr", className);
    row.append(element("td", "", who), element("td", "", how), element("td", role, what));
    return row;
  }

  terms(entry) {
    const rows = entry.terms.map(([who, how, what, won]) =>
      this.row(who, how, what, won ? "now forward" : "", "value"));
    rows.push(this.row(entry.terms_end, "", entry.value, "sum", "value"));
    return rows;
  }

  contributions(node, entry, frame, state, asking) {
    const known = state.gradients.get(node);
    const rows = [], parts = [];
    if (entry.seed) {
      rows.push(this.row("seed", entry.seed, known ? known[0] : "—",
        frame.target === node ? "now" : known ? "" : "wait", known ? "gradient" : ""));
    }
    for (const [edge, who, how, what] of entry.contributions) {
      const now = frame.edges.includes(edge);
      if (state.edges.has(edge)) {
        parts.push(what);
        rows.push(this.row(who, how, what, now ? "now" : "", what === "0" ? "" : "gradient"));
      } else if (asking && now) {
        rows.push(this.row(who, "your answer", "?", "now"));
      } else {
        rows.push(this.row(who, "not yet", "—", "wait"));
      }
    }
    if (entry.contributions.length > (entry.adds ? 0 : 1)) {
      const all = parts.length === entry.contributions.length;
      rows.push(this.row(all ? entry.sum_word : `${entry.sum_word} so far`,
        entry.adds && parts.length > 1 ? sumOf(parts) : "", known ? known[0] : "—", "sum",
        known && known[0] !== "0" ? "gradient" : ""));
    } else if (!entry.contributions.length && !entry.seed) {
      rows.push(this.row(entry.none, "", "—", "wait"));
    }
    for (const [edge, who, how, what] of entry.sent ?? []) {
      const known = state.edges.has(edge);
      rows.push(this.row(who, known ? how : "not yet", known ? what : "—",
        frame.edges.includes(edge) ? "now" : known ? "" : "wait", known ? "gradient" : ""));
    }
    return rows;
  }
}

/** 10 + 5 − 3: what the running sum is made of; a long sum keeps its ends. */
const sumOf = parts => {
  const shown = parts.length > 6 ? [...parts.slice(0, 3), "…", ...parts.slice(-2)] : parts;
  return shown.reduce((sum, part) => sum + (part[0] === "−" ? ` − ${part.slice(1)}` : ` + ${part}`));
};

/** The lines of the program, or where they are not known the expressions; one is active. */
class Source {
  constructor(root, data) {
    root.querySelector(".source h2 .what").textContent = data.lines_title;
    this.box = root.querySelector(".source .scroll");
    this.lines = data.lines.map(([number, text]) => {
      const line = element("li", number === null ? "file" : "");
      if (number) line.append(element("span", "number", number));
      line.append(text);
      return line;
    });
    root.querySelector(".source ol").replaceChildren(...this.lines);
    this.active = null;
  }

  show(frame) {
    if (this.active) this.active.className = "";
    this.active = frame.line === null ? null : this.lines[frame.line];
    if (!this.active) return;
    this.active.className = `on ${frame.phase}`;
    keepInView(this.box, this.active);
  }
}

/** Scroll the box, never the page, until the row can be seen. */
const keepInView = (box, row) => {
  const top = row.offsetTop - box.offsetTop, bottom = top + row.offsetHeight;
  if (top < box.scrollTop) box.scrollTop = top - row.offsetHeight;
  else if (bottom > box.scrollTop + box.clientHeight) {
    box.scrollTop = bottom + row.offsetHeight - box.clientHeight;
  }
};
