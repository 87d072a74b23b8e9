"""What differs between deployments of the same template: the stage, and what the local cloud cannot do."""

from __future__ import annotations

from typing import Literal, Self

import aws_cdk as cdk
from pydantic import BaseModel, ConfigDict, Field


class DeployContext(BaseModel):
    """CDK context of one deployment (`cdk deploy -c stage=prod -c …`); the defaults are AWS's."""

    model_config = ConfigDict(frozen=True)

    stage: str = Field(default="dev", pattern=r"^[a-z][a-z0-9]{0,15}$")
    """A namespace: every physical name is `semaforo-<stage>-<name>`."""

    keep_data: bool = True
    """Tables and streams survive the removal of the stack. Off where a stage is made to be thrown away."""

    enforce_ssl: bool = True
    """Queues and topics refuse plain http. The local cloud speaks nothing else."""

    demo_subscriber: bool = False
    """A queue subscribed to the alerts, as a person's mail would be."""

    alert_age_limit_minutes: int = 60
    """Older transitions are logged and not sent; 0 lifts the limit, in a stage made for replays."""

    app_url: str = ""
    """Where people reach the app (`https://semaforo.example`): messages then end in a link to their alert there."""

    modelled_alerts: bool = False
    """Evidence that is modelled may reach people: in a stage that replays flights whose money nobody knows."""

    storm_network_routes: int = 20
    """So many routes in alarm within ten minutes are one storm of the network; 0: never, in a stage that replays days
    in a minute or measures each alert on its way."""

    silence_grace_minutes: int = 10
    """After so long without any KPI row the stage says so and stale lights turn GREY; 0: never, where rows come only
    while somebody replays them."""

    partial_failures: Literal["report", "raise"] = "report"
    """What the semáforo does with a batch that failed in part. The local cloud ignores the report and would lose the
    rest of the batch: there the whole batch fails and is delivered again, which changes nothing already stored."""

    enhanced_fan_out: bool = True
    """A push consumer of the KPI stream (about 70 ms); without it Lambda polls each shard once a second. The local
    cloud does not know the resource, and wakes its poller at every put."""

    rights_by_call: bool = False
    """The local cloud asks for a right named after the call: `BatchExecuteStatement`, on any resource, because it does
    not read the statements, and `PublishBatch`. AWS asks for `PartiQLUpdate` on the table, and for `Publish`."""

    forwarder: bool = False
    """A process of ours hands what moves to Firehose, as raw lines. In AWS Firehose reads brokers and KPI stream by
    itself; the local cloud accepts such a source and reads nothing."""

    brokers_linked: bool = False
    """The brokers let Firehose in and Firehose reads the topics. MSK refuses that of a cluster that is being made (all
    `vpcConnectivity` schemes must be off), so a stage is deployed once without it and then with it."""

    kpi_shards: int | None = None
    """Shards of the KPI stream; None is on demand."""

    app_image_tag: str = "latest"
    """The image in the app's repository; tags there never change, so a new one is a deployment that can be undone."""

    app_certificate_arn: str = "arn:aws:acm:eu-west-1:111122223333:certificate/00000000-0000-0000-0000-000000000000"
    """Of the app's name, in the region of the stage; by default one that nobody has."""

    oidc_issuer: str = "https://identity.invalid"
    """The identity provider, with `/authorize`, `/token` and `/userinfo` below it."""

    oidc_client_id: str = "semaforo"

    operations_mail: str = ""
    """Who is told of pages by mail; what else listens to the topic `operations` is subscribed by hand."""

    monthly_budget_usd: int = Field(default=2_500, ge=1)
    """Told at 80 % of it, and when the month is going to exceed it."""

    @classmethod
    def local(cls, stage: str) -> Self:
        """The context of the local stack."""
        return cls(
            stage=stage,
            keep_data=False,
            enforce_ssl=False,
            demo_subscriber=True,
            alert_age_limit_minutes=0,
            modelled_alerts=True,
            storm_network_routes=0,
            silence_grace_minutes=0,
            partial_failures="raise",
            enhanced_fan_out=False,
            rights_by_call=True,
            forwarder=True,
            kpi_shards=1,  # the local cloud takes shards in turn, and a batch of each waits for the others'
        )

    @classmethod
    def of(cls, app: cdk.App) -> Self:
        """Read from the CDK context; pydantic turns the command line's strings into what they mean."""
        given = {name: app.node.try_get_context(name) for name in cls.model_fields}
        return cls.model_validate({name: value for name, value in given.items() if value is not None})

    def name(self, resource: str) -> str:
        """Physical name of a resource in this stage."""
        return f"semaforo-{self.stage}-{resource}"

    @property
    def removal_policy(self) -> cdk.RemovalPolicy:
        """What becomes of data when its stack is removed."""
        return cdk.RemovalPolicy.RETAIN if self.keep_data else cdk.RemovalPolicy.DESTROY
