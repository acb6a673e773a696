"""The browser fixtures prove themselves: what they should notice, they notice."""

from collections.abc import Callable
from pathlib import Path

from browser_visit import Visit

FAULTY = """<!doctype html><html><title>Faulty</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src file:">
<img src="missing.png"><p style="color: red">styled</p><script>window.ran = true</script></html>"""
SOUND = '<!doctype html><html lang="en"><title>Sound</title><main><h1>Sound</h1></main></html>'


def _page(folder: Path, text: str) -> str:
    path = folder / "page.html"
    path.write_text(text, "utf-8")
    return path.as_uri()


def test_what_a_faulty_page_fetches_and_breaks_is_noted(visit: Callable[..., Visit], tmp_path: Path) -> None:
    visited = visit(_page(tmp_path, FAULTY))
    assert [Path(url).name for url in visited.requests] == ["page.html", "missing.png"]
    assert any("style-src" in complaint or "inline style" in complaint for complaint in visited.complaints)
    assert visited.page.evaluate("window.ran") is None


def test_axe_finds_an_image_without_a_text_and_a_page_without_a_language(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    rules = {finding.split()[0] for finding in visit(_page(tmp_path, FAULTY)).axe()}
    assert {"image-alt", "html-has-lang"} <= rules


def test_nothing_is_said_against_a_sound_page(visit: Callable[..., Visit], tmp_path: Path) -> None:
    visited = visit(_page(tmp_path, SOUND), color_scheme="dark")
    assert visited.axe() == []
    assert visited.complaints == []
    assert len(visited.requests) == 1
