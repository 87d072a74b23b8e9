"""KPI row -> decision, pure: `evaluate.py` decides, `catalog/` holds the rules, `testing.py` runs their tests."""
