"""What the tests of the alerts share: the deployed template, and a proxy that can break the way to it."""

from collections.abc import Iterator

import pytest

from deploy.local import template
from deploy.local.cloud import LocalCloud
from tests.faulty_proxy import FaultyProxy
from tests.integration.alert_desk import AlertDesk, new_route


@pytest.fixture(scope="module")
def desk(cloud: LocalCloud) -> AlertDesk:
    """The template's tables, topic and queues."""
    return AlertDesk(cloud, template.deploy(template.synthesise("test"), "test", cloud), "test")


@pytest.fixture
def route() -> str:
    """A route nobody else uses."""
    return new_route()


@pytest.fixture
def proxy(desk: AlertDesk) -> Iterator[FaultyProxy]:
    """A proxy before the cloud; passes everything until it is given a plan."""
    with FaultyProxy(desk.environment()["AWS_ENDPOINT_URL"]) as running:
        yield running


@pytest.fixture(scope="session", autouse=True)
def _quick_start() -> Iterator[None]:
    """JVMs that live for a minute or two are compiled by the quick compiler only, as the brokers always are: a KPI job
    took 40 s of CPU to come up and read 1,000 events instead of 57, both on a crowded machine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")
        yield
