"""Alarms, pages and the dashboard, made of the list in `deploy/watch`; the topic they tell; the budget."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.signals import dashboard_metrics, metric_data, plain
from deploy.watch.alarm import Alarm, Comparison, Metric, Paging
from deploy.watch.alarms import ALARMS, BUDGET_PERCENT, DEPLOYING, PAGES
from deploy.watch.board import SUPPRESSOR_EXTENSION_SECONDS, SUPPRESSOR_WAIT_SECONDS
from deploy.watch.rule import alarms_of

OPERATORS: Final[dict[Comparison, str]] = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
WIDGET_COLUMNS: Final = 3


class Monitoring(cdk.Stack):
    """`topic` is told of every page, raised and over. `names` fills in what other stacks alone know."""

    def __init__(self, scope: Construct, context: DeployContext, names: Mapping[str, str]) -> None:
        super().__init__(
            scope,
            f"semaforo-{context.stage}-monitoring",
            description="Semaforo: alarms, pages, dashboard, budget",
            termination_protection=context.keep_data,
        )
        self._context = context
        self._names = {
            "stage": context.stage,
            "account": cdk.Aws.ACCOUNT_ID,
            "region": cdk.Aws.REGION,
            "partition": cdk.Aws.PARTITION,
            **names,
        }
        self.topic = self._topic()
        self._alarms = {name: self._alarm(alarm) for name, alarm in ALARMS.items()}
        self._pages: dict[str, cloudwatch.CfnCompositeAlarm] = {}
        for name, paging in PAGES.items():
            self._pages[name] = self._page(paging)
        self._dashboard()
        self._budget()
        cdk.CfnOutput(self, "OperationsTopicArn", value=self.topic.topic_arn)

    def _topic(self) -> sns.Topic:
        tellers = [iam.ServicePrincipal("cloudwatch.amazonaws.com"), iam.ServicePrincipal("budgets.amazonaws.com")]
        ours = {"StringEquals": {"aws:SourceAccount": cdk.Aws.ACCOUNT_ID}}
        key = kms.Key(
            self,
            "key",
            alias=self._context.name("operations"),
            enable_key_rotation=True,
            removal_policy=self._context.removal_policy,
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["kms:Decrypt", "kms:GenerateDataKey*"],
                principals=[*tellers],
                resources=["*"],  # in a key's own policy: this key
                conditions=ours,
            )
        )
        topic = sns.Topic(
            self, "operations", topic_name=self._context.name("operations"), master_key=key, enforce_ssl=True
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["sns:Publish"], principals=[*tellers], resources=[topic.topic_arn], conditions=ours
            )
        )
        if self._context.operations_mail:
            topic.add_subscription(subscriptions.EmailSubscription(self._context.operations_mail))
        return topic

    def _full(self, name: str) -> str:
        return self._context.name(name)

    def _alarm(self, alarm: Alarm) -> cloudwatch.CfnAlarm:
        signal = alarm.signal.filled(self._names)
        figure = (
            plain(signal, alarm.period_seconds)
            if isinstance(signal, Metric) and not signal.across
            else {"metrics": metric_data(signal, alarm.period_seconds)}
        )
        return cloudwatch.CfnAlarm(
            self,
            alarm.name,
            alarm_name=self._full(alarm.name),
            alarm_description=f"{alarm.reason}. {alarm.condition}. What to do: {alarm.runbook}",
            comparison_operator=OPERATORS[alarm.comparison],
            threshold=alarm.threshold,
            evaluation_periods=alarm.periods,
            datapoints_to_alarm=alarm.breaching,
            treat_missing_data=alarm.missing,
            **figure,  # type: ignore[arg-type]
        )

    def _page(self, paging: Paging) -> cloudwatch.CfnCompositeAlarm:
        rule, below = paging.rule, []
        for name in dict.fromkeys(alarms_of(paging.rule)):
            rule = rule.replace(f'"{name}"', f'"{self._full(name)}"')
            below.append(self._alarms[name] if name in self._alarms else self._pages[name])
        runbooks = sorted({ALARMS[name].runbook for name in alarms_of(paging.rule) if name in ALARMS})
        page = cloudwatch.CfnCompositeAlarm(
            self,
            paging.name,
            alarm_name=self._full(paging.name),
            alarm_description=f"{paging.reason}. What to do: {', '.join(runbooks)}",
            alarm_rule=rule,
            alarm_actions=[self.topic.topic_arn],
            ok_actions=[self.topic.topic_arn],
            actions_suppressor=self._full(DEPLOYING.name),
            actions_suppressor_wait_period=SUPPRESSOR_WAIT_SECONDS,
            actions_suppressor_extension_period=SUPPRESSOR_EXTENSION_SECONDS,
        )
        for one in (*below, self._alarms[DEPLOYING.name]):
            page.add_resource_dependency(one)
        return page

    def _dashboard(self) -> None:
        """The pages on top, then each alarm's figure with its threshold."""
        widgets: list[dict[str, object]] = [
            {
                "type": "alarm",
                "width": 24,
                "height": 4,
                "properties": {"title": "Pages", "alarms": [page.attr_arn for page in self._pages.values()]},
            }
        ]
        for number, alarm in enumerate(ALARMS.values()):
            row, column = divmod(number, WIDGET_COLUMNS)
            properties = {
                "title": alarm.name,
                "region": cdk.Aws.REGION,
                "view": "timeSeries",
                "metrics": dashboard_metrics(alarm.signal.filled(self._names), alarm.period_seconds),
                "annotations": {"horizontal": [{"label": alarm.condition, "value": alarm.threshold}]},
            }
            place = {"x": 8 * column, "y": 4 + 5 * row, "width": 8, "height": 5}
            widgets.append({"type": "metric", **place, "properties": properties})
        body = json.dumps({"widgets": widgets}, separators=(",", ":"))
        cloudwatch.CfnDashboard(self, "dashboard", dashboard_name=self._context.name("dashboard"), dashboard_body=body)

    def _budget(self) -> None:
        told = [
            budgets.CfnBudget.NotificationWithSubscribersProperty(
                notification=budgets.CfnBudget.NotificationProperty(
                    comparison_operator="GREATER_THAN",
                    notification_type="ACTUAL" if percent < 100 else "FORECASTED",
                    threshold=percent,
                    threshold_type="PERCENTAGE",
                ),
                subscribers=[
                    budgets.CfnBudget.SubscriberProperty(address=self.topic.topic_arn, subscription_type="SNS")
                ],
            )
            for percent in BUDGET_PERCENT
        ]
        budgets.CfnBudget(
            self,
            "budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name=self._context.name("month"),
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(amount=self._context.monthly_budget_usd, unit="USD"),
            ),
            notifications_with_subscribers=told,
        )
