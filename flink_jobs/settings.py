"""What the job is told: the two property groups of Managed Flink's `application_properties.json`.

[{"PropertyGroupId": "kpi-job", "PropertyMap": {"stage": "demo", "bootstrap": "…", "stream": "…"}},
 {"PropertyGroupId": "kafka", "PropertyMap": {"security.protocol": "SASL_SSL", …}}]
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MANAGED_PROPERTIES: Final = Path("/etc/flink/application_properties.json")
"""Where Managed Flink puts the properties."""

Pace = Literal["live", "replay"]

# What differs between waiting for events and racing through old ones. Live, an event waits for its pane's end, for the
# bound and for the next clock beat: panes shorter than a quarter of a beat only make more rows. The watermark's
# interval and the buffers' timeout come on top of that, so they are as short as waking up for nothing allows. A replay
# has minutes of event time between two beats, so it spends less on waking up, and rows a minute apart say all that
# lights need. Its publisher is one and in order, so nothing is out of order.
PACES: Final[dict[Pace, dict[str, int]]] = {
    "live": {
        "pane_ms": 50,
        "bound_ms": 50,
        "watermark_interval_ms": 5,
        "buffer_timeout_ms": 3,
        "bundle_ms": 20,
    },
    "replay": {
        "pane_ms": 60_000,
        "bound_ms": 0,
        "watermark_interval_ms": 50,
        "buffer_timeout_ms": 20,
        "bundle_ms": 50,
    },
}

# 28 days of a few hundred routes at one heartbeat an hour are some 100 MB of panes; the rest is room for bursts. Hardly
# any event outlives its minute: a young generation larger than the default collects half as often. A heap and a class
# space that grow on demand are collected whole each time they do, 0.1 s of a core, five times in the first minute. A
# heap whose pages come when they are first written to pays in its collections, where panes move to pages never used
# before: four times the CPU of garbage, pauses of 0.4 s; all at once it is 0.8 s of the start. The optimising compiler
# waits five times longer than by default: most of what it compiled in the first minutes ran too seldom to repay it. It
# takes in less of what methods call, too: compiling is a third of the CPU of the first millions of events, and what
# they cost did not rise for it.
JVM: Final = (
    "-Xms1536m -Xmx1536m -XX:+AlwaysPreTouch -Xmn512m -XX:MetaspaceSize=192m -XX:+UseSerialGC"
    " -XX:Tier4InvocationThreshold=25000 -XX:Tier4MinInvocationThreshold=3000"
    " -XX:Tier4CompileThreshold=75000 -XX:Tier4BackEdgeThreshold=200000"
    " -XX:InlineSmallCode=1000 -XX:MaxInlineLevel=9"
)


class JobSettings(BaseModel):
    """The job's properties, checked.

    `pace` fills in what is not given. `pane_ms` is the distance of KPI rows, `bound_ms` how far a publisher may be out
    of order, `ahead_limit_seconds` how far a fact may lie ahead of the newest clock beat. `idle_timeout_seconds` is for
    partitions that nobody beats: with beats, a partition that goes silent is one that lost its leader, and waiting for
    it keeps its events from turning late. `buckets` spreads entities over stream records; at 40 a request of full
    records stays under the API's 5 MB. `region` is the stream's; without one the environment says it, which on Managed
    Flink it need not. `kafka` goes to the clients as it stands (TLS, SASL).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    stage: str = Field(pattern=r"^[a-z][a-z0-9]*$")
    bootstrap: str = Field(pattern=r"^[A-Za-z0-9_.:,\-]+$")
    stream: str = Field(pattern=r"^[A-Za-z0-9_.\-]{1,128}$")
    region: str | None = None
    pace: Pace = "live"
    pane_ms: int = Field(ge=10, le=3_600_000)
    bound_ms: int = Field(ge=0, le=86_400_000)
    watermark_interval_ms: int = Field(ge=1)
    buffer_timeout_ms: int = Field(ge=0)
    bundle_ms: int = Field(ge=1)
    revision: int = Field(default=0, ge=0)
    drop_duplicates: bool = True
    buckets: int = Field(default=16, ge=1, le=40)
    ahead_limit_seconds: int = Field(default=86_400, ge=1)
    idle_timeout_seconds: int = Field(default=60, ge=1)
    checkpoint_seconds: float = Field(default=10, gt=0)
    kafka: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _fill_in_pace(cls, given: Any) -> Any:
        return {**PACES[given.get("pace", "live")], **given} if given.get("pace", "live") in PACES else given

    @model_validator(mode="after")
    def _panes_fill_a_day(self) -> Self:
        if timedelta(hours=1) % timedelta(milliseconds=self.pane_ms):
            raise ValueError(f"pane_ms {self.pane_ms} does not divide an hour: windows would not begin on a pane")
        return self

    @classmethod
    def read(cls, path: Path = MANAGED_PROPERTIES, overrides: dict[str, str] | None = None) -> Self:
        """From a properties file. Raises OSError, ValueError (pydantic.ValidationError is one)."""
        groups = {g["PropertyGroupId"]: dict(g["PropertyMap"]) for g in json.loads(path.read_text(encoding="utf-8"))}
        job = {**groups.get("kpi-job", {}), **(overrides or {})}
        return cls.model_validate({**job, "kafka": groups.get("kafka", {})})


def is_managed() -> bool:
    """Whether this runs on Managed Flink, which brings its own cluster, checkpoints and Python."""
    return MANAGED_PROPERTIES.exists()
