"""The CDK stacks: `live_path` from the KPI stream to the alerts, `streaming` from the brokers to the KPI stream,
`history` for what is kept of both."""
