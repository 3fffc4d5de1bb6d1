-- To do: the change of the ground (../shop.sql, or the `setup` of expect.toml) that the check must notice.
SELECT 1;
