"""Material planning: proposals, work orders, what is missing."""
