"""The chain of a day for Airflow 3: compaction, booking ETL, star, report, each a command of its own.

Put this file into the DAGs folder. SEMAFORO_HOME is the project's folder there, with its `.venv`; where history lies is
read from the workers' environment, as `python -m warehouse daily` reads it. A date is run again by clearing its run.
"""

import os
from datetime import datetime, timedelta, timezone

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

HOME = os.environ.get("SEMAFORO_HOME", "/opt/semaforo")
STEPS = ("compact", "booking", "star", "report")

with DAG(
    dag_id="semaforo_daily",
    description="Raw to clean to star to report, for the day that is over",
    schedule="0 1 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017 - Airflow's Python may be older than ours
    catchup=False,
    max_active_runs=1,
    default_args={
        "retries": 2,
        "retry_delay": timedelta(minutes=2),
        "retry_exponential_backoff": True,
        "execution_timeout": timedelta(hours=1),
    },
    tags=["semaforo"],
) as dag:
    before = None
    for step in STEPS:
        # The report is of the day before the run's: {{ macros }} are Airflow's, filled in when the task runs.
        task = BashOperator(
            task_id=step,
            bash_command=f".venv/bin/python -m warehouse daily --step {step} "
            "--date {{ macros.ds_add(dag_run.run_after.strftime('%Y-%m-%d'), -1) }}",
            cwd=HOME,
            append_env=True,
        )
        if before is not None:
            before >> task
        before = task
