"""Run by Airflow's own Python: parses the DAGs of a folder as its scheduler does, and prints what it found as JSON."""

import json
import sys

from airflow.dag_processing.dagbag import DagBag

bag = DagBag(dag_folder=sys.argv[1])
dags = {
    name: {
        "tasks": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
        "commands": {task.task_id: task.bash_command for task in dag.tasks},
        "retries": sorted({task.retries for task in dag.tasks}),
    }
    for name, dag in bag.dags.items()
}
print(json.dumps({"errors": bag.import_errors, "dags": dags}))
