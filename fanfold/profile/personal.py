"""Texts that look like personal data: their form, and their check digits where there are any.

A whole value is meant, blanks around it aside. It is evidence, no proof: of random numbers as long as those of cards
one in ten has the right check digit.
"""

import re
from collections.abc import Callable, Mapping

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+", re.ASCII)
_PHONE = re.compile(r"\+[1-9][0-9 ()./-]{6,20}|(\([0-9]{3}\) ?|[0-9]{3}[-. ])[0-9]{3}[-. ][0-9]{4}", re.ASCII)
_CARD = re.compile(r"[2-6][0-9]{3}([ -]?[0-9]{4}){2}[ -]?[0-9]{1,7}|3[0-9]{3}[ -]?[0-9]{6}[ -]?[0-9]{5}", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,38}", re.ASCII)
_PHONE_DIGITS = range(8, 16)
_CARD_DIGITS = range(13, 20)
_IBAN_CHARACTERS = range(15, 35)
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""Twice a digit, and the digits of that added up."""


def is_email(text: str) -> bool:
    """Whether a text is an e-mail address by its form."""
    return "@" in text and _EMAIL.fullmatch(text.strip()) is not None


def is_phone(text: str) -> bool:
    """Whether a text is a phone number: international with its plus, or North American with its separators."""
    return _PHONE.fullmatch(text.strip()) is not None and len(_digits(text)) in _PHONE_DIGITS


def is_card(text: str) -> bool:
    """Whether a text is a card number: its digits in the usual groups or in one, the last of them as Luhn has it."""
    if _CARD.fullmatch(text.strip()) is None:
        return False
    digits = _digits(text)
    if len(digits) not in _CARD_DIGITS or len(set(digits)) == 1:
        return False
    total = sum(map(int, digits[-1::-2])) + sum(_DOUBLED[int(digit)] for digit in digits[-2::-2])
    return total % 10 == 0


def is_iban(text: str) -> bool:
    """Whether a text is an account number as ISO 13616 has it: moved and read as a number it leaves 1 modulo 97."""
    if _IBAN.fullmatch(text.strip()) is None:
        return False
    plain = text.replace(" ", "")
    moved = plain[4:] + plain[:4]
    return len(plain) in _IBAN_CHARACTERS and int("".join(str(int(each, 36)) for each in moved)) % 97 == 1


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


PERSONAL: Mapping[str, Callable[[str], bool]] = {
    "email": is_email,
    "phone": is_phone,
    "card": is_card,
    "iban": is_iban,
}
"""Kinds, and whether a value is of each."""
