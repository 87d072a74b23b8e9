"""The zip all Lambda functions share: our packages beside their dependencies; boto3 is the runtime's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from deploy.bundles.archive import everything, sources, write_zip
from deploy.bundles.dependencies import install
from deploy.errors import BundleError
from deploy.paths import BUILD, ROOT

PACKAGES: Final = ("schemas", "rules", "alerts", "lambdas")
FOR_ADVICE: Final = (
    *("optimizer/__init__.py", "optimizer/live/", "optimizer/tactical/__init__.py", "optimizer/tactical/problem.py"),
    *(f"optimizer/airline/{name}" for name in ("__init__.py", "demand.py", "fleet.csv", "fleet.py", "prices.py")),
)
"""Of the optimiser, what advises beside an alert: without NumPy, which would be 60 MB."""
PYTHON_VERSION: Final = "3.11"
LAMBDA_ZIP: Final = BUILD / "bundles" / "lambda.zip"

UNUSED: Final = ("boto3/", "botocore/", "s3transfer/")
"""The runtime ships them; carried along they would cost 15 MB and half a second of every cold start."""


def build_lambda_zip(target: Path = LAMBDA_ZIP) -> Path:
    """Build the zip; the same sources give the same bytes."""
    contents: dict[str, Path | bytes] = {}
    for name in PACKAGES:
        if not (ROOT / name / "__init__.py").exists():
            raise BundleError(f"{name}/ is missing: the Lambda bundle needs it")
        contents |= sources(ROOT / name, f"{name}/")
    optimiser = sources(ROOT / "optimizer", "optimizer/").items()
    contents |= {n: path for n, path in optimiser if n.startswith(FOR_ADVICE)}
    packages = everything(install("lambda.txt", PYTHON_VERSION), "")
    contents |= {name: path for name, path in packages.items() if not name.startswith(UNUSED)}
    return write_zip(target, contents)
