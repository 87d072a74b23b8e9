"""Advice for a light that has just turned: from the flights as they stand, without any library, in milliseconds."""
