"""Made-up people from nine countries: names, addresses and phones as Faker knows them there.

Faker takes 0.8 ms for a person whole. So it fills a pool for each country once, and people are drawn from the pools, a
batch at a time.
"""

import unicodedata
from datetime import date
from typing import Final

import numpy as np
import polars as pl
from faker import Faker

LOCALES: Final = {
    "US": ("en_US", 52),
    "MX": ("es_MX", 26),
    "CA": ("en_CA", 5),
    "BR": ("pt_BR", 4),
    "GB": ("en_GB", 4),
    "ES": ("es_ES", 3),
    "FR": ("fr_FR", 2),
    "DE": ("de_DE", 2),
    "JP": ("ja_JP", 2),
}
"""Country of the passport: Faker's locale, and how many of a hundred passengers."""

_COUNTRIES: Final = list(LOCALES)
_SHARES: Final = np.array([share for _, share in LOCALES.values()]) / 100
_NAMES: Final = 250
_PLACES: Final = 120
# Coprime to the number of passports: no two numbers get the same one.
_PASSPORT_STEP: Final = 48_271_739
_PASSPORTS: Final = 10**8


class People:
    """The pools of a seed."""

    def __init__(self, seed: int) -> None:
        first: list[str] = []
        last: list[str] = []
        addresses: list[str] = []
        phones: list[str] = []
        for number, (locale, _) in enumerate(LOCALES.values()):
            faker = Faker(locale)
            faker.seed_instance(seed * len(LOCALES) + number)
            first += [faker.first_name() for _ in range(_NAMES)]
            last += [faker.last_name() for _ in range(_NAMES)]
            addresses += [", ".join(faker.address().splitlines()) for _ in range(_PLACES)]
            phones += [faker.phone_number() for _ in range(_PLACES)]
        self._first, self._last = pl.Series(first), pl.Series(last)
        self._first_mailbox, self._last_mailbox = pl.Series(map(_mailbox, first)), pl.Series(map(_mailbox, last))
        self._addresses, self._phones = pl.Series(addresses), pl.Series(phones)

    def draw(self, first_number: int, count: int, on: date, luck: np.random.Generator) -> pl.DataFrame:
        """People by number, of ages people fly at on that day: all that a booking system asks of a passenger.

        Passports differ by number, below 100 million.
        """
        country = luck.choice(len(_COUNTRIES), count, p=_SHARES)
        first, last = (country * _NAMES + luck.integers(_NAMES, size=count) for _ in range(2))
        place, phone = (country * _PLACES + luck.integers(_PLACES, size=count) for _ in range(2))
        age_days = (luck.triangular(1, 36, 90, count) * 365.25).astype(np.int64)
        house = luck.integers(1, 999, size=count)
        host = pl.Series(("com", "org", "net"))[luck.integers(3, size=count)]
        number = pl.int_range(first_number, first_number + count, eager=True)
        drawn = pl.DataFrame(
            {
                "passenger_id": number,
                "first": self._first[first],
                "last": self._last[last],
                "first_mailbox": self._first_mailbox[first],
                "last_mailbox": self._last_mailbox[last],
                "host": host,
                "phone": self._phones[phone],
                "passport": number * _PASSPORT_STEP % _PASSPORTS,
                "house": house,
                "place": self._addresses[place],
                "country": pl.Series(_COUNTRIES)[country],
                "age_days": age_days,
            }
        )
        family_first = pl.col("country") == "JP"
        return drawn.select(
            "passenger_id",
            pl.when(family_first)
            .then(pl.concat_str("last", "first", separator=" "))
            .otherwise(pl.concat_str("first", "last", separator=" "))
            .alias("full_name"),
            pl.format("{}.{}{}@example.{}", "first_mailbox", "last_mailbox", "passenger_id", "host").alias("email"),
            "phone",
            pl.format("A{}", pl.col("passport").cast(pl.String).str.zfill(8)).alias("passport"),
            pl.format("{}, {}", "house", "place").alias("address"),
            (pl.lit(on) - pl.duration(days="age_days")).cast(pl.Date).alias("birth_date"),
            "country",
        )


def _mailbox(name: str) -> str:
    """A name in the letters of a mail address; one that has none of them is just a traveller."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower() if letter.isalnum()) or "traveller"
