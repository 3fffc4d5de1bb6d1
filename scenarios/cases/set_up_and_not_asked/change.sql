-- A fault that nobody asks about.
DELETE FROM scans;
