"""The whole application in one process, under a virtual clock, from a seed: the test bench of the line."""
