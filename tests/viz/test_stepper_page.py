"""The stepper's page in a browser: driven by keys and clicks, it shows what the engine computed."""

import pytest

import autograd
import viz
from tests.viz.walks import exam, long_chain, square_plus
from viz.numbers import number

GRADIENTS = """() => Object.fromEntries([...document.querySelectorAll('.gb')]
  .filter(chip => getComputedStyle(chip).visibility === 'visible')
  .map(chip => [chip.closest('.node').querySelector('title').textContent.split(':')[0],
                chip.querySelector('text').textContent]))"""


@pytest.fixture
def exam_page(open_page, tmp_path):
    """EX-A, forward and backward, open in a browser."""
    L, names = exam()
    path = viz.backprop(L, names=names, forward=True).save(tmp_path / "exam.html")

    def start(fragment="", **options):
        page = open_page(path, **options)
        if fragment:
            page.goto(f"{path.resolve().as_uri()}#{fragment}")
            page.reload()
        return page

    return start


def engine(names, root):
    """Return the gradients by name, as they are printed."""
    tensors = list(names.values())
    found = autograd.grad(root, tensors, retain_graph=True)
    return {name: number(g.item()) for name, g in zip(names, found, strict=True)}


def place(page):
    """Return the frame shown and the last one."""
    return tuple(int(part) for part in page.text_content(".count").split(" / "))


def ledger(page):
    rows = page.query_selector_all(".ledger tr")
    return [[cell.text_content() for cell in row.query_selector_all("td")] for row in rows]


def test_driven_by_keys_to_its_end(exam_page):
    L, names = exam()
    page = exam_page()
    index, last = place(page)
    assert index == 0
    assert page.evaluate(GRADIENTS) == {}
    for _ in range(last):
        page.keyboard.press("ArrowRight")
    assert place(page) == (last, last)
    assert page.evaluate(GRADIENTS) == engine(names, L)


def test_driven_by_clicks_to_its_end(exam_page):
    L, names = exam()
    page = exam_page()
    for _ in range(place(page)[1]):
        page.click(".next")
    assert page.is_disabled(".next")
    assert page.evaluate(GRADIENTS) == engine(names, L)


def test_first_last_and_back(exam_page):
    page = exam_page()
    last = place(page)[1]
    page.keyboard.press("End")
    assert place(page) == (last, last)
    page.keyboard.press("ArrowLeft")
    assert place(page)[0] == last - 1
    page.click(".first")
    assert place(page)[0] == 0
    assert page.is_disabled(".back")
    assert page.evaluate(GRADIENTS) == {}


def test_EX_A_ten_and_five_are_fifteen(exam_page):
    page = exam_page()
    page.keyboard.press("b")
    while "now 5 + 10 = 15" not in page.text_content(".formula"):
        index = place(page)[0]
        page.keyboard.press("ArrowRight")
        assert place(page)[0] == index + 1
    assert page.text_content(".formula").startswith("∂L/∂z2 += ∂L/∂v1 · ∂v1/∂z2 = 10 × 1 = 10")
    assert sorted(ledger(page)[:-1]) == [["from v1", "10 × 1", "10"], ["from v2", "5 × 1", "5"]]
    assert ledger(page)[-1][0] == "sum"
    assert ledger(page)[-1][2] == "15"
    assert page.evaluate(GRADIENTS)["z2"] == "15"


def test_what_is_outstanding_is_not_yet(exam_page):
    page = exam_page()
    page.keyboard.press("b")
    while page.text_content(".ledger .what") != "Ledger of ∂L/∂z2":
        page.keyboard.press("ArrowRight")
    rows = ledger(page)
    assert ["from v1", "not yet", "—"] in rows
    assert rows[-1] == ["sum so far", "", "5"]
    assert "partial" in page.locator(".node.target .gb").get_attribute("class")


def test_by_node_and_by_phase(exam_page):
    page = exam_page()
    page.keyboard.press("f")
    assert page.text_content(".phase .name") == "forward"
    page.keyboard.press("b")
    assert page.text_content(".phase .name") == "backward"
    assert "∂L/∂L" in page.text_content(".formula")
    start = place(page)[0]
    page.keyboard.press("Shift+ArrowRight")
    assert place(page)[0] == start + 1  # the end of L
    page.keyboard.press("Shift+ArrowRight")
    assert place(page)[0] == start + 6  # yhat has five inputs
    page.keyboard.press("Shift+ArrowLeft")
    assert place(page)[0] == start + 1


def test_playing_and_pausing(exam_page, open_page):
    page = exam_page()
    page.clock.install()
    page.reload()
    page.keyboard.press("Space")
    page.clock.run_for(3000)
    assert place(page)[0] == 2
    page.keyboard.press("Space")
    page.clock.run_for(5000)
    assert place(page)[0] == 2


def test_the_scrubber(exam_page):
    page = exam_page()
    page.eval_on_selector(
        ".scrubber input", "e => { e.value = 9; e.dispatchEvent(new Event('input')); }"
    )
    assert place(page)[0] == 9
    assert page.get_attribute(".scrubber input", "aria-valuetext").startswith("9 of ")


def test_the_quiz_asks_first(exam_page):
    page = exam_page()
    page.keyboard.press("b")
    page.keyboard.press("q")
    assert page.is_visible(".ask")
    assert page.text_content(".words") == "What does L send back to yhat?"
    assert "yhat" not in page.evaluate(GRADIENTS)
    index = place(page)[0]
    page.keyboard.type("4")
    page.keyboard.press("Enter")
    assert page.text_content(".verdict") == "Not yet: 1 × 5"
    assert place(page)[0] == index
    page.fill(".ask input", "5")
    page.click(".check")
    assert page.text_content(".words").startswith("Right. ")
    assert place(page)[0] == index + 1
    assert page.evaluate(GRADIENTS)["yhat"] == "5"


def test_the_quiz_takes_a_true_minus_and_lets_go(exam_page):
    page = exam_page()
    page.keyboard.press("b")
    page.check(".switch input")
    while "send back to x3" not in page.text_content(".words") or "z2" not in page.text_content(
        ".words"
    ):
        page.click(".reveal") if page.is_visible(".ask") else page.keyboard.press("ArrowRight")
    page.keyboard.type("−30")
    page.keyboard.press("Enter")
    assert page.text_content(".words").startswith("Right. ")
    page.keyboard.press("ArrowRight")
    assert page.is_visible(".ask")
    page.keyboard.press("Escape")
    assert not page.is_visible(".ask")


def test_a_click_keeps_a_ledger(exam_page):
    page = exam_page()
    page.keyboard.press("b")
    page.click("[id$=-n-x3]")
    assert page.text_content(".ledger .what") == "Ledger of ∂L/∂x3"
    page.keyboard.press("ArrowRight")
    assert page.text_content(".ledger .what") == "Ledger of ∂L/∂x3"
    page.keyboard.press("End")
    assert ledger(page)[-1][2] == "−30"
    page.keyboard.press("Escape")
    assert page.text_content(".ledger .what") == "Ledger"


def test_finding_a_node(exam_page):
    page = exam_page()
    page.keyboard.press("b")
    page.keyboard.press("/")
    page.keyboard.type("k")
    assert page.text_content(".found") == "1 of 3"
    page.keyboard.press("ArrowDown")
    assert page.text_content(".ledger .what") == "Ledger of ∂L/∂k2"
    page.keyboard.press("Enter")
    assert not page.is_visible(".find")
    assert page.text_content(".ledger .what") == "Ledger of ∂L/∂k2"
    page.keyboard.press("/")
    page.keyboard.type("nothing of the kind")
    assert page.text_content(".found") == "no such node"
    page.keyboard.press("Escape")
    assert not page.is_visible(".find")


def test_keys_go_no_further(exam_page):
    page = exam_page()
    page.evaluate(
        "() => { window.heard = []; document.body.addEventListener('keydown',"
        " e => window.heard.push([e.key, e.defaultPrevented])); }"
    )
    for key in ("ArrowRight", "End", "f", "b", "x"):
        page.keyboard.press(key)
    assert page.evaluate("window.heard") == [["x", False]]


def test_without_javascript_a_long_picture_scrolls_and_does_not_shrink(open_page, tmp_path):
    y = autograd.tensor(1.0, requires_grad=True)
    for _ in range(60):
        y = y * 1.5
    viz.backprop(y, view="op").save(tmp_path / "long.html")
    page = open_page(tmp_path / "long.html", java_script_enabled=False)
    svg = page.locator(".figure > svg")
    assert svg.bounding_box()["width"] == float(svg.get_attribute("width")) > 1280


def test_without_javascript_the_picture_is_there(exam_page):
    L, names = exam()
    page = exam_page(java_script_enabled=False)
    assert page.is_visible(".figure svg")
    assert not page.is_visible(".bar")
    assert not page.is_visible(".panes")
    assert page.locator("noscript").count() == 1
    chips = page.locator(".gb").all()
    assert len(chips) == len(names)
    assert all(chip.is_visible() for chip in chips)


def test_it_speaks(exam_page):
    page = exam_page()
    live = page.locator("[aria-live=polite]")
    page.keyboard.press("b")
    assert "Backward starts here" in live.text_content()
    assert page.get_attribute(".stepper", "role") == "application"


def test_dark_follows_the_reader(exam_page):
    colours = {
        scheme: exam_page(color_scheme=scheme).evaluate(
            "() => [getComputedStyle(document.body).backgroundColor,"
            " getComputedStyle(document.querySelector('.figure .bg')).fill]"
        )
        for scheme in ("light", "dark")
    }
    assert colours["light"] == ["rgb(246, 248, 250)", "rgb(255, 255, 255)"]
    assert colours["dark"] == ["rgb(13, 17, 23)", "rgb(18, 23, 30)"]


def test_reduced_motion_moves_nothing(exam_page):
    duration = "() => getComputedStyle(document.querySelector('.edge path')).transitionDuration"
    assert exam_page(reduced_motion="no-preference").evaluate(duration) != "0s"
    assert exam_page(reduced_motion="reduce").evaluate(duration) == "0s"


def test_a_narrow_window_follows_the_receiver(exam_page):
    page = exam_page(viewport={"width": 640, "height": 900})
    for key in ("b", "End", "b", "Shift+ArrowRight"):
        page.keyboard.press(key)
        inside = page.evaluate(
            "() => { const n = document.querySelector('.node.target, .node.active');"
            " if (!n) return true; const b = document.querySelector('.figure');"
            " const i = n.getBoundingClientRect(), o = b.getBoundingClientRect();"
            " return i.left >= o.left - 1 && i.right <= o.right + 1; }"
        )
        assert inside, key


def test_the_square_in_the_ledger(open_page, tmp_path):
    y, names = square_plus()
    page = open_page(viz.backprop(y, names=names).save(tmp_path / "square.html"))
    page.keyboard.press("End")
    page.click("[id$=-n-x]")
    rows = ledger(page)
    assert sorted(row[2] for row in rows[:-1]) == ["1", "3", "3"]
    assert rows[-1][2] == "7"


def test_hostile_names_stay_text(open_page, tmp_path):
    hostile = "<script>alert(1)</script>"
    x = autograd.tensor(2.0, requires_grad=True)
    y = x * x
    stepper = viz.backprop(y, names={hostile: x, "<img src=x onerror=alert(2)>": y})
    page = open_page(stepper.save(tmp_path / "hostile.html"))
    page.on("dialog", lambda dialog: pytest.fail(f"a name was run: {dialog.message}"))
    page.keyboard.press("End")
    page.click(".node >> nth=0")
    assert hostile in page.text_content(".ledger")
    assert page.locator("img").count() == 0


def test_a_thousand_operations_are_stepped(open_page, tmp_path):
    root, names = long_chain(1000)
    stepper = viz.backprop(root, names=names)
    page = open_page(stepper.save(tmp_path / "long.html"))
    page.keyboard.press("End")
    assert place(page) == (len(stepper) - 1, len(stepper) - 1)
    page.keyboard.press("ArrowLeft")
    (slope,) = autograd.grad(root, names["x"], retain_graph=True)
    assert number(slope.item()) in page.text_content(".formula")


def test_a_still_frame_shows_what_the_page_shows(exam_page, open_page, tmp_path):
    L, names = exam()
    stepper = viz.backprop(L, names=names, forward=True)
    for index in (0, 5, 12, 18, 20, len(stepper) - 1):
        still = open_page(stepper.frame(index).save(tmp_path / f"frame{index}.svg"))
        assert still.evaluate(GRADIENTS) == exam_page(f"step={index}").evaluate(GRADIENTS), index


def test_in_a_notebook_the_picture_becomes_the_page(open_page, tmp_path):
    y, names = square_plus()
    cell = tmp_path / "cell.html"
    html = viz.backprop(y, names=names)._repr_html_()
    cell.write_text(f'<meta charset="utf-8"><body>{html}', encoding="utf-8")
    assert open_page(cell, java_script_enabled=False).is_visible("img")
    inner = open_page(cell).frame_locator("iframe")
    inner.locator(".last").click()
    assert inner.locator(".count").text_content().startswith("6 / 6")


def test_an_op_of_several_outputs_is_one_step(open_page, tmp_path):
    x = autograd.tensor([1.0, 2.0, 6.0], requires_grad=True)
    var, mean = autograd.var_mean(x)
    z = var / mean
    stepper = viz.backprop(z)
    page = open_page(stepper.save(tmp_path / "several.html"))
    _, last = place(page)
    for _ in range(last - 2):
        page.keyboard.press("ArrowRight")
    assert set(page.evaluate(GRADIENTS)) == {"z", "var", "mean"}
    page.keyboard.press("ArrowRight")
    assert page.text_content(".words") == (
        "Back through var_mean, the gradients of var and mean reach x."
    )
    head = page.locator(f"#{stepper._page['prefix']}n-var_5f_mean > path").first
    head.click(position={"x": 110, "y": 12})
    rows = ledger(page)
    assert [row[0] for row in rows][:2] == ["from var", "from mean"]
    assert rows[-1][0] == "outputs" and rows[-1][2] == "2 of 2"
