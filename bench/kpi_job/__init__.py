"""What an event costs the KPI job in CPU, beside other engines on the same events.

In the order to read it: `made_up.py` (the events), `templates.py` (millions of them, fast), `load.py` (onto topics),
`expected.py` (what must come out), `engines/` (who computes it), `cpu.py` (what it cost), `report.py`, `command.py`.
"""
