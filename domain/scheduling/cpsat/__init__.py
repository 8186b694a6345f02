"""Everything that is rented from OR-Tools' CP-SAT; nothing else imports it."""
