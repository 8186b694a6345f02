"""Items, bills of material and routings."""
