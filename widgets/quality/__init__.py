"""Inspections that are coming up."""
