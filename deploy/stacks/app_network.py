"""The app's own network: load balancer in public subnets, tasks in private ones with a way out to the sign-in."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

from deploy.context import DeployContext

ZONES = {True: 3, False: 2}
"""By `keep_data`: a load balancer wants two, a stage that counts has three and a way out in each."""


class AppNetwork(Construct):
    """Apart from the brokers': that one has no way to the internet, and a browser never comes near it."""

    def __init__(self, scope: Construct, construct_id: str, context: DeployContext) -> None:
        super().__init__(scope, construct_id)
        zones = ZONES[context.keep_data]
        self.vpc = ec2.Vpc(
            self,
            "vpc",
            vpc_name=context.name("app-vpc"),
            ip_addresses=ec2.IpAddresses.cidr("10.64.0.0/20"),
            availability_zones=[cdk.Fn.select(zone, cdk.Fn.get_azs()) for zone in range(zones)],
            nat_gateways=zones if context.keep_data else 1,
            restrict_default_security_group=False,
            subnet_configuration=[
                # No public address of its own for whatever is put there.
                ec2.SubnetConfiguration(
                    name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24, map_public_ip_on_launch=False
                ),
                ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=24),
            ],
        )
        flows = logs.LogGroup(
            self, "flows", retention=logs.RetentionDays.ONE_MONTH, removal_policy=context.removal_policy
        )
        self.vpc.add_flow_log("flow-log", destination=ec2.FlowLogDestination.to_cloud_watch_logs(flows))
        # What it reads most stays within AWS's network, and costs no way out.
        self.vpc.add_gateway_endpoint("dynamodb", service=ec2.GatewayVpcEndpointAwsService.DYNAMODB)
        self.vpc.add_gateway_endpoint("s3", service=ec2.GatewayVpcEndpointAwsService.S3)
