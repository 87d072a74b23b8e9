"""Manifests as `kubectl kustomize` puts them together, of the few means ours use: not everybody has that program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from deploy.paths import ROOT

FOLDER = ROOT / "deploy" / "kubernetes"
STAGES = ("dev", "prod")
KNOWN = {
    *("apiVersion", "kind", "namespace", "resources", "images", "replicas", "generatorOptions"),
    *("configMapGenerator", "patches", "labels"),
}

Manifest = dict[str, Any]


def built(stage: str) -> dict[str, Manifest]:
    """Every object of an overlay by kind and name, "Deployment/app"."""
    return _built(FOLDER / "overlays" / stage)


def _built(folder: Path) -> dict[str, Manifest]:
    said = yaml.safe_load((folder / "kustomization.yaml").read_text())
    assert said.keys() <= KNOWN, f"{folder}: nothing here knows {said.keys() - KNOWN}"
    found: dict[str, Manifest] = {}
    for name in said["resources"]:
        place = folder / name
        found |= _built(place.resolve()) if place.is_dir() else {key_of(one): one for one in documents(place)}
    found |= {key_of(one): one for one in _config_maps(folder, said.get("configMapGenerator", []))}
    for patch in said.get("patches", []):
        _patch(found, patch)
    for replicas in said.get("replicas", []):
        found[f"Deployment/{replicas['name']}"]["spec"]["replicas"] = replicas["count"]
    for image in said.get("images", []):
        _name_image(found, image)
    for one in found.values():
        for label in said.get("labels", []):
            one["metadata"].setdefault("labels", {}).update(label["pairs"])
        if "namespace" in said:
            for place in (one["metadata"], *one.get("subjects", [])):
                place["namespace"] = said["namespace"]
    return found


def key_of(manifest: Manifest) -> str:
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def documents(path: Path) -> list[Manifest]:
    return [one for one in yaml.safe_load_all(path.read_text()) if one]


def pods(manifest: Manifest) -> Iterator[Manifest]:
    """The pod's spec of a Deployment or a FlinkDeployment."""
    if manifest["kind"] == "Deployment":
        yield manifest["spec"]["template"]["spec"]
    elif manifest["kind"] == "FlinkDeployment":
        yield manifest["spec"]["podTemplate"]["spec"]


def _config_maps(folder: Path, wanted: list[Any]) -> Iterator[Manifest]:
    for one in wanted:
        data: dict[str, str] = {}
        for name in one.get("files", []):
            data[name] = (folder / name).read_text()
        for name in one.get("envs", []):
            data |= dict(line.split("=", 1) for line in (folder / name).read_text().splitlines())
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": one["name"]}, "data": data}


def _patch(found: dict[str, Manifest], patch: Any) -> None:
    """A part of an object, or a list of values that are replaced; either way of something that is there."""
    text = yaml.safe_load(patch["patch"])
    if isinstance(text, dict):
        _merge(found[key_of(text)], text, key_of(text))
        return
    for step in text:
        assert step["op"] == "replace"
        at: Any = found[f"{patch['target']['kind']}/{patch['target']['name']}"]
        *way, last = (int(word) if word.isdigit() else word for word in step["path"].strip("/").split("/"))
        for word in way:
            at = at[word]
        assert at[last], "what is replaced is there"
        at[last] = step["value"]


def _merge(into: Manifest, patch: Manifest, where: str) -> None:
    for name, value in patch.items():
        assert name in into, f"{where}: {name} replaces nothing"
        if isinstance(value, dict):
            _merge(into[name], value, f"{where}.{name}")
        else:
            assert not isinstance(value, list), f"{where}.{name}: lists are merged by rules that nothing here knows"
            into[name] = value


def _name_image(found: dict[str, Manifest], image: Any) -> None:
    named = 0
    for one in found.values():
        if one["kind"] != "Deployment":
            continue
        for container in one["spec"]["template"]["spec"]["containers"]:
            if container["image"] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"
                named += 1
    assert named, f"no image is called {image['name']}"
