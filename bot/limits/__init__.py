"""Keeps calls within the limits of a service: those it has told beforehand, and those its answers tell of."""
