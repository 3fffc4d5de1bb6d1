CREATE TABLE invoices (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, total numeric(10, 2) NOT NULL, note text);
CREATE INDEX invoices_total ON invoices (total);
INSERT INTO invoices (total, note) SELECT n, 'note ' || n FROM generate_series(1, 20) AS n;
