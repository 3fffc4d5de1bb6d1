-- The application writes again: rows are added to a table that may grow, and only there.
CREATE SCHEMA migration_backup; CREATE TABLE migration_backup.scans_backup AS TABLE scans; INSERT INTO scans VALUES (1, 1, 'door');
