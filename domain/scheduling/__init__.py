"""Scheduling: from work orders and resources to a plan on the minute, and its repair."""
