"""What of the brokers can be known without starting them."""

from __future__ import annotations

import base64
from pathlib import Path

from deploy.local.broker_properties import broker_properties
from deploy.local.storage import cluster_id, copy_formatted


def test_a_cluster_id_is_16_bytes_and_never_looks_like_an_option() -> None:
    ids = [cluster_id(Path(f"/state/{number}")) for number in range(2_000)]
    assert all(name[0].isalpha() for name in ids)
    assert {len(base64.urlsafe_b64decode(f"{name}==")) for name in ids} == {16}
    assert len(set(ids)) == len(ids)


def test_the_brokers_of_a_folder_agree_on_it() -> None:
    assert cluster_id(Path("/state")) == cluster_id(Path("/state"))


def test_storages_of_one_cluster_are_alike_but_for_whose_they_are(tmp_path: Path) -> None:
    formatted = tmp_path / "formatted"
    formatted.mkdir()
    (formatted / "meta.properties").write_text("cluster.id=of whoever formatted it\n")
    (formatted / "bootstrap.checkpoint").write_bytes(b"features")
    said = []
    for broker_id in (1, 2):
        storage = tmp_path / str(broker_id)
        copy_formatted(formatted, storage, cluster="ours", broker_id=broker_id)
        assert (storage / "bootstrap.checkpoint").read_bytes() == b"features"
        said.append(dict(line.split("=") for line in (storage / "meta.properties").read_text().splitlines()))
    assert [one["node.id"] for one in said] == ["1", "2"]
    assert {one["cluster.id"] for one in said} == {"ours"}
    assert said[0]["directory.id"] != said[1]["directory.id"]


def test_a_storage_in_use_is_left_alone_and_one_that_was_begun_is_made_anew(tmp_path: Path) -> None:
    formatted, storage = tmp_path / "formatted", tmp_path / "storage"
    for folder in (formatted, storage):
        folder.mkdir()
    (storage / "half").touch()
    copy_formatted(formatted, storage, cluster="ours", broker_id=1)
    assert [path.name for path in storage.iterdir()] == ["meta.properties"]
    before = (storage / "meta.properties").read_text()
    (storage / "topic").touch()
    copy_formatted(formatted, storage, cluster="ours", broker_id=1)
    assert (storage / "meta.properties").read_text() == before
    assert (storage / "topic").exists()


def test_of_nothing_are_there_more_copies_than_brokers() -> None:
    def settings(brokers: int) -> dict[str, str]:
        ports = {"brokers": [*range(brokers)], "controllers": [*range(10, 10 + brokers)]}
        lines = broker_properties(1, ports, Path("/data")).splitlines()
        return dict(line.split("=", 1) for line in lines)

    three, alone = settings(3), settings(1)
    assert {name: alone[name] for name in three if three[name] != alone[name]} == {
        "default.replication.factor": "1",
        "min.insync.replicas": "1",
        "offsets.topic.replication.factor": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "controller.quorum.voters": "1@127.0.0.1:10",
    }
