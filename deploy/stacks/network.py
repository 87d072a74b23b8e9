"""The private network of brokers and job: three zones, no way to or from the internet."""

from __future__ import annotations

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_logs as logs
from constructs import Construct

from deploy.context import DeployContext

ZONES = 3
KAFKA_IAM_PORT = 9098


class Network(Construct):
    """The VPC, reached services as endpoints inside it, and the security groups of brokers and clients."""

    def __init__(self, scope: Construct, construct_id: str, context: DeployContext) -> None:
        super().__init__(scope, construct_id)
        self.vpc = ec2.Vpc(
            self,
            "vpc",
            vpc_name=context.name("vpc"),
            # By number, not by name: so the template needs no account to be synthesised.
            availability_zones=[cdk.Fn.select(zone, cdk.Fn.get_azs()) for zone in range(ZONES)],
            nat_gateways=0,
            restrict_default_security_group=False,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="private", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=22)
            ],
        )
        self._log_flows(context)
        self.clients = ec2.SecurityGroup(
            self, "clients", vpc=self.vpc, description="Who may talk to the brokers", allow_all_outbound=True
        )
        self.brokers = ec2.SecurityGroup(
            self, "brokers", vpc=self.vpc, description="The brokers", allow_all_outbound=False
        )
        self.brokers.add_ingress_rule(self.clients, ec2.Port.tcp(KAFKA_IAM_PORT), "Kafka, TLS and IAM")
        self._reach_services()

    @property
    def subnets(self) -> ec2.SubnetSelection:
        """One private subnet in each zone."""
        return ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)

    def _log_flows(self, context: DeployContext) -> None:
        group = logs.LogGroup(
            self, "flows", retention=logs.RetentionDays.ONE_MONTH, removal_policy=context.removal_policy
        )
        self.vpc.add_flow_log("flow-log", destination=ec2.FlowLogDestination.to_cloud_watch_logs(group))

    def _reach_services(self) -> None:
        # The job writes to Kinesis, logs and metrics; checkpoints and the bundle lie in S3, as do partners' files. The
        # feeds' functions ask SSM where the brokers are; what polls the brokers for a function calls Lambda and STS.
        self.vpc.add_gateway_endpoint("s3", service=ec2.GatewayVpcEndpointAwsService.S3)
        services = {
            "lambda": ec2.InterfaceVpcEndpointAwsService.LAMBDA_,
            "ssm": ec2.InterfaceVpcEndpointAwsService.SSM,
            "kinesis": ec2.InterfaceVpcEndpointAwsService.KINESIS_STREAMS,
            "logs": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_LOGS,
            "metrics": ec2.InterfaceVpcEndpointAwsService.CLOUDWATCH_MONITORING,
            "sts": ec2.InterfaceVpcEndpointAwsService.STS,
        }
        endpoints = ec2.SecurityGroup(
            self, "endpoints", vpc=self.vpc, description="Endpoints of the services", allow_all_outbound=False
        )
        endpoints.add_ingress_rule(self.clients, ec2.Port.tcp(443), "HTTPS")
        for name, service in services.items():
            self.vpc.add_interface_endpoint(
                name, service=service, subnets=self.subnets, security_groups=[endpoints], open=False
            )
