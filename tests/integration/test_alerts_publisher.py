"""What SNS is asked to publish at once, and what becomes of the rest when it refuses."""

from collections.abc import Iterator

import msgspec
import pytest

from alerts.outbox import Pending, pending_of
from alerts.publisher import Publisher
from alerts.routing import Receiver, Routing
from schemas.lights import Alert
from tests.alerts.samples import NOW, folded, row
from tests.faulty_proxy import FaultyProxy
from tests.integration.alert_desk import AlertDesk, new_route

pytestmark = pytest.mark.integration


def alerts(*characters: int) -> Iterator[Pending]:
    """Alerts whose texts are so long. SNS gets a text twice: in the JSON and for mail."""
    for length in characters:
        transition = folded(row(0, 4, entity=new_route())).changes[-1].transition
        alert = Alert(
            alert_id=transition.alert_id, stage="test", transition=transition, subject="s", text="t" * length,
            text_es="t", decided_at=NOW, modelled=False,
        )  # fmt: skip
        yield pending_of(alert, ("default",))


def publisher(desk: AlertDesk, proxy: FaultyProxy, routing: Routing | None = None) -> Publisher:
    return Publisher(desk.client("sns", proxy.url), desk.settings, routing or Routing())


def test_what_is_too_long_for_one_call_goes_in_two(desk: AlertDesk, proxy: FaultyProxy) -> None:
    """SNS takes ten messages and 256 KB a call."""
    waiting = list(alerts(10, 60_000, 60_000, *[10] * 11))
    assert publisher(desk, proxy).publish(waiting) == (waiting, "")
    assert proxy.calls == ["PublishBatch"] * 3, "1 + 1, the second long one and 9 more, 2"


def test_behind_an_alert_that_sns_refuses_none_is_published(desk: AlertDesk, proxy: FaultyProxy) -> None:
    waiting = list(alerts(10, 150_000, 10))
    taken, problem = publisher(desk, proxy).publish(waiting)
    assert taken == waiting[:1]
    assert "too long" in problem
    assert proxy.calls == ["PublishBatch"] * 2


def test_an_alert_counts_as_published_when_each_of_its_topics_has_it(desk: AlertDesk, proxy: FaultyProxy) -> None:
    """There is no topic of that name."""
    routing = Routing(receivers={"default": Receiver(), "duty": Receiver(topic="nowhere")})
    both, one = (msgspec.structs.replace(p, receivers=r) for p, r in zip(
        alerts(10, 10), (("default", "duty"), ("default",)), strict=True
    ))  # fmt: skip
    taken, problem = publisher(desk, proxy, routing).publish([both, one])
    assert taken == [one]
    assert "SNS" in problem
