"""What can go wrong between us and AviationStack.

SemaforoError
├── AskedInVain         it said no, or no answer came in time; what was read before stays good
│   └── KeyRefused      the key is wrong or inactive: a matter of settings
├── QuotaReached        one request more would pass the monthly quota
└── Transient ── TryAgain   the same request may succeed in a moment; `after_seconds` if the other side says when
"""

from schemas.errors import SemaforoError, Transient


class AskedInVain(SemaforoError):  # noqa: N818 - named like the rest of the error tree
    """AviationStack refused for good, or did not answer before the deadline."""


class KeyRefused(AskedInVain):
    """The access key is missing, wrong or inactive."""


class QuotaReached(SemaforoError):  # noqa: N818 - named like the rest of the error tree
    """The month's requests are used up, by our own count or by theirs."""


class TryAgain(Transient):
    """Throttled, a server's own fault, a timeout or half an answer."""

    def __init__(self, reason: str, after_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.after_seconds = after_seconds
