import re
from pathlib import Path

import pytest

import fanfold.report.html

STYLE = (Path(fanfold.report.html.__file__).parent / "templates" / "report.css").read_text("utf-8")
LIGHT, DARK = (dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block)) for block in STYLE.split(":root {")[1:3])


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("text", ["ink", "soft", "accent", "error", "warning", "info"])
@pytest.mark.parametrize("ground", ["paper", "stripe"])
def test_text_contrasts_as_wcag_aa_wants_it(theme: dict[str, str], text: str, ground: str) -> None:
    assert contrast(theme[text], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_contrast_with_the_paper_and_their_track(theme: dict[str, str]) -> None:
    assert contrast(theme["mark"], theme["paper"]) >= 3
    assert contrast(theme["mark"], theme["track"]) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("shade", ["up", "down"])
def test_coefficients_contrast_with_their_shade_as_wcag_aa_wants_it(theme: dict[str, str], shade: str) -> None:
    assert contrast(theme["ink"], theme[shade]) >= 4.5


def test_print_and_reduced_motion_are_cared_for() -> None:
    assert "@media print" in STYLE
    assert "prefers-reduced-motion" in STYLE
