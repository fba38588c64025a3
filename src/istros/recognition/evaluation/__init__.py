"""Measures recognition on folders with labels: `istros evaluate`."""
