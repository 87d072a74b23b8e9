"""What the API answers: units in names, instants in UTC. FastAPI makes the description of these types."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from schemas.lights import AlertKind, Light
from schemas.rows import Scope, Window


class Record(BaseModel):
    """All of them: what is said is what is described. Of an object whose fields bear the same names it takes those."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class RouteRecord(Record):
    """A route: its worst light, every rule's, who flies it, and what is at stake (the largest of its alarms)."""

    route: str
    origin: str
    destination: str
    light: Light
    lights: dict[str, Light]
    flown_by: list[str]
    newest_row_at: datetime | None
    usd_per_hour: float
    usd_is_modelled: bool


class LightRecord(Record):
    """One rule's light on one entity, and the evidence. `late_risk_percent` is what pooled evidence says of the hours
    ahead, where a rule has any; terms and value are the KPI's in `unit`."""

    scope: Scope
    entity: str
    rule: str
    rule_version: str
    light: Light
    since_at: datetime | None
    judged_at: datetime | None
    reason: str
    kpi: str | None
    window: Window | None
    unit: str | None
    numerator: int | None
    denominator: int | None
    value: float | None
    lower: float | None
    upper: float | None
    value_is_modelled: bool
    late_risk_percent: float | None
    usd_per_hour: float
    usd_is_modelled: bool
    changes_in_24_hours: int


class KpiRecord(Record):
    """A KPI of the catalogue."""

    kpi: str
    title: str
    title_es: str
    formula: str
    unit: str
    direction: str
    windows: list[Window]
    source: str


class KpiValueRecord(Record):
    """A KPI of an entity in one window: `value` is null where the denominator is not positive."""

    kpi: str
    unit: str
    window: Window
    at: datetime
    numerator: int
    denominator: int
    value: float | None
    is_modelled: bool


class KpiValues(Record):
    """All of a route's."""

    route: str
    values: list[KpiValueRecord]


class AlertRecord(Record):
    """What people were told, will be told or were not told, and why. Without a `rule` it concerns the whole stage."""

    alert_id: str
    kind: AlertKind | Literal["outage", "outage over"]
    status: str
    status_reason: str
    decided_at: datetime
    sent_at: datetime | None
    subject: str
    text: str
    text_es: str
    scope: Scope | None
    entity: str | None
    rule: str | None
    light: Light | None
    from_light: Light | None
    at: datetime | None
    usd_per_hour: float | None
    usd_is_modelled: bool
    is_modelled: bool


class ActionRecord(Record):
    """What could be done, and what that should save; `saves_if_moved_usd` if demand or fuel were a tenth more or
    less."""

    rank: int
    kind: str
    flight_ids: list[str]
    words: str
    words_es: str
    saves_usd: float
    saves_by_term_usd: dict[str, float]
    late_minutes: int
    late_then_minutes: int
    saves_if_moved_usd: dict[str, float]


class OutcomeRecord(Record):
    """What the first action came to: realised, or what would have been if it was not `followed`."""

    followed: bool
    came_true: bool
    predicted_usd: float
    realised_usd: float
    predicted_minutes: int
    realised_minutes: int


class BeforeRecord(Record):
    """What the newest actions of the kind had come to when the advice was given; means."""

    outcomes: int
    came_true: int
    followed: int
    predicted_usd: float
    realised_usd: float
    predicted_minutes: float
    realised_minutes: float


class AdviceRecord(Record):
    """The actions beside one alert, the best first, and what the operator answered: open, accepted, rejected or
    expired."""

    alert_id: str
    route: str
    light: Light
    rule: str
    at: datetime
    given_at: datetime
    is_modelled: bool
    answer: str
    answered_by: str
    answered_at: datetime | None
    comment: str
    binding: str
    actions: list[ActionRecord]
    track_record: BeforeRecord | None
    outcome: OutcomeRecord | None


class PredictionRecord(Record):
    """When a flight that has not left is expected to, by what its aircraft does before it; and by the delay model, up
    to eight hours ahead, the chance that it lands 15 minutes late or more, is cancelled or diverted, and the 10, 50 and
    90 % quantiles of its minutes late, if it lands."""

    flight_id: str
    carrier: str
    aircraft: str | None
    scheduled_departure_at: datetime
    expected_departure_at: datetime
    expected_departure_delay_minutes: int
    waits_for_flight_id: str | None
    disrupted_chance: float | None
    arrival_delay_low_minutes: int | None
    arrival_delay_median_minutes: int | None
    arrival_delay_high_minutes: int | None


class ModelRecord(Record):
    """The delay model: flights of 2013 from New York before a day, and how good it was on those from then on, two hours
    ahead."""

    version: str
    fitted_before: date
    metrics: dict[str, float]


class Predictions(Record):
    """Of a route, as of the newest event time anything is known of. `late_risk_percent`: how likely the route is in a
    bad stretch, by pooled evidence; null where there is none."""

    route: str
    at: datetime
    late_risk_percent: float | None
    model: ModelRecord
    flights: list[PredictionRecord]


class DeedRecord(Record):
    """Who did what in the app."""

    at: datetime
    who: str
    role: str
    action: str
    about: str
    comment: str
    outcome: str


class Deeds(Record):
    """Of a day (UTC), the newest first."""

    deeds: list[DeedRecord]
