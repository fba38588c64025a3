"""Purposes, permits, the audit chain, who may do what, and the accounts of those who sign in."""
