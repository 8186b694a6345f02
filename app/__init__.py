"""The program: command line, window, workbench, and what connects them."""

VERSION = "0.1.0"
