"""The manifests say what their programs read. What AWS's templates say of the same, `test_template_watch.py` compares.

No cluster is at hand where these tests run: what is held here are the files, not pods.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from alerts.settings import AlertSettings
from deploy.local.template import kpi_stream
from deploy.paths import ROOT
from flink_jobs.settings import JobSettings
from producers.settings import Settings
from streamlit_app.settings import AppSettings
from tests.deploy.kubernetes import FOLDER, STAGES, Manifest, built, documents, key_of, pods
from tests.public_commands import command_lines, command_of

DOCKERFILE = (ROOT / "Dockerfile").read_text()
OURS = ("app", "clock", "simulator")
UNSET = "set-by-overlay"
KUBECTL = shutil.which("kubectl")


@pytest.fixture(params=STAGES, scope="module")
def stage(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def manifests(stage: str) -> dict[str, Manifest]:
    return built(stage)


def container_of(manifests: dict[str, Manifest], name: str) -> dict[str, Any]:
    (container,) = manifests[f"Deployment/{name}"]["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = container
    return found


def environment_of(manifests: dict[str, Manifest], name: str) -> dict[str, str]:
    """What the container's process finds, with a made-up value for each secret."""
    container = container_of(manifests, name)
    found: dict[str, str] = {}
    for source in container.get("envFrom", []):
        found |= manifests[f"ConfigMap/{source['configMapRef']['name']}"]["data"]
    return found | {one["name"]: one.get("value", "secret " * 8) for one in container.get("env", [])}


def test_there_is_all_that_a_stage_needs(manifests: dict[str, Manifest], stage: str) -> None:
    assert manifests.keys() == {
        "FlinkDeployment/kpi-job", "Deployment/app", "Deployment/clock", "Deployment/simulator", "Service/app",
        "Ingress/app", "Role/kpi-job", "RoleBinding/kpi-job",
        *(f"ServiceAccount/{name}" for name in ("kpi-job", "app", "producers")),
        *(f"PodDisruptionBudget/{name}" for name in ("kpi-job", "app", "clock")),
        *(f"ConfigMap/{name}" for name in ("stage", "kpi-job", "routes")),
        *(f"NetworkPolicy/{name}" for name in ("nothing-by-default", "names-and-aws", "publishers-to-brokers")),
        *(f"NetworkPolicy/{name}" for name in ("kpi-job", "app")),
    }  # fmt: skip
    assert {one["metadata"]["namespace"] for one in manifests.values()} == {f"semaforo-{stage}"}
    assert UNSET not in yaml.safe_dump(list(manifests.values()))


@pytest.mark.parametrize("name", OURS)
def test_what_runs_is_a_command_of_ours_with_options_it_has(manifests: dict[str, Manifest], name: str) -> None:
    folder, *words = container_of(manifests, name)["args"]
    command = command_of(folder)
    said = " ".join([f"python -m {folder}", *words])
    assert any(said == line or said.startswith(f"{line} ") for line in command_lines(folder))
    if words and not words[0].startswith("--"):
        command = command.commands[words[0]]
    offered = {option for param in command.params for option in param.opts}
    assert {word for word in words if word.startswith("--")} <= offered


@pytest.mark.parametrize("name", OURS)
def test_what_it_finds_in_its_environment_is_what_its_settings_read(
    manifests: dict[str, Manifest], stage: str, name: str
) -> None:
    environment = environment_of(manifests, name)
    fields = {f"SEMAFORO_{field.upper()}" for field in (*Settings.model_fields, *AlertSettings.model_fields)}
    fields |= {f"SEMAFORO_APP_{field.upper()}" for field in AppSettings.model_fields}
    assert {key for key in environment if key.startswith("SEMAFORO_")} <= fields
    assert {key for key in environment if key.startswith("AWS_")} == {"AWS_REGION", "AWS_DEFAULT_REGION"}
    publisher = Settings.read(environment)
    assert (publisher.stage, publisher.kafka_login) == (stage, "iam")
    assert len(publisher.kafka_bootstrap.split(",")) == 3
    assert AlertSettings.read(environment).stage == stage


def test_the_app_signs_people_in_and_listens_where_it_is_asked(manifests: dict[str, Manifest], stage: str) -> None:
    container = container_of(manifests, "app")
    words = container["args"]
    options = dict(zip(words[1::2], words[2::2], strict=True))
    settings = AppSettings.read(
        environment_of(manifests, "app"), address=options["--address"], port=int(options["--port"])
    )
    assert settings.signs_in
    assert settings.kpi_stream == kpi_stream(stage)
    (port,) = container["ports"]
    assert port["containerPort"] == settings.port
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["port"] == port["name"]
    (served,) = manifests["Service/app"]["spec"]["ports"]
    assert served["targetPort"] == port["name"]
    (rule,) = manifests["Ingress/app"]["spec"]["rules"]
    assert settings.url == f"https://{rule['host']}"
    assert rule["http"]["paths"][0]["backend"]["service"] == {"name": "app", "port": {"name": served["name"]}}
    (opened,) = manifests["NetworkPolicy/app"]["spec"]["ingress"][0]["ports"]
    assert opened["port"] == settings.port
    (mounted,) = container["volumeMounts"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert mounted["mountPath"] == "/tmp"


def test_secrets_are_named_and_nowhere_written(manifests: dict[str, Manifest]) -> None:
    secret = {one["name"] for one in container_of(manifests, "app")["env"]}
    assert secret == {"SEMAFORO_APP_OIDC_CLIENT_SECRET", "SEMAFORO_APP_OIDC_COOKIE_SECRET"}
    for manifest in manifests.values():
        for pod in pods(manifest):
            for one in (one for container in pod["containers"] for one in container.get("env", [])):
                assert ("SECRET" in one["name"]) == ("valueFrom" in one)
        assert "SECRET" not in "".join(manifest.get("data", {}))


def test_the_jobs_properties_are_those_it_reads(manifests: dict[str, Manifest], stage: str) -> None:
    settings = JobSettings.read(FOLDER / "overlays" / stage / "application_properties.json")
    assert (settings.stage, settings.stream, settings.pace) == (stage, kpi_stream(stage), "live")
    assert settings.region == environment_of(manifests, "app")["AWS_REGION"]
    assert settings.bootstrap == environment_of(manifests, "clock")["SEMAFORO_KAFKA_BOOTSTRAP"]
    (pod,) = pods(manifests["FlinkDeployment/kpi-job"])
    (container,) = pod["containers"]
    assert container["name"] == "flink-main-container", "the operator's name for it"
    (mounted,) = container["volumeMounts"]
    (volume,) = pod["volumes"]
    assert volume == {"name": mounted["name"], "configMap": {"name": "kpi-job"}}
    assert (f"{mounted['mountPath']}/application_properties.json", mounted["readOnly"]) == (
        "/etc/flink/application_properties.json", True,
    )  # fmt: skip
    assert "application_properties.json" in manifests["ConfigMap/kpi-job"]["data"]


def test_the_job_is_kept_over_updates_and_losses(manifests: dict[str, Manifest], stage: str) -> None:
    spec = manifests["FlinkDeployment/kpi-job"]["spec"]
    told = spec["flinkConfiguration"]
    assert spec["job"]["upgradeMode"] == "savepoint"
    assert told["kubernetes.operator.job.upgrade.last-state-fallback.enabled"] == "false"
    assert told["high-availability.type"] == "kubernetes"
    assert spec["jobManager"]["replicas"] == 2
    places = {told[f"execution.checkpointing.{name}"] for name in ("dir", "savepoint-dir")}
    places |= {told["high-availability.storageDir"]}
    assert len(places) == 3
    assert {place.split("/")[2] for place in places} == {f"semaforo-{stage}-kpi-job-state"}


def test_the_job_is_entered_where_its_image_has_it(manifests: dict[str, Manifest]) -> None:
    spec = manifests["FlinkDeployment/kpi-job"]["spec"]
    version = next(line for line in (ROOT / "requirements" / "flink.in").read_text().splitlines() if "flink==" in line)
    version = version.partition("==")[2]
    assert spec["flinkVersion"] == f"v{'_'.join(version.split('.')[:2])}"
    assert f"FROM flink:{version}-java17 AS distribution" in DOCKERFILE
    assert spec["job"]["jarURI"] == f"local:///opt/flink/opt/flink-python-{version}.jar"
    assert f"flink-s3-fs-hadoop-{version}.jar" in DOCKERFILE
    entry = spec["job"]["args"][1]
    assert (ROOT / entry.removeprefix("/semaforo/")).exists()
    assert "WORKDIR /semaforo" in DOCKERFILE
    told = spec["flinkConfiguration"]
    assert {told["python.executable"], told["python.client.executable"]} == {"/semaforo/.venv/bin/python"}
    (pod,) = pods(manifests["FlinkDeployment/kpi-job"])
    (variable,) = pod["containers"][0]["env"]
    assert variable["value"].split(":")[0] == "/semaforo"
    python = re.search(r"FROM python:(3\.\d+)-\S+ AS ours", DOCKERFILE)
    assert python
    assert f"/lib/python{python[1]}/site-packages" in variable["value"]
    assert pod["securityContext"]["runAsUser"] == int(re.findall(r"useradd --uid (\d+)", DOCKERFILE)[0])


def test_each_account_has_a_role_of_its_own_and_each_pod_an_account(manifests: dict[str, Manifest], stage: str) -> None:
    accounts = {k.partition("/")[2]: one for k, one in manifests.items() if one["kind"] == "ServiceAccount"}
    for name, account in accounts.items():
        role = account["metadata"]["annotations"]["eks.amazonaws.com/role-arn"]
        assert role.endswith(f":role/semaforo-{stage}-{name}")
        assert account.get("automountServiceAccountToken", True) == (name == "kpi-job")
    used = {pod["serviceAccountName"] for m in manifests.values() for pod in pods(m) if m["kind"] == "Deployment"}
    assert used | {manifests["FlinkDeployment/kpi-job"]["spec"]["serviceAccount"]} == accounts.keys()
    rights = [(r["resources"], verb) for r in manifests["Role/kpi-job"]["rules"] for verb in r["verbs"]]
    assert not any("secrets" in kinds or "*" in kinds or verb == "*" for kinds, verb in rights)


def test_no_pod_may_more_than_it_must(manifests: dict[str, Manifest]) -> None:
    seen = 0
    for manifest in manifests.values():
        for pod in pods(manifest):
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            for container in pod["containers"]:
                allowed = container["securityContext"]
                assert allowed["allowPrivilegeEscalation"] is False
                assert allowed["capabilities"] == {"drop": ["ALL"]}
                seen += 1
    assert seen == 4


def test_who_uses_the_brokers_reaches_them_and_nobody_else_is_let_through(manifests: dict[str, Manifest]) -> None:
    """A label that no pod bears would be a policy about nobody."""
    labels = [m["spec"]["template"]["metadata"]["labels"] for m in manifests.values() if m["kind"] == "Deployment"]
    labels += [{"app": "kpi-job", "component": part} for part in ("jobmanager", "taskmanager")]  # as Flink labels them
    selectors = [
        *(m["spec"]["podSelector"] for m in manifests.values() if m["kind"] == "NetworkPolicy"),
        *(m["spec"]["selector"] for m in manifests.values() if m["kind"] == "PodDisruptionBudget"),
        {"matchLabels": manifests["Service/app"]["spec"]["selector"]},
    ]
    for selector in selectors:
        wanted = selector.get("matchLabels", {}).items()
        assert any(wanted <= one.items() for one in labels), selector
    to_brokers = [one for one in labels if one.get("semaforo/uses") == "brokers"]
    assert len(to_brokers) == 2, "clock and simulator; the job by its own policy"
    ports = {b.rpartition(":")[2] for b in environment_of(manifests, "clock")["SEMAFORO_KAFKA_BOOTSTRAP"].split(",")}
    for name in ("publishers-to-brokers", "kpi-job"):
        egress = manifests[f"NetworkPolicy/{name}"]["spec"]["egress"][-1]
        assert {str(port["port"]) for port in egress["ports"]} == ports
    assert manifests["NetworkPolicy/nothing-by-default"]["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_every_image_is_a_target_of_the_dockerfile(manifests: dict[str, Manifest]) -> None:
    images = {
        c["image"] for m in manifests.values() if m["kind"] == "Deployment" for p in pods(m) for c in p["containers"]
    }
    images.add(manifests["FlinkDeployment/kpi-job"]["spec"]["image"])
    names = {image.rpartition("/")[2].partition(":")[0] for image in images}
    assert names == {"semaforo", "semaforo-flink"}
    assert {"ours", "flink"} <= set(re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.MULTILINE))
    assert not any(image.endswith(":latest") for image in images), "what runs can be told, and gone back to"


def test_the_stages_differ_in_names_and_sizes_alone() -> None:
    dev, prod = built("dev"), built("prod")
    assert dev.keys() == prod.keys()
    counts = {n: tuple(one[f"Deployment/{n}"]["spec"]["replicas"] for one in (dev, prod)) for n in OURS}
    assert counts == {"app": (1, 3), "clock": (2, 2), "simulator": (1, 0)}


@pytest.mark.skipif(KUBECTL is None, reason="no kubectl here")
def test_kustomize_itself_puts_them_together_so(stage: str, manifests: dict[str, Manifest]) -> None:
    command = [str(KUBECTL), "kustomize", str(FOLDER / "overlays" / stage)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert {key_of(one): one for one in yaml.safe_load_all(done.stdout)} == manifests


def test_every_file_is_put_to_use() -> None:
    used = set(documents(FOLDER / "base" / "kustomization.yaml")[0]["resources"])
    assert used | {"kustomization.yaml"} == {path.name for path in (FOLDER / "base").iterdir()}
