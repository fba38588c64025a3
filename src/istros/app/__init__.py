"""The composition root: one module a process, the supervisor that keeps them running, and the demo."""
