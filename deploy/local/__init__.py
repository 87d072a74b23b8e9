"""The whole system on one machine, on 127.0.0.1 only: brokers, cloud, deployed template, KPI job."""
