"""All alarms, what pages people, and the budget. AWS's are made of this list (`deploy/stacks/monitoring.py`)."""

from __future__ import annotations

from typing import Final

from deploy.watch import broker_alarms as brokers
from deploy.watch import history_alarms as history
from deploy.watch import job_alarms as job
from deploy.watch import live_alarms as live
from deploy.watch.alarm import RUNBOOKS, Alarm, Paging, any_of

DEPLOYING: Final = Alarm(
    name="deploying",
    page="stage",
    signal=live.ours("deploying", "Maximum"),
    comparison=">",
    threshold=0,
    unit="deployments",
    reason="Not a fault: while it stands, pages are held back",
)

ALARMS: Final[dict[str, Alarm]] = {
    alarm.name: alarm
    for alarm in (
        *brokers.BROKER_ALARMS,
        *job.JOB_ALARMS,
        *live.LIVE_ALARMS,
        *history.HISTORY_ALARMS,
        DEPLOYING,
    )
}

_FEEDS: Final = ("partner-file", "partner-queue", "flights")
_ADVICE: Final = ("recommender",)
_HISTORY: Final = ("raw-record", "light-log-feed")


def _functions(names: tuple[str, ...]) -> str:
    return any_of(*(alarms[name] for name in names for alarms in (live.ERRORS, live.THROTTLES, live.SLOW)))


_UPSTREAM: Final = 'ALARM("page-brokers") OR ALARM("page-kpi-job")'

PAGES: Final[dict[str, Paging]] = {
    paging.name: paging
    for paging in (
        Paging(
            name="page-brokers",
            rule=any_of(brokers.OFFLINE, *brokers.UNDER_REPLICATED, brokers.NO_CONTROLLER, brokers.TWO_CONTROLLERS),
            reason="A broker or a zone is lost",
        ),
        Paging(
            name="page-brokers-strained",
            rule=f'({any_of(*brokers.DISK, *brokers.CPU)}) AND NOT ALARM("page-brokers")',
            reason="The brokers have no room left; a lost one's load on the others is the loss's page",
        ),
        Paging(
            name="page-kpi-job",
            rule=(
                f"({any_of(job.DOWN, job.RESTARTS, job.CHECKPOINTS_FAILED, job.CHECKPOINT_SLOW, job.BACKPRESSURE)}) "
                f'AND NOT ALARM("{brokers.OFFLINE.name}")'
            ),
            reason="The KPI job does not run as it should, and the brokers are there",
        ),
        Paging(
            name="page-semaforo",
            rule=(
                f"{_functions(live.LIVE)} OR "
                + any_of(
                    live.CONCURRENCY,
                    live.ITERATOR_AGE,
                    live.STREAM_THROTTLED,
                    *live.TABLE_THROTTLED,
                    live.CONFLICTS,
                    live.SWEEPER_GONE,
                )
            ),
            reason="Rows reach the stream and do not become lights in time",
        ),
        Paging(
            name="page-silence",
            rule=(
                f"({any_of(*brokers.KPI_LAG, job.NOTHING_IN, job.NOTHING_OUT, live.SEMAFORO_GONE, *history.SILENT)}) "
                f'AND NOT ({_UPSTREAM} OR ALARM("page-semaforo"))'
            ),
            reason="Nothing comes, and no part of ours says why: a publisher or a source is away",
        ),
        Paging(
            name="page-notifications",
            rule=(
                f"({any_of(live.NOTIFICATIONS_FAILED, live.OUTBOX_AGE)} "
                f'OR (ALARM("{live.BURN_FAST_LONG.name}") AND ALARM("{live.BURN_FAST_SHORT.name}")) '
                f'OR (ALARM("{live.BURN_SLOW_LONG.name}") AND ALARM("{live.BURN_SLOW_SHORT.name}"))) '
                f'AND NOT ({_UPSTREAM} OR ALARM("page-semaforo"))'
            ),
            reason="Lights change and people hear of it late or not at all",
        ),
        Paging(
            name="page-poison",
            rule=any_of(job.DEAD_LETTERS, job.LATE, live.QUARANTINE, live.UNDELIVERED),
            reason="Somebody sends what cannot be used",
        ),
        Paging(
            name="page-feeds",
            rule=(
                f"({_functions(_FEEDS)} OR {any_of(live.PARTNER_UNDELIVERED, brokers.FLIGHTS_LAG)}) "
                'AND NOT ALARM("page-brokers")'
            ),
            reason="What partners send is not taken, or the table of flights is behind",
        ),
        Paging(
            name="page-advice",
            rule=f'({_functions(_ADVICE)}) AND NOT ALARM("page-semaforo")',
            reason="Alerts go out, and what could be done about them does not follow",
        ),
        Paging(
            name="page-history",
            rule=(
                f"{_functions(_HISTORY)} OR "
                + any_of(*history.RAW_STALE, history.FAILED, history.TIMED_OUT, history.OVERDUE, live.HISTORY_MISSED)
            ),
            reason="What happened is not kept, or a day was not worked up",
        ),
        Paging(
            name="page-databases", rule=any_of(*history.BOOKINGS, *history.STAR), reason="A database is full or slow"
        ),
        Paging(name="page-app", rule=any_of(*history.APP), reason="The app does not answer"),
    )
}

BUDGET_SECTION: Final = "budget"
BUDGET_RUNBOOK: Final = f"{RUNBOOKS}/stage.md#{BUDGET_SECTION}"
BUDGET_PERCENT: Final = (80, 100)
"""Of the month's budget: at 80 % there is a week to act; AWS looks some three times a day."""
