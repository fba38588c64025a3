"""Printed pages: contact sheets of recordings."""
