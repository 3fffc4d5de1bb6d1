-- Further ahead is no loss.
SELECT setval('items_id_seq', 5000);
