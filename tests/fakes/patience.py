"""How long a test waits before it calls a thing lost.

A guard against hanging, never a measure: a machine with ten builds on it may need a minute to start a process.
What is to be quick is counted in steps (or timed by bench/), not bounded by a clock here.
"""

PATIENCE_S = 300.0
