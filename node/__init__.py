"""The program at one point: the window (pages) and the agent (sync)."""
