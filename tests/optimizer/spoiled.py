"""The same flights and weather with all that becomes known after an instant overwritten."""

import numpy as np
import polars as pl

from optimizer.flights import AHEAD_MINUTES


def spoiled(flights: pl.DataFrame, weather: pl.DataFrame, minute: int, seed: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What had not happened by `minute` (since the epoch) happens later, or never; aircraft of flights that are
    predicted after it, and weather that is known after it, are others."""
    luck = np.random.default_rng(seed)

    def later(column: str) -> pl.Series:
        return pl.Series(column, minute * 60_000 + luck.integers(1, 600, len(flights)) * 60_000)

    def never(share: float) -> pl.Series:
        return pl.Series(luck.random(len(flights)) < share)

    def ms(column: str) -> pl.Expr:
        return pl.col(column).dt.epoch("ms")

    now = minute * 60_000
    kind = flights.schema["departs_at"]
    gone, landed = ms("departed_at") <= now, ms("arrived_at") <= now
    another_tail = pl.Series([f"N{number}" for number in luck.integers(9, size=len(flights))])
    happened = flights.with_columns(
        departed_at=pl.when(gone.fill_null(value=False))
        .then("departed_at")
        .otherwise(pl.when(~never(0.3)).then(later("departed_at")).cast(kind)),
        arrived_at=pl.when(landed.fill_null(value=False))
        .then("arrived_at")
        .otherwise(pl.when(~never(0.3)).then(later("arrived_at") + 600 * 60_000).cast(kind)),
        tail=pl.when(ms("departs_at") - AHEAD_MINUTES * 60_000 <= now).then("tail").otherwise(another_tail),
    )
    measured = [name for name, kind in weather.schema.items() if kind == pl.Float64]
    blown = weather.with_columns(
        pl.when(ms("known_at") <= now).then(name).otherwise(pl.Series(luck.normal(50, 20, len(weather)))).alias(name)
        for name in measured
    )
    return happened, blown
