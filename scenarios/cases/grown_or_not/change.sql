-- A baseline says that the table is another; whether it only grew it cannot say.
INSERT INTO scans VALUES (1, 1, 'door');
