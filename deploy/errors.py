"""What goes wrong in this package on purpose: shown to the person as it is, exit code 1.

DeployError
├── NoAccountError    AWS does not answer, or the CDK's command line is not there
├── BundleError       a bundle cannot be made, or is not fit to be shipped
└── StackError        the local stack
    ├── PartError     a part did not come up or died; carries the tail of its log
    └── NotUpError    a command needs a running stack and there is none
"""

from __future__ import annotations

from pathlib import Path

TAIL_LINES = 15


class DeployError(Exception):
    """Root of the expected failures of this package, worded for the person who ran the command."""


class BundleError(DeployError):
    """A bundle cannot be made, or is not fit to be shipped."""


class NoAccountError(DeployError):
    """AWS does not answer, or the CDK's command line is not there."""


class StackError(DeployError):
    """A failure of the local stack."""


class NotUpError(StackError):
    """The command needs a running stack."""


class PartError(StackError):
    """A part of the stack died or never answered."""

    def __init__(self, part: str, reason: str, log_path: Path | None = None) -> None:
        self.part = part
        self.log_path = log_path
        message = f"{part}: {reason}"
        if log_path is not None and (tail := log_tail(log_path)):
            message += f"\n--- last lines of {log_path}\n{tail}"
        super().__init__(message)


def log_tail(log_path: Path, lines: int = TAIL_LINES) -> str:
    """The last `lines` lines of a log, or an empty string when there is no log."""
    try:
        text = log_path.read_text(errors="replace")
    except FileNotFoundError:
        return ""
    return "\n".join(text.splitlines()[-lines:])
