"""Figures as a person reads them: grouped thousands, sensible digits, every digit within reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from markupsafe import Markup, escape

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MINUS = str.maketrans("-", "\N{MINUS SIGN}")
_GROUPED_BELOW = 10**15  # sixteen digits and more are counted, not read
_SCIENTIFIC_BELOW = 1e-4
DIGITS = 6
ESTIMATE_DIGITS = 4  # of an estimate within a few per mille more digits would be noise
_FULL_CHARACTERS = 600
_BYTE_UNITS = ("kB", "MB", "GB", "TB", "PB")
NOTHING = "\N{EN DASH}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as shown, and in full when showing it left digits out."""

    text: str
    full: str = ""

    def __html__(self) -> str:
        """As markup; every digit is in the title."""
        if not self.full:
            return escape(self.text)
        return Markup('<span title="{}">{}</span>').format(self.full, self.text)


def number(value: float | None, digits: int = DIGITS) -> Figure:
    """About so many significant digits, but integers and integral parts in full up to fifteen."""
    if value is None:
        return Figure(NOTHING)
    magnitude = abs(value)
    if magnitude >= _GROUPED_BELOW or 0 < magnitude < _SCIENTIFIC_BELOW:
        text, full = _scientific(value), _full(value)
    elif isinstance(value, int):
        text, full = f"{value:,}", ""
    else:
        text = _fixed(value, magnitude, digits)
        full = "" if float(text.replace(",", "")) == value else repr(value)
    return Figure(text.translate(_MINUS), full)


def share(part: float, whole: float) -> str:
    """A percentage that says 0 % or 100 % only when it is exactly that."""
    if not whole:
        return NOTHING
    percent = 100 * part / whole
    if 0 < percent < 0.1:
        return "<0.1 %"
    if 99.9 < percent < 100:
        return ">99.9 %"
    return f"{percent:.1f}".removesuffix(".0") + " %"


def bound(error: float) -> str:
    """A relative bound, rounded up so that it stays one."""
    percent = 100 * Decimal(repr(error))  # as it is written: the double nearest to 0.1 is above it
    step = Decimal(10) ** ((percent.adjusted() if percent else 0) - 1)
    rounded = (percent / step).to_integral_value(rounding="ROUND_CEILING") * step
    return f"{rounded.normalize():f} %"


def size(octets: int) -> Figure:
    """A number of bytes in decimal units."""
    if octets < 1000:
        return Figure(f"{octets} bytes" if octets != 1 else "1 byte")
    scaled = float(octets)
    for unit in _BYTE_UNITS:
        scaled /= 1000
        if scaled < 999.5 or unit == _BYTE_UNITS[-1]:
            break
    return Figure(f"{scaled:.3g} {unit}" if scaled < 1000 else f"{scaled:,.0f} {unit}", f"{octets:,} bytes")


def duration(seconds: float | None) -> Figure:
    """A time span in the unit a person would choose."""
    if seconds is None:
        return Figure(NOTHING)
    if seconds < 1:
        return Figure(f"{1000 * seconds:.0f} ms")
    if seconds < 59.95:
        return Figure(f"{seconds:.1f} s", f"{seconds} s")
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return Figure(f"{minutes} min {rest} s", f"{seconds} s")
    return Figure(f"{minutes // 60} h {minutes % 60} min", f"{seconds} s")


def moment(value: object) -> Figure:
    """An ISO 8601 time in words; anything else as it stands."""
    if not isinstance(value, str):
        return Figure(NOTHING)
    try:
        read = datetime.fromisoformat(value)
    except ValueError:
        return Figure(value)
    if read.tzinfo is None:
        return Figure(f"{read.day} {read:%B} {read.year}, {read:%H:%M:%S}", value)
    read = read.astimezone(UTC)
    return Figure(f"{read.day} {read:%B} {read.year}, {read:%H:%M:%S} UTC", value)


def _fixed(value: float, magnitude: float, digits: int) -> str:
    whole_digits = len(str(int(magnitude))) if magnitude >= 1 else 0
    text = f"{value or 0.0:,.{max(0, digits - whole_digits)}f}"  # no negative zero
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scientific(value: float) -> str:
    mantissa, exponent = f"{Decimal(value):.{DIGITS - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{mantissa}\N{MULTIPLICATION SIGN}10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def _full(value: float) -> str:
    text = f"{value:,}" if isinstance(value, int) else repr(value)
    return text if len(text) <= _FULL_CHARACTERS else ""
