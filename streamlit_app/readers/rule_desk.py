"""The rules of a stage as their files, those that were published before, and others beside them on rows of the past."""

from collections.abc import Mapping
from pathlib import Path

from alerts.documents import Documents
from streamlit_app.access import Actor, Permission, require
from streamlit_app.readers.advised import Act
from streamlit_app.readers.backtests import Backtests, Job, Request
from streamlit_app.readers.rule_files import RuleFileReader, RuleFiles


class RuleDesk:
    """Raises Transient when DynamoDB is away."""

    def __init__(self, documents: Documents, rows: Path | None, act: Act) -> None:
        """`rows` of the past; None for those of 2013."""
        self._files = RuleFileReader(documents)
        self._backtests = Backtests(rows)
        self._act = act

    def in_force(self, actor: Actor) -> RuleFiles:
        """The files of the rules in force, with their tests."""
        require(actor, Permission.READ)
        return self._files.read()

    def published(self, actor: Actor, number: int) -> Mapping[str, str]:
        """The files of a catalogue that was published, by its number; empty if it is kept no longer."""
        require(actor, Permission.READ)
        return self._files.published(number)

    def backtest(self, actor: Actor) -> Job | None:
        """The newest one, running or done."""
        require(actor, Permission.READ)
        return self._backtests.job()

    def start_backtest(self, actor: Actor, request: Request) -> None:
        """Raises BusyError, BadRuleError."""
        about = f"{request.rule or 'all rules'}, {request.sets[1].folder}, from {request.first} to {request.until}"
        self._act(actor, "backtest", about, "", lambda _now: self._backtests.start(request))

    def stop_backtest(self, actor: Actor) -> None:
        """The one that runs."""
        self._act(actor, "stop backtest", "", "", lambda _now: self._backtests.stop())
