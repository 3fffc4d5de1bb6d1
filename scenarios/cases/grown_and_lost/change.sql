-- Beside the new row one is not what it was; the table may grow, and nothing more.
INSERT INTO scans VALUES (1, 1, 'door'); UPDATE scans SET place = 'Dock' WHERE order_id = 7;
