"""Properties of the job: what is filled in, what is refused."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from flink_jobs.settings import JobSettings

GIVEN = {"stage": "demo", "bootstrap": "127.0.0.1:9092", "stream": "semaforo-demo-route-kpis"}


def test_the_pace_fills_in_what_is_not_given() -> None:
    live = JobSettings.model_validate(GIVEN)
    assert (live.pane_ms, live.bound_ms, live.watermark_interval_ms) == (50, 50, 5)
    replay = JobSettings.model_validate({**GIVEN, "pace": "replay", "bound_ms": "8"})
    assert (replay.pane_ms, replay.bound_ms) == (60_000, 8)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("pane_ms", "7"),
        ("pane_ms", "7000"),  # an hour is not a multiple of it
        ("stage", "De mo"),
        ("bootstrap", "h:1'; DROP"),
        ("stream", ""),
        ("pace", "fast"),
        ("buckets", "41"),
        ("bound_ms", "-1"),
        ("checkpoint_seconds", "0"),
        ("sped", "1"),
    ],
)
def test_nonsense_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        JobSettings.model_validate({**GIVEN, name: value})


def test_reads_managed_flinks_layout(tmp_path: Path) -> None:
    path = tmp_path / "application_properties.json"
    groups = [
        {"PropertyGroupId": "kinesis.analytics.flink.run.options", "PropertyMap": {"python": "main.py"}},
        {"PropertyGroupId": "kpi-job", "PropertyMap": GIVEN},
        {"PropertyGroupId": "kafka", "PropertyMap": {"security.protocol": "SASL_SSL"}},
    ]
    path.write_text(json.dumps(groups))
    settings = JobSettings.read(path, {"revision": "3"})
    assert settings.revision == 3
    assert settings.kafka == {"security.protocol": "SASL_SSL"}
