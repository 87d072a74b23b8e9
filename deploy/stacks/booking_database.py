"""The booking system's PostgreSQL on RDS, and the key its ETL masks with. Synthesised and checked; never local."""

from __future__ import annotations

from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_rds as rds
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge
from deploy.stacks.network import Network

PORT: Final = 5_433
"""Not the usual one, as the security checks ask."""

KEY_CHARACTERS: Final = 64
BACKUP_DAYS: Final = 14


class BookingDatabase(cdk.Stack):
    """One database in the private network of the brokers, which only its own clients reach."""

    def __init__(self, scope: Construct, context: DeployContext, network: Network) -> None:
        super().__init__(
            scope,
            f"semaforo-{context.stage}-booking",
            description="Semaforo: the booking system's database",
            termination_protection=context.keep_data,
        )
        self.clients = ec2.SecurityGroup(
            self, "clients", vpc=network.vpc, description="Who may talk to the bookings", allow_all_outbound=True
        )
        self.database = self._database(context, network)
        self.database.connections.allow_from(self.clients, ec2.Port.tcp(PORT), "PostgreSQL")
        self.database.add_rotation_single_user(automatically_after=cdk.Duration.days(30))
        # The rotation and the ETL are in the private network too.
        ec2.InterfaceVpcEndpoint(
            self,
            "secrets",
            vpc=network.vpc,
            service=ec2.InterfaceVpcEndpointAwsService.SECRETS_MANAGER,
            subnets=network.subnets,
            security_groups=[self._endpoint_group(network)],
            open=False,
        )
        self.masking_key = secretsmanager.Secret(
            self,
            "masking-key",
            secret_name=context.name("booking-key"),
            description="Bookings are told by hashes with this key; a new one means to read all of them anew",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=KEY_CHARACTERS, exclude_punctuation=True
            ),
            removal_policy=context.removal_policy,
        )
        acknowledge(
            self.masking_key,
            "SMG4",
            "A rotated key gives every booking another key: whoever rotates it reads all bookings anew (etl --full)",
        )
        cdk.CfnOutput(self, "booking-secret-arn", value=self.secret.secret_arn)
        cdk.CfnOutput(self, "booking-key-secret-arn", value=self.masking_key.secret_arn)

    @property
    def secret(self) -> secretsmanager.ISecret:
        """Host, port, user and password as JSON."""
        secret = self.database.secret
        assert secret is not None  # noqa: S101 - asked for below
        return secret

    def _endpoint_group(self, network: Network) -> ec2.SecurityGroup:
        group = ec2.SecurityGroup(
            self, "secrets-group", vpc=network.vpc, description="The way to the secrets", allow_all_outbound=False
        )
        for client in (self.clients, *self.database.connections.security_groups):
            group.add_ingress_rule(client, ec2.Port.tcp(443), "HTTPS")
        return group

    def _database(self, context: DeployContext, network: Network) -> rds.DatabaseInstance:
        engine = rds.DatabaseInstanceEngine.postgres(version=rds.PostgresEngineVersion.VER_18_3)
        settings = rds.ParameterGroup(
            self,
            "settings",
            engine=engine,
            # A refused row stays out of the log: it may be a person's.
            parameters={
                "rds.force_ssl": "1",
                "log_error_verbosity": "terse",
                "log_min_error_statement": "panic",
            },
        )
        return rds.DatabaseInstance(
            self,
            "bookings",
            engine=engine,
            parameter_group=settings,
            instance_type=ec2.InstanceType.of(ec2.InstanceClass.M7G, ec2.InstanceSize.LARGE),
            instance_identifier=context.name("bookings"),
            database_name="booking",
            port=PORT,
            vpc=network.vpc,
            vpc_subnets=network.subnets,
            multi_az=context.keep_data,
            credentials=rds.Credentials.from_generated_secret("semaforo", secret_name=context.name("bookings")),
            iam_authentication=True,
            storage_encrypted=True,
            storage_type=rds.StorageType.GP3,
            allocated_storage=100,
            max_allocated_storage=1_000,
            backup_retention=cdk.Duration.days(BACKUP_DAYS),
            delete_automated_backups=not context.keep_data,
            deletion_protection=True,
            removal_policy=cdk.RemovalPolicy.SNAPSHOT,
            auto_minor_version_upgrade=True,
            cloudwatch_logs_exports=["postgresql"],
            enable_performance_insights=True,
        )
