"""The door to a stage: every query and every action, each by an actor, none past `access.require`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Final, TypeVar

import boto3
from botocore.config import Config

from alerts.advice import AdviceDesk
from alerts.desk import read_silences
from alerts.documents import Documents, Key
from alerts.history import History, Said, StoredAlert
from alerts.items import LogEntry
from alerts.live_catalog import LiveCatalog
from alerts.operator import Operator
from alerts.selectors import Selector
from alerts.settings import AWS_CONFIG, AlertSettings
from alerts.silences import Silence, Weekly
from rules.load import Catalog, load_catalog
from rules.rule import Rule
from schemas.errors import SemaforoError
from schemas.events import AirportWeather
from schemas.lights import Member
from schemas.rows import KpiRow, Window
from streamlit_app.access import Actor, NotAllowedError, Permission, require
from streamlit_app.readers.advised import Advised
from streamlit_app.readers.audit import Audit, Deed
from streamlit_app.readers.brokers import Brokers, Flow, Peek
from streamlit_app.readers.cloud_metrics import BILLED_IN, CloudMetrics
from streamlit_app.readers.flights import FlightReader, SeenFlight
from streamlit_app.readers.lights import LightsReader
from streamlit_app.readers.past import Past
from streamlit_app.readers.quick_dynamodb import quick_dynamodb
from streamlit_app.readers.rule_desk import RuleDesk
from streamlit_app.readers.snapshot import Snapshot
from streamlit_app.readers.tableau_key import connected_app
from streamlit_app.readers.trends import RowTail
from streamlit_app.readers.watch import Clock, TrendWatch, Watch
from streamlit_app.settings import AppSettings
from streamlit_app.tableau_token import token_of

# A person waits: one more try is enough, and the page says what is wrong.
CLIENT: Final = AWS_CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}, max_pool_connections=32))

LIST_KEPT: Final = timedelta(seconds=5)
"""The outbox is read whole, 28 days of it: once for all who look, and not for every look."""

T = TypeVar("T")


class Stage:
    """One stage's stores. Queries raise Transient when a store is away; actions NothingThereError too."""

    def __init__(self, settings: AppSettings, alert_settings: AlertSettings, clock: Clock) -> None:
        dynamodb = quick_dynamodb(CLIENT)
        self._documents = Documents(dynamodb, alert_settings)
        self._history = History(dynamodb, alert_settings)
        self._operator = Operator(dynamodb, alert_settings, self._history)
        self._flights = FlightReader(dynamodb, f"semaforo-{alert_settings.stage}-flights")
        self._audit = Audit(self._documents)
        self._clock = clock
        self._settings = settings
        self._listing = Lock()
        self._listed: list[StoredAlert] = []
        self._listed_at: datetime | None = None
        self.name = alert_settings.stage
        self._shipped = load_catalog()
        self._watch = Watch(
            LightsReader(dynamodb, alert_settings),
            self._documents,
            LiveCatalog(self._documents, self._shipped, clock),
            clock,
            settings.read_every_seconds,
            settings.idle_read_every_seconds,
        )
        stream = settings.kpi_stream or f"semaforo-{alert_settings.stage}-route-kpis"
        since = clock() - timedelta(hours=settings.trend_hours)
        self._brokers = Brokers(settings.kafka_bootstrap, alert_settings.stage)
        billing = boto3.client("cloudwatch", config=CLIENT, region_name=BILLED_IN)
        self._metrics = CloudMetrics(boto3.client("cloudwatch", config=CLIENT), billing, alert_settings.stage)
        self.past = Past(settings.star_path)
        self.advised = Advised(AdviceDesk(self._documents), self._act)
        self.rule_desk = RuleDesk(self._documents, settings.backtest_rows, self._act)
        self._trends = TrendWatch(RowTail(boto3.client("kinesis", config=CLIENT), stream, since))

    def start(self) -> None:
        """Begin to read."""
        self._watch.start()
        self._trends.start()

    def stop(self) -> None:
        self._watch.stop()
        self._trends.stop()

    # What is asked.

    def snapshot(self, actor: Actor) -> Snapshot:
        """The lights, alarms and silences, as last seen."""
        require(actor, Permission.READ)
        return self._watch.snapshot()

    def look_again(self, actor: Actor) -> Snapshot:
        """The same, read now: a person pressed "try again"."""
        require(actor, Permission.READ)
        return self._watch.look_again()

    def flights(self, actor: Actor, route: str) -> list[SeenFlight] | None:
        """The newest of a route; None where this stage keeps none."""
        require(actor, Permission.READ)
        return self._flights.newest(route)

    def weather(self, actor: Actor) -> tuple[dict[str, AirportWeather], str]:
        """The newest of each airport, off its topic; and why there is none."""
        require(actor, Permission.READ)
        return self._brokers.weather(self._clock())

    def flights_around(
        self, actor: Actor, airport: str, at: datetime, also: Sequence[SeenFlight] = ()
    ) -> list[SeenFlight] | None:
        """What leaves there and what flies there around an instant of event time, and before some flights that leave
        it; None where this stage keeps no flights."""
        require(actor, Permission.READ)
        return self._flights.around(airport, at, also)

    def trend(self, actor: Actor, key: str, window: Window) -> tuple[KpiRow, ...]:
        """Rows of an entity over the last day or two, one in half an hour; only since the app started to read."""
        require(actor, Permission.READ)
        return self._trends.trends.rows(key, window)

    def trends_are_read(self, actor: Actor) -> bool:
        """Whether trends hold all that the stream has; a moment after the app started."""
        require(actor, Permission.READ)
        return self._trends.caught_up

    def log(self, actor: Actor, key: str, until: datetime) -> list[LogEntry]:
        """The changes of an entity's lights up to an instant of event time, oldest first."""
        require(actor, Permission.READ)
        return self._history.log(key, until)

    def rules(self, actor: Actor) -> Mapping[str, Rule]:
        """Those in force; those that are shipped while nobody knows."""
        require(actor, Permission.READ)
        return self._watch.snapshot().rules or self._shipped.rules

    def flows(self, actor: Actor) -> list[Flow]:
        """What the brokers said in the last half hour, oldest first; never empty."""
        require(actor, Permission.READ)
        return self._brokers.flows(self._clock())

    def peek(self, actor: Actor, topic: str) -> tuple[list[Peek], str]:
        """The newest dead letters or late events, and why none can be read."""
        require(actor, Permission.READ)
        return self._brokers.peek(topic)

    def metrics(self, actor: Actor) -> tuple[dict[str, float | None], str]:
        """What CloudWatch has, and why it says nothing."""
        require(actor, Permission.READ)
        return self._metrics.newest(self._clock())

    def rows_read(self, actor: Actor) -> int:
        """KPI rows that came off the stream since the app started."""
        require(actor, Permission.READ)
        return self._trends.rows_read

    def tableau_token(self, actor: Actor) -> str:
        """Opens the connected view for the actor, once. Raises Transient if the secret cannot be read."""
        require(actor, Permission.READ)
        return token_of(connected_app(self._settings), self._settings.tableau_user or actor.name, self._clock())

    def rules_version(self, actor: Actor) -> str:
        """Of the catalogue that these rules make."""
        return Catalog(self.rules(actor).values()).version

    def alerts(self, actor: Actor) -> list[StoredAlert]:
        """What was sent, waits or is held back, newest first."""
        require(actor, Permission.READ)
        with self._listing:
            now = self._clock()
            if self._listed_at is None or now - self._listed_at >= LIST_KEPT:
                self._listed, self._listed_at = self._history.alerts(), now
            return self._listed

    def entry(self, actor: Actor, alert_id: str) -> LogEntry | None:
        """The change that an alert tells of."""
        require(actor, Permission.READ)
        return self._history.entry(alert_id)

    def summaries(self, actor: Actor, entry: LogEntry) -> list[Said]:
        """What was said of the storm an alarm is part of."""
        require(actor, Permission.READ)
        return self._history.summaries(entry)

    def storm(self, actor: Actor, storm_id: str) -> list[Member]:
        """All of a storm, as its lights are now."""
        require(actor, Permission.READ)
        return self._operator.storm(storm_id)

    def silences(self, actor: Actor) -> list[Silence]:
        """Those that are not over."""
        require(actor, Permission.READ)
        return sorted(read_silences(self._documents, self._clock()), key=lambda one: one.ends_at)

    def deeds(self, actor: Actor, day: date) -> list[Deed]:
        """Who did what, newest first."""
        require(actor, Permission.AUDIT)
        return list(self._audit.of(day))[::-1]

    # What is done. Each is written down with who did it, also when it is refused.

    def acknowledge(self, actor: Actor, key: Key, comment: str) -> None:
        """Take an alarm on."""
        self._act(
            actor, "acknowledge", _about(key), comment,
            lambda now: self._operator.acknowledge(key, actor.name, comment, now),
        )  # fmt: skip

    def acknowledge_storm(self, actor: Actor, storm_id: str, comment: str) -> None:
        """Take all of a storm on."""
        self._act(
            actor, "acknowledge", f"storm {storm_id}", comment,
            lambda now: self._operator.acknowledge_storm(storm_id, actor.name, comment, now),
        )  # fmt: skip

    def snooze(self, actor: Actor, key: Key, length: timedelta, comment: str) -> Silence:
        """Put an alarm off."""
        return self._act(
            actor, "snooze", f"{_about(key)} for {length}", comment,
            lambda now: self._operator.snooze(key, length, actor.name, comment, now),
        )  # fmt: skip

    def silence(
        self, actor: Actor, match: Selector, length: timedelta, comment: str, weekly: Weekly | None = None
    ) -> Silence:
        """Silence what matches, from now on."""
        return self._act(
            actor, "silence", f"{match} for {length}", comment,
            lambda now: self._operator.silence(match, actor.name, comment, now, now + length, weekly),
        )  # fmt: skip

    def unsilence(self, actor: Actor, silence_id: str) -> Silence:
        """End a silence or a snooze now."""
        return self._act(
            actor, "unsilence", silence_id, "", lambda now: self._operator.unsilence(silence_id, actor.name, now)
        )

    def _act(self, actor: Actor, action: str, about: str, comment: str, do: Callable[[datetime], T]) -> T:
        now = self._clock()
        begun = self._audit.begin(actor, action, about, comment, now)
        try:
            require(actor, Permission.ACT)
            done = do(now)
        except NotAllowedError:
            self._audit.end(begun, "refused")
            raise
        except SemaforoError as error:
            self._audit.end(begun, f"failed: {error}")
            raise
        self._audit.end(begun, "done")
        self._watch.look_again()
        return done


def _about(key: Key) -> str:
    return f"{key.pk.partition('#')[2]} {key.sk}"


def now_utc() -> datetime:
    """The wall clock, handed in where the parts are put together."""
    return datetime.now(UTC)
