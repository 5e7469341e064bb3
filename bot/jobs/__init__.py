"""Carries accepted jobs to their end, and makes each message say what its job says."""
