-- As if the database had been moved to a system with another library, so that what was recorded is not what sorts now.
UPDATE pg_database SET datcollversion = '0.1' WHERE datname = current_database();
