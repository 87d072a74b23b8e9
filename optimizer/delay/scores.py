"""How good predictions were, and the bars they are held to."""

from typing import Final, NamedTuple

import numpy as np
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

from optimizer.delay.recent import HIGH, LOW, MIDDLE, Said
from optimizer.flights import Flags, Floats

BINS: Final = 10
LEAK: Final = 0.415
"""A log-loss below it, on September to December 2013, means that something was known too early."""


class ChanceScore(NamedTuple):
    """Of chances: mean log-loss and Brier score, area under the ROC curve, and how far BINS equal ranges of chance are
    from what became of their flights, on average over flights."""

    log_loss: float
    brier: float
    auc: float
    calibration_error: float


class IntervalScore(NamedTuple):
    """Of quantiles, over flights that landed: the share within the interval, in all and by month (1-12), and the mean
    of the pinball losses of the three quantiles in minutes."""

    coverage: float
    by_month: dict[int, float]
    pinball_minutes: float


def chance_score(chance: Floats, disrupted: Flags) -> ChanceScore:
    """Raises ValueError unless both kinds are there."""
    return ChanceScore(
        float(log_loss(disrupted, chance)),
        float(brier_score_loss(disrupted, chance)),
        float(roc_auc_score(disrupted, chance)),
        calibration_error(chance, disrupted),
    )


def calibration_error(chance: Floats, disrupted: Flags) -> float:
    """Mean |chance - share disrupted| of BINS equal ranges of chance, weighted by their flights."""
    place = np.minimum((chance * BINS).astype(int), BINS - 1)
    errors = [abs(float((chance - disrupted)[place == one].sum())) for one in range(BINS)]
    return sum(errors) / len(chance)


def interval_score(said: Said, late: Floats, month: Floats) -> IntervalScore:
    """`late` minutes, of flights that landed."""
    within = (late >= said.low) & (late <= said.high)
    losses = [pinball(late, said.low, LOW), pinball(late, said.middle, MIDDLE), pinball(late, said.high, HIGH)]
    by_month = {int(one): float(within[month == one].mean()) for one in np.unique(month)}
    return IntervalScore(float(within.mean()), by_month, sum(losses) / len(losses))


def pinball(late: Floats, quantile: Floats, share: float) -> float:
    """Mean loss in minutes: a minute above the quantile costs `share`, one below it the rest."""
    above = late - quantile
    return float(np.maximum(share * above, (share - 1) * above).mean())


def missed_bars(chance: ChanceScore, without_tails: ChanceScore, interval: IntervalScore) -> list[str]:
    """What the project promises of September to December 2013 and was not kept; empty if all was."""
    promises = [
        (chance.log_loss <= 0.43, f"log-loss {chance.log_loss:.4f} is above 0.43"),
        (chance.log_loss >= LEAK, f"log-loss {chance.log_loss:.4f} is below {LEAK}: look for a leak"),
        (chance.brier <= 0.135, f"Brier score {chance.brier:.4f} is above 0.135"),
        (chance.auc >= 0.775, f"AUC {chance.auc:.4f} is below 0.775"),
        (chance.calibration_error <= 0.015, f"calibration error {chance.calibration_error:.4f} is above 0.015"),
        (without_tails.log_loss <= 0.442, f"log-loss without tails {without_tails.log_loss:.4f} is above 0.442"),
        (abs(interval.coverage - 0.8) <= 0.02, f"the interval covers {interval.coverage:.1%}, not 80 +- 2 %"),
        (interval.pinball_minutes <= 6.4, f"mean pinball {interval.pinball_minutes:.2f} min is above 6.4"),
    ]
    promises += [
        (abs(share - 0.8) <= 0.03, f"the interval covers {share:.1%} in month {month}, not 80 +- 3 %")
        for month, share in interval.by_month.items()
    ]
    return [broken for kept, broken in promises if not kept]
