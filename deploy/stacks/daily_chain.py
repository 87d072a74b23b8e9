"""A day of history in AWS: the jobs one after the other, tried again. That a day failed or stays away is watched with
all else (`deploy/watch/history_alarms.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_glue as glue
from aws_cdk import aws_logs as logs
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge, acknowledge_wildcards

START_HOUR_UTC: Final = 1
"""An hour after the day is over: Firehose keeps what it has for 15 minutes at most."""

RETRIES: Final = 2
YESTERDAY: Final = "yesterday"


class DailyChain(Construct):
    """State machine, schedule, and the topic that says which step failed."""

    def __init__(
        self, scope: Construct, construct_id: str, context: DeployContext, jobs: Mapping[str, glue.CfnJob]
    ) -> None:
        super().__init__(scope, construct_id)
        self._context = context
        self.topic = sns.Topic(self, "alarms", topic_name=context.name("history-alarms"), enforce_ssl=True)
        self.machine = self._machine(jobs)
        self._schedule()

    def _machine(self, jobs: Mapping[str, glue.CfnJob]) -> sfn.StateMachine:
        failed = sfn.Fail(self, "failed", cause="A step failed after its retries; the topic and the log say which")
        tell = tasks.SnsPublish(
            self,
            "tell",
            topic=self.topic,
            subject=f"Semaforo {self._context.stage}: a day of history failed",
            message=sfn.TaskInput.from_object(
                {"execution": sfn.JsonPath.execution_id, "error": sfn.JsonPath.object_at("$.error")}
            ),
        )
        tell.next(failed)
        steps = [self._step(name, job, tell) for name, job in jobs.items()]
        for before, after in pairwise(steps):
            before.next(after)
        steps[-1].next(sfn.Succeed(self, "done"))
        log = logs.LogGroup(
            self,
            "log",
            log_group_name=f"/aws/vendedlogs/states/{self._context.name('history')}",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=self._context.removal_policy,
        )
        machine = sfn.StateMachine(
            self,
            "machine",
            state_machine_name=self._context.name("history"),
            definition_body=sfn.DefinitionBody.from_chainable(steps[0]),
            timeout=cdk.Duration.hours(8),
            tracing_enabled=True,
            logs=sfn.LogOptions(destination=log, level=sfn.LogLevel.ALL, include_execution_data=True),
        )
        acknowledge_wildcards(machine, "X-Ray and the delivery of logs know no narrower resource.", "*")
        return machine

    def _step(self, name: str, job: glue.CfnJob, tell: tasks.SnsPublish) -> tasks.GlueStartJobRun:
        step = tasks.GlueStartJobRun(
            self,
            f"run-{name}",
            glue_job_name=self._context.name(name),
            integration_pattern=sfn.IntegrationPattern.RUN_JOB,
            arguments=sfn.TaskInput.from_object({"--SEMAFORO_REPORT_DATE": sfn.JsonPath.string_at("$.date")}),
            result_path=sfn.JsonPath.DISCARD,
        )
        step.add_retry(
            errors=["Glue.ConcurrentRunsExceededException", "States.TaskFailed", "States.Timeout"],
            interval=cdk.Duration.minutes(2),
            max_attempts=RETRIES,
            backoff_rate=3,
            jitter_strategy=sfn.JitterType.FULL,
        )
        step.add_catch(tell, errors=["States.ALL"], result_path="$.error")
        step.node.add_dependency(job)
        return step

    def _schedule(self) -> None:
        missed = sqs.Queue(
            self,
            "missed",
            queue_name=self._context.name("history-missed"),
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            retention_period=cdk.Duration.days(14),
        )
        acknowledge(missed, "SQS3", "It is itself where starts end that could not be made.")
        scheduler.Schedule(
            self,
            "daily",
            schedule_name=self._context.name("history"),
            description="Starts the chain of the day that is over",
            schedule=scheduler.ScheduleExpression.cron(
                minute="0", hour=str(START_HOUR_UTC), time_zone=cdk.TimeZone.ETC_UTC
            ),
            target=targets.StepFunctionsStartExecution(
                self.machine,
                input=scheduler.ScheduleTargetInput.from_object({"date": YESTERDAY}),
                dead_letter_queue=missed,
                retry_attempts=5,
                max_event_age=cdk.Duration.hours(2),
            ),
        )
