"""The Wilson bound of a proportion: how far the true share could be from the one seen, given few flights."""

from math import sqrt


def wilson_bounds(successes: int, n: int, z: float) -> tuple[float, float]:
    """Lower and upper bound of a proportion, each one-sided at the confidence whose normal quantile is `z`.

    The bounds are the p that solve |successes/n - p| = z * sqrt(p (1 - p) / n): the score test, inverted. Needs
    n >= 1 and 0 <= successes <= n. Source: E. B. Wilson, JASA 22 (1927) 209-212. Chosen over Wald because that one
    claims certainty at 0 of n and n of n, and over Clopper-Pearson because that one needs about two flights more for
    the same decision; L. D. Brown, T. T. Cai, A. DasGupta, Statistical Science 16 (2001) 101-133 recommend it for
    small n.
    """
    share = successes / n
    widening = z * z / n
    centre = share + widening / 2
    reach = z * sqrt(share * (1 - share) / n + widening / (4 * n))
    # Exactly 0 and 1 at the ends, where rounding would miss them by a hair.
    lower = (centre - reach) / (1 + widening) if successes else 0.0
    upper = (centre + reach) / (1 + widening) if successes < n else 1.0
    return lower, upper
