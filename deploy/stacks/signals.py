"""What an alarm looks at, as CloudFormation and dashboards say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from aws_cdk import aws_cloudwatch as cloudwatch

from deploy.watch.alarm import Increase, Metric, Ratio, Signal, Statistic

SQL: Final[dict[Statistic, str]] = {
    "Sum": "SUM",
    "Average": "AVG",
    "Maximum": "MAX",
    "Minimum": "MIN",
    "SampleCount": "COUNT",
}


def plain(metric: Metric, period_seconds: int) -> dict[str, object]:
    """The properties of an alarm on one metric."""
    return {
        "namespace": metric.namespace,
        "metric_name": metric.name,
        "statistic": metric.statistic,
        "period": period_seconds,
        "dimensions": [
            cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value) for name, value in metric.dimensions.items()
        ],
    }


def metric_data(signal: Signal, period_seconds: int) -> list[cloudwatch.CfnAlarm.MetricDataQueryProperty]:
    """The queries of an alarm on more than that; only the last one is looked at."""
    queries = []
    for query in _queries(signal, period_seconds):
        metric = query.pop("metric", None)
        if metric is not None:
            query["metric_stat"] = cloudwatch.CfnAlarm.MetricStatProperty(
                metric=cloudwatch.CfnAlarm.MetricProperty(
                    namespace=metric.namespace,
                    metric_name=metric.name,
                    dimensions=[
                        cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value)
                        for name, value in metric.dimensions.items()
                    ],
                ),
                period=period_seconds,
                stat=metric.statistic,
            )
        queries.append(cloudwatch.CfnAlarm.MetricDataQueryProperty(**query))
    return queries


def dashboard_metrics(signal: Signal, period_seconds: int) -> list[list[Any]]:
    """The same for a widget."""
    if isinstance(signal, Metric) and not signal.across:
        return [_widget_metric(signal, {"period": period_seconds})]
    lines: list[list[Any]] = []
    for query in _queries(signal, period_seconds):
        options = {"id": query["id"], "visible": query["return_data"], "period": period_seconds}
        if "metric" in query:
            lines.append(_widget_metric(query["metric"], options))
        else:
            lines.append([{**options, "expression": query["expression"]}])
    return lines


def _queries(signal: Signal, period_seconds: int) -> list[dict[str, Any]]:
    match signal:
        case Metric():
            return [_source("figure", signal, period_seconds, shown=True)]
        case Ratio(top, bottom, scale):
            shown = {"id": "figure", "expression": f"{scale:g} * above / below", "return_data": True}
            sources = [("above", top), ("below", bottom)]
        case Increase(counter):
            shown = {"id": "figure", "expression": "DIFF(counter)", "return_data": True}
            sources = [("counter", counter)]
    return [*(_source(name, metric, period_seconds, shown=False) for name, metric in sources), shown]


def _source(name: str, metric: Metric, period_seconds: int, *, shown: bool) -> dict[str, Any]:
    if not metric.across:
        return {"id": name, "metric": metric, "return_data": shown}
    return {"id": name, "expression": insights(metric), "period": period_seconds, "return_data": shown}


def insights(metric: Metric) -> str:
    """The Metrics Insights query of all metrics that have at least these dimensions."""
    wanted = " AND ".join(f"\"{name}\" = '{value}'" for name, value in metric.dimensions.items())
    return f'SELECT {SQL[metric.statistic]}("{metric.name}") FROM "{metric.namespace}" WHERE {wanted}'  # noqa: S608 - our own names


def _widget_metric(metric: Metric, options: Mapping[str, Any]) -> list[Any]:
    names = [part for pair in metric.dimensions.items() for part in pair]
    return [metric.namespace, metric.name, *names, {**options, "stat": metric.statistic}]
