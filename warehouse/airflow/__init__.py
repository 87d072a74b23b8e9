"""For those who run Airflow: the chain of a day as a DAG. Nothing of ours imports Airflow but the DAG file itself."""
