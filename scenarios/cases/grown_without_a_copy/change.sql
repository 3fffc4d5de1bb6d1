-- The baseline keeps a hash of each row, so that no copy is needed to know that the table only grew.
INSERT INTO scans VALUES (1, 1, 'door');
