"""Settings from the environment."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from alerts.settings import AlertSettings
from lambdas.settings import SemaforoSettings


def test_a_stage_names_its_tables() -> None:
    settings = AlertSettings.read({"SEMAFORO_STAGE": "dev"})
    assert (settings.lights_table, settings.light_log_table, settings.outbox_table, settings.delivery_table) == (
        "semaforo-dev-lights",
        "semaforo-dev-light-log",
        "semaforo-dev-outbox",
        "semaforo-dev-delivery",
    )
    assert settings.age_limit == timedelta(hours=1)
    assert settings.modelled_alerts is False


def test_a_function_is_told() -> None:
    settings = AlertSettings.read(
        {
            "SEMAFORO_STAGE": "demo",
            "SEMAFORO_LIGHTS_TABLE": "other",
            "SEMAFORO_ALERT_AGE_LIMIT_MINUTES": "0",
            "SEMAFORO_MODELLED_ALERTS": "true",
            "PATH": "/bin",
        }
    )
    assert settings.lights_table == "other"
    assert settings.age_limit is None
    assert settings.modelled_alerts is True


@pytest.mark.parametrize(
    "wrong", [{"SEMAFORO_STAGE": "a b"}, {"SEMAFORO_ALERT_AGE_LIMIT_MINUTES": "-1"}, {"SEMAFORO_MODELLED_ALERTS": "?"}]
)
def test_nonsense_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        AlertSettings.read(wrong)


def test_the_semaforo_needs_its_quarantine() -> None:
    assert SemaforoSettings.read({"SEMAFORO_QUARANTINE_QUEUE_URL": "q"}).partial_failures == "report"
    with pytest.raises(ValidationError, match="quarantine_queue_url"):
        SemaforoSettings.read({})
