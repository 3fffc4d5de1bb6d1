-- 1.0 = 1.00 and '' looks like nothing.
ALTER TABLE customers ALTER credit TYPE numeric;
UPDATE customers SET credit = trim_scale(credit);
UPDATE orders SET note = NULL WHERE note = '';
