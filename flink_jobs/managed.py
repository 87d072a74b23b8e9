"""Where a cluster that is not ours enters, on Kubernetes: the file it is told to run (`deploy/kubernetes`)."""

from flink_jobs.route_kpis import main

if __name__ == "__main__":
    main()
