/* The quiz asks for the next contribution before the figure shows it, and the finder looks a node
   up by name. Both own a text field: while it has the focus, keys are letters. */

class Quiz {
  constructor(root, { answered, left }) {
    this.toggle = root.querySelector(".switch input");
    this.box = root.querySelector(".ask");
    this.question = root.querySelector(".ask label");
    this.field = root.querySelector(".ask input");
    this.verdict = root.querySelector(".ask .verdict");
    this.formula = root.querySelector(".formula");
    this.answered = answered;
    this.left = left;
    this.asked = null;
    root.querySelector(".ask .check").addEventListener("click", () => this.check());
    root.querySelector(".ask .reveal").addEventListener("click", () => this.answered(false));
    this.toggle.addEventListener("change", () => this.toggle.checked || this.left());
  }

  get on() { return this.toggle.checked; }

  ask(quiz) {
    this.asked = quiz;
    this.question.textContent = quiz.ask;
    this.verdict.textContent = "";
    this.field.value = "";
    this.open(true);
    this.field.focus({ preventScroll: true });
  }

  close() {
    this.asked = null;
    this.open(false);
  }

  open(open) {
    this.box.hidden = !open;
    this.formula.hidden = open;
  }

  check() {
    const typed = this.field.value.trim().replace("−", "-").replace(",", ".");
    const answer = typed === "" ? NaN : Number(typed);
    const { expect, hint } = this.asked;
    const near = Math.abs(answer - expect) <= 1e-2 * Math.max(Math.abs(expect), 1e-12)
      || this.field.value.trim() === this.asked.shown;
    if (near) return this.answered(true);
    this.verdict.textContent = Number.isNaN(answer) ? "A number, please." : `Not yet: ${hint}`;
    this.field.select();
  }

  key(event) {
    if (event.key === "Enter") this.check();
    else if (event.key === "Escape") this.left();
    else return false;
    return true;
  }
}

class Finder {
  constructor(root, data, { found, chosen, left }) {
    this.box = root.querySelector(".find");
    this.field = root.querySelector(".find input");
    this.status = root.querySelector(".find .found");
    this.names = Object.entries(data.nodes).map(([id, node]) => [id, node.name.toLowerCase()]);
    this.matches = [];
    this.found = found;
    this.chosen = chosen;
    this.left = left;
    this.field.addEventListener("input", () => this.search());
  }

  open() {
    this.box.hidden = false;
    this.field.value = "";
    this.search();
    this.field.focus({ preventScroll: true });
  }

  close() { this.box.hidden = true; }

  /** Names that begin with the text come first, shorter ones before longer ones. */
  search() {
    const text = this.field.value.trim().toLowerCase();
    const rank = name => (name === text ? 0 : name.startsWith(text) ? 1 : 2);
    this.matches = !text ? [] : this.names.filter(([, name]) => name.includes(text))
      .sort((a, b) => rank(a[1]) - rank(b[1]) || a[1].length - b[1].length);
    this.at = 0;
    this.tell(text);
  }

  tell(text) {
    const count = this.matches.length;
    this.status.textContent = !text ? "name of a node" : !count ? "no such node"
      : `${this.at + 1} of ${count}`;
    this.found(count ? this.matches[this.at][0] : null);
  }

  key(event) {
    const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") this.left();
    else if (event.key === "Enter") {
      if (this.matches.length) this.chosen(this.matches[this.at][0]);
    } else if (turn) {
      const count = this.matches.length;
      if (count) this.at = (this.at + turn + count) % count;
      this.tell(this.field.value);
    } else return false;
    return true;
  }
}
