DROP TABLE migration_backup.notes_backup;
UPDATE untouched SET note = 'AS IT WAS';
