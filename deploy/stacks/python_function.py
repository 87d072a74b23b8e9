"""A Lambda function as all of ours are: from the one zip, with a log of its own and a role that begins with nothing."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge

MEMORY_MB = 1_024
"""CPU grows with memory, one core at 1,769 MB: this is 0.58 of a core."""


class PythonFunction(Construct):
    """One handler of the Lambda bundle; grants are given to `function` by who owns the resource."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        context: DeployContext,
        *,
        code: lambda_.Code,
        handler: str,
        timeout: cdk.Duration,
        environment: Mapping[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        name = context.name(construct_id)
        log_group = logs.LogGroup(
            self,
            "log",
            log_group_name=f"/aws/lambda/{name}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=context.removal_policy,
        )
        # Not the managed basic role: that one may write to every log of the account.
        role = iam.Role(self, "role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        log_group.grant_write(role)
        self.function = lambda_.Function(
            self,
            "function",
            function_name=name,
            runtime=lambda_.Runtime.PYTHON_3_11,
            architecture=lambda_.Architecture.X86_64,
            code=code,
            handler=handler,
            timeout=timeout,
            memory_size=MEMORY_MB,
            environment={"SEMAFORO_STAGE": context.stage, **environment},
            role=role,
            log_group=log_group,
        )
        acknowledge(self.function, "L1", "All tests run on Python 3.11; the bundle's native wheels are for it.")
