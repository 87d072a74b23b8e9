"""Raw lines to clean tables: decoded, each fact once, late ones marked, flights as they stand after all corrections.

What the tables hold follows from the set of raw objects alone: not from their order, nor from how many runs took them,
nor from where a run was killed. Each file is replaced whole, and the list of objects that are done comes last.
"""
