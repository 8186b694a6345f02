"""The program: command line, window, workbench, and what connects them."""
