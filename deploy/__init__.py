"""Everything that starts or ships the system: the CDK app, the bundles, and the local stack.

Nothing imports this package; it meets the rest at a command line, a topic, a stream or a table.
"""
