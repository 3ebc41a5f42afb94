/* The controller: which frame is shown, and what keys, buttons, the scrubber and clicks do to it.
   A frame is a diff; the state at a frame is the sum of the diffs before it. */

const PACE = 1400;  // milliseconds a frame while playing
const PLAY = "M4 2.5v11L14 8z", PAUSE = "M3 2.5h3.5v11H3zM9.5 2.5H13v11H9.5z";

/** What is known at a frame: values shown, gradients (so far), edges whose contribution arrived. */
class State {
  constructor(data, index) {
    this.index = index;
    this.last = index === data.frames.length - 1;
    this.values = new Set(data.given);
    this.gradients = new Map();
    this.edges = new Set();
    for (const frame of data.frames.slice(0, index + 1)) this.apply(frame);
  }

  apply(frame) {
    for (const node of frame.values) this.values.add(node);
    for (const [node, text, whole] of frame.gradients) this.gradients.set(node, [text, whole]);
    if (frame.phase === "backward") for (const edge of frame.edges) this.edges.add(edge);
  }
}

class Stepper {
  constructor(root) {
    this.root = root;
    this.data = JSON.parse(root.querySelector("script.frames").textContent);
    this.frames = this.data.frames;
    this.last = this.frames.length - 1;
    this.index = 0;
    this.pinned = null;
    this.timer = 0;
    this.picture = new Picture(root.querySelector(".figure"), this.data);
    this.saying = new Saying(root);
    this.ledger = new Ledger(root, this.data);
    this.source = new Source(root, this.data);
    this.track = new Track(root, this.data, index => this.jump(index));
    this.quiz = new Quiz(root, {
      answered: right => this.reveal(right), left: () => { this.draw(); this.focus(); },
    });
    this.finder = new Finder(root, this.data, {
      found: node => this.look(node), chosen: node => this.choose(node), left: () => this.leave(),
    });
    this.asks = this.frames.some(frame => frame.quiz);
    for (const part of root.querySelectorAll(".asks")) part.hidden = !this.asks;
    this.listen();
    root.classList.add("live");
    this.go(this.asked("step") ?? 0);
    if (location.hash.includes("quiz")) this.toggleQuiz();
    if (window.top === window) this.focus();
  }

  asked(name) {
    const found = new RegExp(`${name}=(\\d+)`).exec(location.hash);
    return found && Number(found[1]);
  }

  focus() { this.root.focus({ preventScroll: true }); }

  // ---- what is shown ----

  get frame() { return this.frames[this.index]; }

  go(index) {
    this.index = Math.max(0, Math.min(this.last, index));
    this.draw();
  }

  jump(index) { this.stop(); this.go(index); }

  draw() {
    const state = new State(this.data, this.index);
    this.quiz.close();
    this.saying.show(this.frame);
    this.picture.paint(state, this.frame, { pinned: this.pinned });
    this.picture.follow(this.frame);
    this.source.show(this.frame);
    this.track.show(this.index);
    this.showLedger(state, this.frame);
    this.bar();
  }

  showLedger(state, frame, asking = false) {
    const node = this.pinned ?? frame.target ?? frame.node;
    this.ledger.show(node, frame, state, { pinned: this.pinned !== null, asking });
  }

  bar() {
    const find = name => this.root.querySelector(name), focused = document.activeElement;
    find(".count").textContent = `${this.index} / ${this.last}`;
    find(".phase").className = `phase ${this.frame.phase}`;
    find(".phase .name").textContent = this.frame.phase;
    find(".first").disabled = find(".back").disabled = this.index === 0;
    find(".next").disabled = find(".last").disabled = this.index === this.last;
    // A disabled button drops the focus, and with it the keys.
    if (focused && focused.disabled && this.root.contains(focused)) this.focus();
  }

  // ---- moving ----

  /** One frame on, or the question that stands before it. */
  forward() {
    const next = this.frames[this.index + 1];
    if (next && next.quiz && this.quiz.on) return this.pose(next);
    this.go(this.index + 1);
  }

  same(a, b) {
    const one = this.frames[a], other = this.frames[b];
    return Boolean(one && other) && one.node === other.node && one.phase === other.phase;
  }

  /** To the end of an operation: the last of the frames that share its node. */
  byNode(direction) {
    let index = this.index;
    if (direction > 0) {
      if (!this.same(index, index + 1)) index += 1;
      while (this.same(index, index + 1)) index += 1;
    } else {
      while (this.same(index, index - 1)) index -= 1;
      index -= 1;
    }
    this.jump(index);
  }

  toPhase(phase) {
    const index = this.frames.findIndex(frame => frame.phase === phase);
    if (index >= 0) this.jump(index);
  }

  play() {
    if (this.timer) return this.stop();
    if (this.index === this.last) this.go(0);
    this.showPlaying(true);
    this.timer = setInterval(() => (this.index < this.last ? this.forward() : this.stop()), PACE);
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.showPlaying(false);
  }

  showPlaying(playing) {
    const button = this.root.querySelector(".play");
    button.querySelector("path").setAttribute("d", playing ? PAUSE : PLAY);
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
  }

  // ---- quiz ----

  toggleQuiz() {
    if (!this.asks) return;
    this.quiz.toggle.checked = !this.quiz.toggle.checked;
    if (this.quiz.on) this.forward();
    else this.draw();
  }

  pose(frame) {
    this.stop();
    const state = new State(this.data, this.index);
    this.saying.ask(frame.quiz.words);
    this.picture.paint(state, frame, { asking: true, pinned: this.pinned });
    this.picture.follow(frame);
    this.showLedger(state, frame, true);
    this.quiz.ask(frame.quiz);
  }

  reveal(right) {
    this.go(this.index + 1);
    this.saying.show(this.frame, { right });
    this.focus();
  }

  // ---- pins and the finder ----

  pin(node) {
    this.pinned = node === this.pinned ? null : node;
    const asking = this.quiz.asked !== null;
    const frame = asking ? this.frames[this.index + 1] : this.frame;
    const state = new State(this.data, this.index);
    this.picture.paint(state, frame, { asking, pinned: this.pinned });
    this.showLedger(state, frame, asking);
  }

  search() {
    this.stop();
    this.quiz.close();
    this.finder.open();
  }

  look(node) {
    this.picture.point(node);
    if (node) this.ledger.show(node, this.frame, new State(this.data, this.index), { chosen: true });
  }

  /** The frame where the node next receives something or gets its value; else it is pinned only. */
  choose(node) {
    this.leave();
    const concerns = frame => frame.target === node || frame.node === node
      || frame.gradients.some(([id]) => id === node);
    const later = this.frames.findIndex((frame, k) => k > this.index && concerns(frame));
    const any = later >= 0 ? later : this.frames.findIndex(concerns);
    this.pinned = node;
    this.go(any >= 0 ? any : this.index);
    this.picture.reveal(node);
  }

  leave() {
    this.finder.close();
    this.picture.point(null);
    this.draw();
    this.focus();
  }

  // ---- input ----

  listen() {
    const press = (name, act) => this.root.querySelector(name).addEventListener("click", act);
    press(".first", () => this.jump(0));
    press(".back", () => this.jump(this.index - 1));
    press(".play", () => this.play());
    press(".next", () => { this.stop(); this.forward(); });
    press(".last", () => this.jump(this.last));
    press(".unpin", () => { this.pin(this.pinned); this.focus(); });
    press(".figure", event => this.pin(this.picture.nodeAt(event.target)));
    this.quiz.toggle.addEventListener("change", () => this.quiz.on && this.focus());
    this.root.addEventListener("keydown", event => this.keydown(event), true);
  }

  /** Keys that mean something here go no further: a notebook around us would take them too. */
  keydown(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === this.quiz.field) return this.typed(event, this.quiz.key(event));
    if (event.target === this.finder.field) return this.typed(event, this.finder.key(event));
    const act = this.action(event);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  typed(event, taken) {
    if (taken) event.preventDefault();
    event.stopPropagation();
  }

  action(event) {
    const control = event.target.closest("button, .switch input");
    switch (event.key) {
      case "ArrowRight": return () => {
        this.stop();
        if (event.shiftKey) this.byNode(1); else this.forward();
      };
      case "ArrowLeft": return () => (event.shiftKey ? this.byNode(-1) : this.jump(this.index - 1));
      case "Home": return () => this.jump(0);
      case "End": return () => this.jump(this.last);
      case " ": return control ? null : () => this.play();
      case "f": case "F": return () => this.toPhase("forward");
      case "b": case "B": return () => this.toPhase("backward");
      case "q": case "Q": return () => this.toggleQuiz();
      case "/": return () => this.search();
      case "Escape": return () => this.escape();
      default: return null;
    }
  }

  escape() {
    this.stop();
    if (this.quiz.asked) this.draw();
    else if (this.pinned !== null) this.pin(this.pinned);
  }
}

for (const root of document.querySelectorAll(".stepper")) new Stepper(root);
