"""The details of whatever is chosen: facts, pegging, findings, history."""
