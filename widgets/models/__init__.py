"""Rows as Qt item models: columns, filters, editing."""
