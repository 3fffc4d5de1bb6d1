-- One table is dropped with all that hangs on it.
DROP TABLE reviews CASCADE
