-- Conditions that PostgreSQL spells otherwise each time it reads what it printed.
CREATE TABLE parcels (
    id int PRIMARY KEY,
    state varchar(20) NOT NULL CONSTRAINT known_state CHECK (state IN ('new', 'sent')),
    weight int CONSTRAINT real_weight CHECK (weight BETWEEN 0 AND 100 AND weight <> 13)
);
CREATE INDEX parcels_open_idx ON parcels (id) WHERE state NOT IN ('sent', 'lost');
CREATE VIEW heavy AS SELECT id, weight FROM parcels WHERE weight BETWEEN 50 AND 100 AND weight <> 99;
INSERT INTO parcels SELECT i, CASE WHEN i % 2 = 0 THEN 'new' ELSE 'sent' END, i FROM generate_series(1, 12) AS i;
ANALYZE;
