"""The one table view of the program: filter row, pinned columns, blocks to and from Excel."""
