-- The functions that the triggers call.
SELECT NULL AS table_name, full_name AS name, definition AS statement FROM trigger_function
