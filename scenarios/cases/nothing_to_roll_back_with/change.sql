-- No copies, no log, and nobody named the command.
DROP SCHEMA migration_backup CASCADE;
DROP TABLE migration_log;
