"""The CDK templates on the local cloud: synthesised once per content, each deployed with two API calls.

The CDK's own command line takes 18 s for what this does in 2; the template and the assets are the same.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from deploy.bundles.feeds_zip import build_feeds_zip
from deploy.bundles.lambda_zip import build_lambda_zip
from deploy.errors import PartError
from deploy.local.cloud import REGION
from deploy.made_once import made_once
from deploy.paths import BUILD, ROOT

PART: Final = "template"
BOOTSTRAP: Final = "hnb659fds"
"""The qualifier in the names of what `cdk bootstrap` makes in an account: the CDK's default."""

_SOURCES: Final = ("__init__.py", "app.py", "context.py", "paths.py", "stacks/*.py")
_DEPLOY_SECONDS: Final = 120.0


class Cloud(Protocol):
    """Where templates go: LocalCloud, or GivenCloud of the environment."""

    def client(self, service: str) -> Any:
        """An AWS client for it."""
        ...


def stack_name(stage: str, stack: str = "live-path") -> str:
    """Name of a deployed stack of a stage."""
    return f"semaforo-{stage}-{stack}"


def kpi_stream(stage: str) -> str:
    """Name of the KPI stream of a stage, known before the template is deployed."""
    return f"semaforo-{stage}-route-kpis"


def synthesise(stage: str, *, feeds: bool = False) -> Path:
    """The folder with the stage's local templates and assets; made anew only when something they are made from changed.

    Importing the CDK alone takes 3–5 s, so an unchanged stage never does.
    """
    bundles = {"--lambda-zip": build_lambda_zip(), **({"--feeds-zip": build_feeds_zip()} if feeds else {})}
    folder = BUILD / "synth" / f"{stage}-{_digest(stage, bundles.values())}"
    return made_once(folder, lambda outdir: _run_cdk_app(stage, bundles, feeds, outdir))


def deploy(assembly: Path, stage: str, cloud: Cloud, stack: str = "live-path") -> dict[str, str]:
    """Create or update a stack of the stage on the local cloud; returns its outputs by name.

    `history` needs what `live-path` exports.
    """
    name = stack_name(stage, stack)
    _upload_assets(json.loads((assembly / f"{name}.assets.json").read_text()), assembly, cloud)
    template = json.loads((assembly / f"{name}.template.json").read_text())
    template.pop("Rules", None)  # they only check the bootstrap version, which is not bootstrapped here
    cloudformation = cloud.client("cloudformation")
    body = json.dumps(template)
    try:
        _create_or_update(cloudformation, name, body)
        return _wait_till_complete(cloudformation, name)
    except ClientError as error:
        raise PartError(PART, f"the local cloud refused it: {error}") from error


def _run_cdk_app(stage: str, bundles: Mapping[str, Path], feeds: bool, outdir: Path) -> None:
    command = [sys.executable, "-m", "deploy", "synth", "--local", "--stage", stage, "--out", str(outdir)]
    command += [word for option, bundle in bundles.items() for word in (option, str(bundle))]
    command += [] if feeds else ["--no-feeds"]
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise PartError(PART, f"its synthesis failed\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def _upload_assets(manifest: dict[str, Any], assembly: Path, cloud: Cloud) -> None:
    account = cloud.client("sts").get_caller_identity()["Account"]
    bucket = f"cdk-{BOOTSTRAP}-assets-{account}-{REGION}"
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=bucket)
    cloud.client("ssm").put_parameter(
        Name=f"/cdk-bootstrap/{BOOTSTRAP}/version", Value="30", Type="String", Overwrite=True
    )
    for asset in manifest["files"].values():
        path = assembly / asset["source"]["path"]
        if asset["source"]["packaging"] == "zip":
            path = Path(shutil.make_archive(str(path), "zip", path))
        for destination in asset["destinations"].values():
            s3.put_object(Bucket=bucket, Key=destination["objectKey"], Body=path.read_bytes())


def _create_or_update(cloudformation: Any, name: str, body: str) -> None:
    capabilities = ["CAPABILITY_NAMED_IAM"]
    try:
        cloudformation.describe_stacks(StackName=name)
    except ClientError:
        cloudformation.create_stack(StackName=name, TemplateBody=body, Capabilities=capabilities)
        return
    try:
        cloudformation.update_stack(StackName=name, TemplateBody=body, Capabilities=capabilities)
    except ClientError as error:
        if "No updates" not in str(error):
            raise


def _wait_till_complete(cloudformation: Any, name: str) -> dict[str, str]:
    deadline = time.monotonic() + _DEPLOY_SECONDS
    while True:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        status = stack["StackStatus"]
        if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        if "IN_PROGRESS" not in status or time.monotonic() > deadline:
            raise PartError(PART, f"{name} ended as {status}\n{_failures(cloudformation, name)}")
        time.sleep(0.05)


def _failures(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    failed = [event for event in events if "FAILED" in event["ResourceStatus"]]
    return "\n".join(f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed)


def _digest(stage: str, bundles: Iterable[Path]) -> str:
    """Of all the template is made from: the app, the versions of the CDK and its checks, the stage and the code."""
    digest = hashlib.sha256(stage.encode())
    sources = [path for pattern in _SOURCES for path in sorted((ROOT / "deploy").glob(pattern))]
    for path in [*sources, ROOT / "requirements" / "dev.txt", *bundles]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
