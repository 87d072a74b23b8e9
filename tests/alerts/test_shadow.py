"""Rules tried beside those in force: the same rows, both lights, who would have been told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from alerts.entity import EntityLights
from alerts.kpi_stream import KpiStream
from alerts.shadow import Differs, Shadow
from rules.load import Catalog
from rules.rule import Thresholds
from schemas.errors import Transient
from schemas.lights import Light
from schemas.rows import pack_rows
from tests.alerts.samples import NOW, catalog, folded, row, rule

LENIENT = rule(thresholds=Thresholds(amber=60, red=50, recover_amber=65, recover_red=55))
STRICT = rule(thresholds=Thresholds(amber=95, red=85, recover_amber=96, recover_red=86))


def judged(tried: Catalog, *on_time: int, lights: list[EntityLights] | None = None) -> Shadow:
    """JFK-LAX with so many of ten on time, a row every ten minutes, beside the rule of the samples (80 and 70)."""
    shadow = Shadow(catalog(), tried, lights or [])
    for number, count in enumerate(on_time):
        shadow.judge([row(10 * number, count)], NOW)
    return shadow


def test_a_lenient_rule_shows_where_it_is_silent() -> None:
    """9, 6 and 9 of 10: in force GREEN, RED, GREEN, two alerts; below 50 nothing was."""
    shadow = judged(catalog(LENIENT), 9, 6, 9, 6)
    (late,) = shadow.compared()
    assert (late.changed, late.told_in_force, late.told_tried) == (True, 3, 0)
    assert (late.in_force, late.tried) == ({Light.RED: 1}, {Light.GREEN: 1})
    assert late.differs == [Differs("JFK-LAX", Light.RED, Light.GREEN)]
    assert (shadow.rows, shadow.more_told(), shadow.defects) == (4, 0, [])


def test_a_strict_rule_would_have_told_more() -> None:
    """9 of 10 is AMBER below 95, 8 RED below 85: two alerts where the rule in force has none."""
    shadow = judged(catalog(STRICT), 9, 8)
    assert (shadow.more_told(), shadow.compared()[0].told_in_force) == (2, 0)


def test_what_a_rule_tells_less_does_not_pay_for_another_that_tells_more() -> None:
    another = rule(id="later", thresholds=STRICT.thresholds)
    shadow = Shadow(catalog(rule(), another), catalog(LENIENT, rule(id="later")), [])
    swapped = Shadow(catalog(LENIENT, rule(id="later")), catalog(rule(), another), [])
    for each in (shadow, swapped):
        for at, count in ((0, 9), (10, 6)):
            each.judge([row(at, count)], NOW)
    told = {one.rule: (one.told_in_force, one.told_tried) for one in shadow.compared()}
    assert told == {"late": (1, 0), "later": (2, 1)}
    assert (shadow.more_told(), swapped.more_told()) == (0, 2)


def test_rules_that_are_new_or_gone_are_compared_with_none() -> None:
    shadow = judged(catalog(rule(id="new")), 9, 6)
    gone, new = shadow.compared()
    assert (gone.rule, gone.differs) == ("late", [Differs("JFK-LAX", Light.RED, None)])
    assert (new.rule, new.differs) == ("new", [Differs("JFK-LAX", None, Light.RED)])


def test_the_same_rules_differ_in_nothing() -> None:
    (late,) = judged(catalog(), 9, 7, 6, 9).compared()
    assert (late.changed, late.differs) == (False, [])
    assert late.told_in_force == late.told_tried == 3


def test_it_begins_with_the_lights_that_stand() -> None:
    """A route that is red is not told again, and rows that were judged before change nothing."""
    standing = folded(row(0, 9), row(10, 6)).after
    shadow = judged(catalog(), 9, 6, lights=[standing])
    assert shadow.compared()[0].told_in_force == 0
    shadow.judge([row(20, 6)], NOW)
    assert shadow.compared()[0].told_in_force == 0
    shadow.judge([row(30, 9)], NOW)
    assert shadow.compared()[0].told_in_force == 1


def test_a_record_with_more_changes_than_one_write_holds_is_judged_whole() -> None:
    shadow = Shadow(catalog(), catalog(), [])
    shadow.judge([row(10 * number, 9 if number % 2 else 6) for number in range(61)], NOW)
    assert shadow.compared()[0].told_tried == 61, "red, green, red …: the first one is an alarm too"


def test_a_row_that_cannot_be_judged_is_a_defect_of_the_rules_tried() -> None:
    shadow = judged(catalog(rule(usd_per_block_minute=None)), 9, 6)
    assert len(shadow.defects) == 2, "both rows"
    assert "late cannot judge" in shadow.defects[0]


class Stream:
    """A stream of one shard that is split in two; the second look finds what came since."""

    def __init__(self) -> None:
        self.shards = ["a"]
        self.asked: list[tuple[str, str]] = []

    def list_shards(self, **_stream: str) -> object:
        return {"Shards": [{"ShardId": shard} for shard in self.shards]}

    def get_shard_iterator(self, **request: Any) -> object:
        self.asked.append((request["ShardId"], request["ShardIteratorType"]))
        return {"ShardIterator": f"{request['ShardId']}0"}

    def get_records(self, **request: Any) -> object:
        shard, number = request["ShardIterator"][0], int(request["ShardIterator"][1])
        if shard == "a":
            self.shards = ["a", "b", "c"]
            data = [pack_rows([row(0, 9)]), b"garbage"]
            return {"Records": [self._record(one) for one in data], "MillisBehindLatest": 0}
        found = [self._record(pack_rows([row(10, 6)]))] if (shard, number) == ("b", 0) else []
        return {"Records": found, "NextShardIterator": f"{shard}{number + 1}", "MillisBehindLatest": 0}

    @staticmethod
    def _record(data: bytes) -> object:
        return {"Data": data, "ApproximateArrivalTimestamp": NOW}


def test_a_stream_is_read_on_in_the_shards_that_took_anothers_place() -> None:
    kinesis = Stream()
    stream = KpiStream(kinesis, "kpis", NOW - timedelta(hours=6))
    looks = [[(one.at, [r.at.minute for r in one.rows]) for one in stream.look()] for _ in range(3)]
    assert looks == [[(NOW, [0])], [(NOW, [10])], []]
    assert stream.caught_up
    assert stream.unreadable == 1
    assert kinesis.asked == [("a", "AT_TIMESTAMP"), ("b", "TRIM_HORIZON"), ("c", "TRIM_HORIZON")]


def test_a_stream_that_is_not_there_is_a_reason_to_try_again() -> None:
    class Away(Stream):
        def list_shards(self, **_stream: str) -> object:
            raise EndpointConnectionError(endpoint_url="http://nowhere")

    with pytest.raises(Transient, match="nowhere"):
        KpiStream(Away(), "kpis")
