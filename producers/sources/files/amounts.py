"""Numbers as people write them in two continents, exactly: no binary float ever touches money.

"1,234.50" and "1.234,50" are the same amount: where both separators stand, the last one is the decimal one. Where one
stands alone before exactly three digits it groups thousands, since no amount of money here has three decimals.
"""

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Final

# Far above any flight's figures, far below the 64-bit integers they are summed in.
LARGEST_AMOUNT: Final = Decimal(10) ** 12
# ISO 4217: the currencies around these routes that have no hundredths.
MINOR_DIGITS: Final[dict[str, int]] = {"JPY": 0, "KRW": 0, "CLP": 0, "PYG": 0}
_MARKS: Final = re.compile(r"[$\s\u00a0\u202f]")
_GROUPED: Final = re.compile(r"[1-9]\d{0,2}(?:[.,']\d{3})+")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?|[.,]\d+")


def money(text: str) -> Decimal:
    """An amount in units of its currency; "(1,234.50)" and "-$1,234.50" are negative. Raises ValueError.

    A currency beside the amount is refused: it belongs in its own column, where it cannot contradict.
    """
    bare = _MARKS.sub("", text).replace("\u2212", "-")
    sign = Decimal(1)
    if bare.startswith("(") and bare.endswith(")"):
        bare, sign = bare[1:-1], Decimal(-1)
    elif bare[:1] in ("-", "+"):
        bare, sign = bare[1:], Decimal(-1 if bare[0] == "-" else 1)
    amount = sign * _decimal(bare, "an amount")
    if abs(amount) >= LARGEST_AMOUNT:
        raise ValueError(f"no flight moves {LARGEST_AMOUNT:.0e} of any currency")
    return amount


def minor_units(amount: Decimal, currency: str) -> int:
    """The amount in minor units. Raises ValueError if it has a fraction of one."""
    minor = amount.scaleb(MINOR_DIGITS.get(currency, 2))
    if minor != minor.to_integral_value():
        raise ValueError(f"{amount} has a fraction of the smallest unit of {currency}")
    return int(minor)


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """A converter for counts: whole numbers within bounds."""

    def convert(text: str) -> int:
        value = _signed(text)
        if value != value.to_integral_value():
            raise ValueError("must be a whole number")
        return _bounded(int(value), low, high)

    return convert


def thousands_number(low: int, high: int) -> Callable[[str], int]:
    """A converter for kilograms and kilometres: rounded to whole ones."""

    def convert(text: str) -> int:
        return _bounded(round(_signed(text)), low, high)

    return convert


def decimal_number(low: float, high: float) -> Callable[[str], Decimal]:
    """A converter for measurements: a comma alone is a decimal comma, there are no thousands."""

    def convert(text: str) -> Decimal:
        bare = text.strip().replace("\u2212", "-")
        try:
            value = Decimal(bare.replace(",", ".") if re.fullmatch(r"[+-]?\d*[.,]?\d+", bare) else "x")
        except InvalidOperation:
            raise ValueError("is not a number") from None
        if not low <= value <= high:
            raise ValueError(f"must lie between {low:g} and {high:g}")
        return value

    return convert


def _signed(text: str) -> Decimal:
    bare = text.strip().replace("\u2212", "-")
    sign = -1 if bare.startswith("-") else 1
    return sign * _decimal(bare.lstrip("+-") if len(bare) - len(bare.lstrip("+-")) < 2 else bare, "a number")


def _decimal(bare: str, what: str) -> Decimal:
    """An unsigned number with or without thousands."""
    if len(bare) > 40 or not bare.isascii():
        raise ValueError(f"is not {what}")
    last = max(bare.rfind("."), bare.rfind(","))
    whole, decimals = bare, ""
    if last >= 0 and not _GROUPED.fullmatch(bare):
        whole, decimals = bare[:last], bare[last + 1 :]
    separators = set(re.sub(r"\d", "", whole))
    if _GROUPED.fullmatch(whole) and len(separators) == 1 and (not decimals or bare[last] not in separators):
        whole = re.sub(r"\D", "", whole)
        return Decimal(f"{whole}.{decimals}") if decimals.isdigit() else _whole(whole, decimals, what)
    if not _NUMBER.fullmatch(bare):
        raise ValueError(f"is not {what}")
    return Decimal(bare.replace(",", "."))


def _whole(digits: str, decimals: str, what: str) -> Decimal:
    if decimals:
        raise ValueError(f"is not {what}")
    return Decimal(digits)


def _bounded(value: int, low: int, high: int) -> int:
    if not low <= value <= high:
        raise ValueError(f"must lie between {low} and {high}")
    return value
