"""Every setting that a template hands over is one that somebody reads, and every one that must be there is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from alerts.settings import AlertSettings
from deploy.paths import ROOT
from deploy.stacks.app_service import EVERYWHERE
from flink_jobs.settings import JobSettings
from lambdas.feed_settings import FlightsSettings, KafkaSettings
from lambdas.settings import LightLogFeedSettings, SemaforoSettings
from streamlit_app.settings import AppSettings
from tests.deploy.synthesised import Template, resources
from warehouse.settings import HistorySettings

pytestmark = pytest.mark.integration

STAGE = {"SEMAFORO_STAGE"}
READERS: dict[str, tuple[type[BaseModel], ...]] = {
    "semaforo": (AlertSettings, SemaforoSettings),
    "sweeper": (AlertSettings,),
    "raw-record": (),
    "light-log-feed": (LightLogFeedSettings,),
    "partner-file": (KafkaSettings,),
    "partner-queue": (KafkaSettings,),
    "flights": (FlightsSettings,),
    "recommender": (AlertSettings, FlightsSettings),
}
TABLES = {"recommender": {"DELIVERY"}}
"""Of the four of the alerts, where a function reads or writes not all of them."""


def keys(model: type[BaseModel], prefix: str = "SEMAFORO_") -> set[str]:
    return {f"{prefix}{name.upper()}" for name in model.model_fields}


def required(model: type[BaseModel], prefix: str = "SEMAFORO_") -> set[str]:
    return {f"{prefix}{name.upper()}" for name, field in model.model_fields.items() if field.is_required()}


def environments(templates: Mapping[str, Template]) -> dict[str, set[str]]:
    """Of every function of ours, by its name."""
    found = {}
    for template in templates.values():
        for function in resources(template, "AWS::Lambda::Function"):
            if "FunctionName" in function:
                name = function["FunctionName"].split("-", 2)[2]
                found[name] = set(function["Environment"]["Variables"])
    return found


@pytest.mark.parametrize("where", ["aws", "local"])
def test_functions(where: str, request: pytest.FixtureRequest) -> None:
    given = environments(request.getfixturevalue(where))
    assert given.keys() <= READERS.keys()
    assert where == "local" or given.keys() == READERS.keys()
    for name, names in given.items():
        models = READERS[name]
        assert names - STAGE - set().union(*(keys(model) for model in models)) == set(), name
        tables_have_defaults = set().union(*(required(model) for model in models if model is not AlertSettings))
        assert tables_have_defaults - names == set(), name
        if AlertSettings in models:
            tables = TABLES.get(name, {"LIGHTS", "LIGHT_LOG", "OUTBOX", "DELIVERY"})
            assert {f"SEMAFORO_{table}_TABLE" for table in tables} <= names


def test_the_job(aws: dict[str, Template]) -> None:
    (application,) = resources(aws["streaming"], "AWS::KinesisAnalyticsV2::Application")
    groups: Any = application["ApplicationConfiguration"]["EnvironmentProperties"]["PropertyGroups"]
    given = {group["PropertyGroupId"]: set(group["PropertyMap"]) for group in groups}
    assert given.keys() == {"kpi-job", "kafka", "kinesis.analytics.flink.run.options"}
    assert given["kpi-job"] - JobSettings.model_fields.keys() == set()
    assert {"stage", "bootstrap", "stream", "region"} <= given["kpi-job"]


def test_the_app(aws: dict[str, Template]) -> None:
    (task,) = resources(aws["app"], "AWS::ECS::TaskDefinition")
    (container,) = task["ContainerDefinitions"]
    given = {one["Name"] for one in (*container["Environment"], *container["Secrets"])}
    assert given - STAGE - keys(AppSettings, "SEMAFORO_APP_") == {"AWS_REGION"}
    values = {one["Name"]: one["Value"] for one in container["Environment"]}
    read = AppSettings.read(
        {**values, **{one["Name"]: "from the store" for one in container["Secrets"]}}, address=EVERYWHERE
    )
    assert read.signs_in


def test_the_glue_jobs(aws: dict[str, Template]) -> None:
    """Those of the star are read by dbt's profile, those of the bookings by name."""
    texts = "".join(path.read_text() for suffix in ("py", "yml") for path in (ROOT / "warehouse").rglob(f"*.{suffix}"))
    named = set(re.findall(r"SEMAFORO_[A-Z_]+", texts))
    for job in resources(aws["warehouse"], "AWS::Glue::Job"):
        given = {name.removeprefix("--") for name in job["DefaultArguments"] if name.startswith("--SEMAFORO_")}
        assert given - STAGE - keys(HistorySettings) - named == set(), job["Name"]
