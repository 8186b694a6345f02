"""The Gantt: a plan's bookings on their machines and minutes, to look at and to move."""
