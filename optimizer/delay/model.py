"""The delay model: forests of numbers with what they were fitted to, kept as one JSON file."""

import hashlib
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import polars as pl

from optimizer.delay.features import Features
from optimizer.delay.forest import Forest
from optimizer.delay.recent import Said
from optimizer.flights import Flights

FORMAT: Final = 1


class DelayModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Fitted to flights of local dates before `until`; `data` is the SHA-256 of all that was read, `metrics` what the
    model came to on the flights from `until` on."""

    format: int
    data: str
    until: str
    features: tuple[str, ...]
    metrics: dict[str, float]
    chance: Forest
    chance_without_tails: Forest
    low: Forest
    middle: Forest
    high: Forest

    @property
    def version(self) -> str:
        """Another one for other data, features, trees or metrics."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:12]

    def said(self, features: Features) -> Said:
        """Before `recent.corrected`. Raises ValueError if the features are not those that it was fitted to."""
        self._check(features)
        x = features.x
        return Said(_share(self.chance.sums(x)), self.low.sums(x), self.middle.sums(x), self.high.sums(x))

    def said_without_tails(self, features: Features) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        """The chance, if nobody says which aircraft fly."""
        self._check(features)
        return _share(self.chance_without_tails.sums(features.without_tails().x))

    def _check(self, features: Features) -> None:
        if features.names != self.features:
            raise ValueError(f"model {self.version} was fitted to other features: train it again")


def write_model(model: DelayModel, path: Path) -> None:
    """As JSON, a line per forest."""
    plain = msgspec.to_builtins(model)
    lines = [f'"{name}": {msgspec.json.encode(value).decode()}' for name, value in plain.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def read_model(path: Path) -> DelayModel:
    """Raises OSError, or ValueError if it is no model of this format or unsafe to walk."""
    try:
        model = msgspec.json.decode(path.read_bytes(), type=DelayModel)
    except msgspec.DecodeError as error:
        raise ValueError(f"no delay model: {error}") from error
    if model.format != FORMAT:
        raise ValueError(f"a delay model of format {model.format}; this reads {FORMAT}")
    for name in ("chance", "chance_without_tails", "low", "middle", "high"):
        for fault in getattr(model, name).faults(len(model.features)):
            raise ValueError(f"{name}: {fault}")
    return model


def as_table(said: Said, flights: Flights) -> pl.DataFrame:
    """One row per flight: when it is predicted, its chance of disruption and the minutes that it will be late."""
    return flights.table.select(
        "flight_id",
        predicted_at=pl.Series(flights.at * 60_000).cast(pl.Datetime("ms", "UTC")),
        disrupted_chance=pl.Series(said.chance),
        late_low_minutes=pl.Series(said.low),
        late_middle_minutes=pl.Series(said.middle),
        late_high_minutes=pl.Series(said.high),
    )


def _share(
    odds: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return 1 / (1 + np.exp(-odds))
