"""The browser that the other tests look through: it must see what goes wrong on a page."""

import pytest

from tests.viz.pages import Pages


def test_it_renders_a_file(open_page, tmp_path):
    file = tmp_path / "page.html"
    file.write_text("<title>one</title><p id=p></p><script>p.textContent = 1 + 1</script>")
    page = open_page(file)
    assert page.title() == "one"
    assert page.text_content("#p") == "2"


def test_it_runs_no_script_when_asked(open_page, tmp_path):
    file = tmp_path / "page.html"
    file.write_text("<p id=p>static</p><script>p.textContent = 2</script>")
    assert open_page(file, java_script_enabled=False).text_content("#p") == "static"


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('mind this')", "console: mind this"),
        ("nothing.here()", "thrown: nothing is not defined"),
        ("new Image().src = 'http://localhost:9/x.png'", "request: http://localhost:9/x.png"),
    ],
    ids=["console error", "exception", "network"],
)
def test_it_notices(script, complaint, browser, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(f"<script>{script}</script>")
    pages = Pages(browser)
    pages.open(file).wait_for_load_state()
    pages.close()
    assert complaint in pages.complaints
