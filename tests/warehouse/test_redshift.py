"""What Redshift is told parses as Redshift's SQL, and speaks of what the templates make."""

import subprocess
import sys
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from warehouse.redshift import blanks_of, statements

BLANKS = {
    "clean_bucket": "semaforo-prod-sto-clean-123456789012",
    "database": "semaforo_prod_clean",
    "jobs_user": "IAMR:semaforo-prod-glue-jobs",
    "month": "2026-03",
    "reader_role": "arn:aws:iam::123456789012:role/semaforo-prod-redshift-reader",
}


def test_the_blanks_are_those_that_are_asked_for() -> None:
    assert sorted(BLANKS) == blanks_of()
    for name in BLANKS:
        with pytest.raises(KeyError, match=name):
            statements({other: value for other, value in BLANKS.items() if other != name})


def test_schemas_grants_and_delete_parse_as_redshift() -> None:
    found = statements(BLANKS)
    assert list(found) == ["01_external_schema", "02_star_schema", "03_copy"]
    (schema, *grants) = sqlglot.parse(found["02_star_schema"], dialect="redshift")
    assert isinstance(schema, exp.Create)
    assert all(isinstance(grant, exp.Grant) for grant in grants)
    create, delete, copy = sqlglot.parse(found["03_copy"], dialect="redshift")
    assert isinstance(create, exp.Create)
    assert isinstance(delete, exp.Delete)
    assert isinstance(copy, exp.Copy)
    assert create.find(exp.Schema) is not None
    assert "s3://semaforo-prod-sto-clean-123456789012/flight/month=2026-03/" in found["03_copy"]


def test_the_external_schema_says_what_redshift_documents() -> None:
    """sqlglot knows no EXTERNAL SCHEMA; the words are held to the documented order instead."""
    (schema,) = [line for line in [statements(BLANKS)["01_external_schema"]] if line]
    words = " ".join(line for line in schema.splitlines() if not line.startswith("--"))
    assert words == (
        "CREATE EXTERNAL SCHEMA IF NOT EXISTS clean FROM DATA CATALOG DATABASE 'semaforo_prod_clean' "
        "IAM_ROLE 'arn:aws:iam::123456789012:role/semaforo-prod-redshift-reader';"
    )


def test_the_command_prints_them_or_says_what_is_missing() -> None:
    command = [sys.executable, "-m", "warehouse.redshift"]
    project = Path(__file__).parent.parent.parent
    words = [f"{name}={value}" for name, value in BLANKS.items()]
    done = subprocess.run([*command, *words], cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.count(";\n") == 7
    wrong = subprocess.run([*command, *words[1:]], cwd=project, capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stderr) == (2, "warehouse.redshift: missing or unknown: clean_bucket\n")
