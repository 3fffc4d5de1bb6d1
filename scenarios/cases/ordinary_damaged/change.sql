-- The migration wrote where nobody announced it, lost a row, did not do all that it announced, and did something else.
ALTER TABLE customers ADD host text;
UPDATE customers SET host = split_part(email, '@', 2), email = lower(email) || ' ' WHERE id <> 'ID-9';
ALTER TABLE scans ADD at date;
DELETE FROM scans WHERE order_id = 17;
CREATE INDEX scans_at_idx ON scans (at);
ANALYZE;
