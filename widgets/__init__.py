"""Qt widgets that show and edit rows they are given. No SQL, no threads."""
