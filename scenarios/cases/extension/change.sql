-- Another version, and a function that became a member.
UPDATE pg_extension SET extversion = '0.9' WHERE extname = 'plpgsql';
ALTER EXTENSION plpgsql ADD FUNCTION twice(integer);
