"""Numbers as written: exact, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.sources.files.amounts import decimal_number, minor_units, money, thousands_number, whole_number


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1,234.50", 123450),
        ("1.234,50", 123450),
        ("1 234,50", 123450),
        ("1'234.50", 123450),
        ("$1,234.5", 123450),
        ("$ 1234", 123400),
        ("1,234", 123400),  # three digits after a lone separator are thousands: money has two decimals
        ("1.234", 123400),
        ("1.234.567,89", 123456789),
        ("1,234,567.89", 123456789),
        ("12,5", 1250),
        ("0.10", 10),
        (".10", 10),
        ("-1,234.50", -123450),
        ("\u2212$1,234.50", -123450),
        ("($1,234.50)", -123450),
        ("0", 0),
        ("90071992547.40993", None),  # would round as a float; has a fraction of a cent
        ("9007199254.93", 900719925493),
    ],
)
def test_money_by_hand(text: str, cents: int | None) -> None:
    if cents is None:
        with pytest.raises(ValueError, match="fraction"):
            minor_units(money(text), "MXN")
    else:
        assert minor_units(money(text), "MXN") == cents


@pytest.mark.parametrize(
    "text",
    ["", "-", "abc", "1,23.4", "1.2.3", "1,2,3", "1.00,5.0", "1e5", "NaN", "Infinity", "0x10", "1_000", "١٢٣", "5.",
     "1,234.56.78", "--5", "1.234,567,8", "9" * 50, "10000000000000", "USD 5"],
)  # fmt: skip
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"amount|currency"):
        money(text)


@given(st.integers(-(10**13), 10**13))
def test_every_amount_survives_both_notations(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)
    american = f"{amount:,.2f}"
    european = american.translate(str.maketrans(",.", ".,"))
    assert minor_units(money(american), "USD") == cents
    assert minor_units(money(european), "USD") == cents
    assert minor_units(money(str(amount)), "USD") == cents


@given(st.text(max_size=60))
def test_any_text_is_a_value_or_a_value_error(text: str) -> None:
    for convert in (money, whole_number(0, 9), thousands_number(0, 9), decimal_number(0, 9)):
        try:
            convert(text)
        except ValueError as error:
            assert str(error)  # noqa: PT017 - the reason is shown to a person


def test_minor_units_follow_the_currency() -> None:
    assert minor_units(Decimal("1234.50"), "MXN") == 123450
    assert minor_units(Decimal(1234), "JPY") == 1234
    with pytest.raises(ValueError, match="smallest unit of JPY"):
        minor_units(Decimal("1234.5"), "JPY")


def test_counts_weights_and_measurements() -> None:
    assert whole_number(0, 1000)("160") == 160
    assert whole_number(-1440, 10_080)("-7") == -7
    assert whole_number(0, 1000)("160.0") == 160
    assert thousands_number(0, 200_000)("1.250") == 1250
    assert thousands_number(0, 200_000)("1,250") == 1250
    assert thousands_number(0, 200_000)("1250,6") == 1251
    assert decimal_number(-90, 60)("18,5") == Decimal("18.5")
    assert decimal_number(0, 200)("1,234") == Decimal("1.234")  # a measurement has no thousands
    for convert, text, reason in (
        (whole_number(0, 1000), "160.5", "whole number"),
        (whole_number(1, 5), "6", "between 1 and 5"),
        (decimal_number(0, 200), "201", "between 0 and 200"),
        (decimal_number(0, 200), "1,234.5", "not a number"),
    ):
        with pytest.raises(ValueError, match=reason):
            convert(text)
