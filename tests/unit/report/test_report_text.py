import pytest

from fanfold.report.text import cut, datum, lines, plain, visible


def test_markup_is_escaped() -> None:
    assert visible("<b>&\"'") == "&lt;b&gt;&amp;&#34;&#39;"


def test_nothing_is_shown_as_blank() -> None:
    assert "blank" in visible("")


@pytest.mark.parametrize(
    ("text", "shown"), [("a\nb", "a↵b"), ("\x00", "␀"), ("\x1b[2J", "␛[2J"), ("\u202ea", "[U+202E]a")]
)
def test_plain_text_shows_hidden_characters(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_joiners_that_languages_and_emoji_need_stay() -> None:
    family = "👩\u200d👧 می\u200cخواهم"  # noqa: RUF001 - Persian needs its own letters
    assert plain(family) == family
    assert visible(family) == family


def test_spaces_at_the_ends_are_marked_and_those_inside_are_not() -> None:
    assert visible(" a b ").count("·") == 2


def test_hidden_character_has_its_code_and_name_in_the_title() -> None:
    assert 'title="U+200B zero width space"' in visible("a\u200b")


def test_every_line_break_of_a_block_is_shown_and_kept() -> None:
    shown = lines("a\r\nb\nc\rd")
    assert [line.count("<i") for line in shown.split("\n")] == [2, 1, 1, 0]


def test_datum_that_was_cut_has_more_in_its_title() -> None:
    assert datum("abcdef", 3) == '<bdi title="abcdef">abc…</bdi>'
    assert datum("abc", 3) == "<bdi>abc</bdi>"


def test_title_of_a_cell_of_megabytes_stays_short() -> None:
    assert len(datum("x" * 10_000_000, 20)) < 1_000


def test_cut_leaves_what_fits() -> None:
    assert cut("abc", 3) == "abc"
