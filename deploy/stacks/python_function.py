"""A Lambda function as all of ours are: from a zip of ours, with its own log and a role that begins with nothing."""

from __future__ import annotations

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from deploy.stacks.network import Network

MEMORY_MB = 1_024
"""CPU grows with memory, one core at 1,769 MB: this is 0.58 of a core."""


class PythonFunction(Construct):
    """One handler of a Lambda bundle; grants are given to `function` by who owns the resource."""

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
        network: Network | None = None,
        memory_mb: int | None = None,
        dead_letter_queue: sqs.IQueue | None = None,
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
        self._role = role
        if network is not None:
            self.may_live_in_a_network()
        self.function = lambda_.Function(
            self,
            "function",
            function_name=name,
            runtime=lambda_.Runtime.PYTHON_3_11,
            architecture=lambda_.Architecture.X86_64,
            code=code,
            handler=handler,
            timeout=timeout,
            memory_size=memory_mb or MEMORY_MB,
            environment={"SEMAFORO_STAGE": context.stage, **environment},
            role=role,
            log_group=log_group,
            vpc=network.vpc if network else None,
            vpc_subnets=network.subnets if network else None,
            security_groups=[network.clients] if network else None,
            dead_letter_queue=dead_letter_queue,
        )
        acknowledge(self.function, "L1", "All tests run on Python 3.11; the bundle's native wheels are for it.")

    def may_live_in_a_network(self) -> None:
        """Let Lambda make and remove the network interfaces that this function, or what polls for it, is reached by."""
        actions = ["CreateNetworkInterface", "DeleteNetworkInterface", "DescribeNetworkInterfaces", "DescribeSubnets"]
        actions += ["DescribeVpcs", "DescribeSecurityGroups", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"]
        self._role.add_to_principal_policy(
            iam.PolicyStatement(actions=[f"ec2:{action}" for action in actions], resources=["*"])
        )
        acknowledge(self._role, "IAM5[Resource::*]", "Those EC2 calls know no narrower resource.")
