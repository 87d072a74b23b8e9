"""The app: Fargate behind a load balancer that lets nobody through who has not signed in. Synthesised, never run."""

from __future__ import annotations

import json
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_certificatemanager as certificates
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_ecr as ecr
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from deploy.context import DeployContext
from deploy.stacks.acknowledge import acknowledge, acknowledge_wildcards
from deploy.stacks.app_network import AppNetwork
from deploy.stacks.flights_table import INDICES
from deploy.stacks.live_path import LivePath

PORT: Final = 8055
EVERYWHERE: Final = "0.0.0.0"  # nosec B104 # noqa: S104 - in a task of its own, which only the load balancer reaches
TEMPORARY: Final = "/tmp"  # nosec B108 # noqa: S108 - the task's own
HEALTH: Final = "/_stcore/health"
CPU: Final = 1_024
MEMORY_MB: Final = 2_048
"""A worker with 300 routes and a dozen open pages has 400 MB."""


class AppService(cdk.Stack):
    """Network, repository, service; `load_balancer` and `targets` are what alarms name."""

    def __init__(self, scope: Construct, context: DeployContext, live_path: LivePath) -> None:
        super().__init__(
            scope,
            f"semaforo-{context.stage}-app",
            description="Semaforo: the app, behind a load balancer with sign-in",
            termination_protection=context.keep_data,
        )
        self._context = context
        self._network = AppNetwork(self, "network", context)
        self._key = kms.Key(
            self,
            "key",
            alias=context.name("app"),
            enable_key_rotation=True,
            removal_policy=context.removal_policy,
        )
        self._oidc = self._secret("oidc", "client_secret", "What the identity provider gave for this client")
        self._cookie = self._secret("cookie", "cookie_secret", "What the app signs its cookies with")
        self.role = self._task_role(live_path)
        self.service = self._service(self._task())
        self.load_balancer = self._load_balancer()
        self.targets = self._listen()
        scaling = self.service.auto_scale_task_count(min_capacity=self._tasks, max_capacity=4 * self._tasks)
        scaling.scale_on_cpu_utilization("cpu", target_utilization_percent=60)
        cdk.CfnOutput(self, "AppAddress", value=self.load_balancer.load_balancer_dns_name)
        cdk.CfnOutput(self, "AppRepository", value=self._repository.repository_uri)

    @property
    def _tasks(self) -> int:
        return 2 if self._context.keep_data else 1

    def _secret(self, name: str, field: str, description: str) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            name,
            secret_name=self._context.name(f"app-{name}"),
            description=description,
            encryption_key=self._key,
            generate_secret_string=secretsmanager.SecretStringGenerator(
                secret_string_template=json.dumps({}),
                generate_string_key=field,
                password_length=64,
                exclude_punctuation=True,
            ),
            removal_policy=self._context.removal_policy,
        )
        acknowledge(secret, "SMG4", "The provider's secret is turned there first; a new cookie secret signs all out.")
        return secret

    def _task_role(self, live_path: LivePath) -> iam.Role:
        """Reads lights, log, outbox and stream; writes only what operators do: takes on, silences, the record of it."""
        role = iam.Role(self, "task-role", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
        tables = live_path.tables
        grants = {
            tables.lights.table_arn: "Scan BatchGetItem",
            tables.light_log.table_arn: "GetItem Query Scan UpdateItem",
            tables.outbox.table_arn: "GetItem Scan",
            tables.delivery.table_arn: "BatchGetItem Query PutItem",
            f"{tables.delivery.table_arn}/index/open": "Query",
        }
        for arn, actions in grants.items():
            role.add_to_policy(
                iam.PolicyStatement(actions=[f"dynamodb:{action}" for action in actions.split()], resources=[arn])
            )
        flights = [
            cdk.Stack.of(self).format_arn(
                service="dynamodb", resource="table", resource_name=f"{self._context.name('flights')}/index/{index}"
            )
            for index in INDICES
        ]
        role.add_to_policy(iam.PolicyStatement(actions=["dynamodb:Query"], resources=flights))
        role.add_to_policy(iam.PolicyStatement(actions=["cloudwatch:GetMetricData"], resources=["*"]))
        acknowledge_wildcards(role, "CloudWatch's figures are read as a whole or not at all.", "*")
        reading = [f"kinesis:{action}" for action in ("ListShards", "GetShardIterator", "GetRecords")]
        role.add_to_policy(iam.PolicyStatement(actions=reading, resources=[live_path.stream.stream_arn]))
        return role

    def _task(self) -> ecs.FargateTaskDefinition:
        context = self._context
        self._repository = ecr.Repository(
            self,
            "repository",
            repository_name=context.name("app"),
            image_scan_on_push=True,
            image_tag_mutability=ecr.TagMutability.IMMUTABLE,
            encryption=ecr.RepositoryEncryption.KMS,
            encryption_key=self._key,
            removal_policy=context.removal_policy,
        )
        log_group = logs.LogGroup(
            self,
            "log",
            log_group_name=f"/semaforo/{context.stage}/app",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=context.removal_policy,
        )
        execution = iam.Role(self, "execution-role", assumed_by=iam.ServicePrincipal("ecs-tasks.amazonaws.com"))
        acknowledge_wildcards(execution, "ECR's login is a right on all of it or none.", "*")
        task = ecs.FargateTaskDefinition(
            self, "task", cpu=CPU, memory_limit_mib=MEMORY_MB, task_role=self.role, execution_role=execution
        )
        task.add_volume(name="tmp")
        container = task.add_container(
            "app",
            image=ecs.ContainerImage.from_ecr_repository(self._repository, context.app_image_tag),
            command=["python", "-m", "streamlit_app", "--address", EVERYWHERE, "--port", str(PORT)],
            port_mappings=[ecs.PortMapping(container_port=PORT)],
            logging=ecs.LogDriver.aws_logs(stream_prefix="app", log_group=log_group),
            readonly_root_filesystem=True,
            environment=self.settings(),
            secrets={
                "SEMAFORO_APP_OIDC_CLIENT_SECRET": ecs.Secret.from_secrets_manager(self._oidc, "client_secret"),
                "SEMAFORO_APP_OIDC_COOKIE_SECRET": ecs.Secret.from_secrets_manager(self._cookie, "cookie_secret"),
            },
        )
        container.add_mount_points(ecs.MountPoint(container_path=TEMPORARY, source_volume="tmp", read_only=False))
        acknowledge(task, "ECS2", "Names and addresses alone; a test reads them. Secrets come from their store.")
        return task

    def settings(self) -> dict[str, str]:
        """The settings of the app that are no secret."""
        context = self._context
        return {
            "SEMAFORO_STAGE": context.stage,
            "SEMAFORO_APP_URL": context.app_url or "https://semaforo.invalid",
            "SEMAFORO_APP_KPI_STREAM": context.name("route-kpis"),
            "SEMAFORO_APP_OIDC_METADATA_URL": f"{context.oidc_issuer}/.well-known/openid-configuration",
            "SEMAFORO_APP_OIDC_CLIENT_ID": context.oidc_client_id,
            "AWS_REGION": cdk.Aws.REGION,
        }

    def _service(self, task: ecs.FargateTaskDefinition) -> ecs.FargateService:
        cluster = ecs.Cluster(
            self,
            "cluster",
            cluster_name=self._context.name("app"),
            vpc=self._network.vpc,
            container_insights_v2=ecs.ContainerInsights.ENABLED,
        )
        return ecs.FargateService(
            self,
            "service",
            cluster=cluster,
            service_name=self._context.name("app"),
            task_definition=task,
            desired_count=self._tasks,
            assign_public_ip=False,
            vpc_subnets=ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS),
            circuit_breaker=ecs.DeploymentCircuitBreaker(rollback=True),
            min_healthy_percent=100,
            max_healthy_percent=200,
        )

    def _load_balancer(self) -> elb.ApplicationLoadBalancer:
        balancer = elb.ApplicationLoadBalancer(
            self,
            "load-balancer",
            load_balancer_name=self._context.name("app"),
            vpc=self._network.vpc,
            internet_facing=True,
            drop_invalid_header_fields=True,
            deletion_protection=self._context.keep_data,
        )
        bucket = s3.Bucket(
            self,
            "access-log",
            encryption=s3.BucketEncryption.S3_MANAGED,  # the only one that a load balancer writes to
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(90))],
            removal_policy=self._context.removal_policy,
        )
        acknowledge(bucket, "S1", "It is where a log is kept.")
        # Not `log_access_logs`: that wants to know the region, and these templates are for any.
        bucket.add_to_resource_policy(
            iam.PolicyStatement(
                actions=["s3:PutObject"],
                principals=[iam.ServicePrincipal("logdelivery.elasticloadbalancing.amazonaws.com")],
                resources=[bucket.arn_for_objects(f"AWSLogs/{cdk.Aws.ACCOUNT_ID}/*")],
            )
        )
        balancer.set_attribute("access_logs.s3.enabled", "true")
        balancer.set_attribute("access_logs.s3.bucket", bucket.bucket_name)
        balancer.node.add_dependency(bucket)
        acknowledge(balancer, "EC23", "People come from anywhere; who has not signed in gets no further than this.")
        return balancer

    def _listen(self) -> elb.ApplicationTargetGroup:
        context = self._context
        listener = self.load_balancer.add_listener(
            "https",
            port=443,
            ssl_policy=elb.SslPolicy.TLS13_RES,
            certificates=[
                certificates.Certificate.from_certificate_arn(self, "certificate", context.app_certificate_arn)
            ],
            open=True,
        )
        targets = elb.ApplicationTargetGroup(
            self,
            "targets",
            vpc=self._network.vpc,
            port=PORT,
            protocol=elb.ApplicationProtocol.HTTP,
            targets=[self.service],
            # A page is a websocket to one task, that knows who signed in there.
            stickiness_cookie_duration=cdk.Duration.hours(8),
            deregistration_delay=cdk.Duration.seconds(30),
            health_check=elb.HealthCheck(path=HEALTH, interval=cdk.Duration.seconds(15)),
        )
        listener.add_action(
            "sign-in",
            action=elb.ListenerAction.authenticate_oidc(
                authorization_endpoint=f"{context.oidc_issuer}/authorize",
                token_endpoint=f"{context.oidc_issuer}/token",
                user_info_endpoint=f"{context.oidc_issuer}/userinfo",
                issuer=context.oidc_issuer,
                client_id=context.oidc_client_id,
                client_secret=self._oidc.secret_value_from_json("client_secret"),
                scope="openid",
                next=elb.ListenerAction.forward([targets]),
            ),
        )
        # Programs cannot follow a sign-in: what comes with a token goes on to the app, which checks it by the
        # provider's keys (`streamlit_app/api/sign_in.py`).
        listener.add_action(
            "bearer-token",
            priority=10,
            conditions=[
                elb.ListenerCondition.path_patterns(["/api/*"]),
                elb.ListenerCondition.http_header("authorization", ["Bearer *"]),
            ],
            action=elb.ListenerAction.forward([targets]),
        )
        self.load_balancer.add_redirect()
        return targets
