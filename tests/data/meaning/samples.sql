-- The ground of random expressions: an empty table, and rows that tell two of them apart.
CREATE TYPE public.mood AS ENUM ('sad', 'ok');
CREATE TABLE public.samples AS SELECT
    (ARRAY['a', 'b', 'ab', '', 'B', 'x ', NULL])[1 + i % 7]::varchar(20) AS s, (ARRAY['a', 'b', 'zz', 'ab ', NULL])[1 + i % 5]::varchar AS v,
    (ARRAY['a', 'b', 'B', 'ab', 'abc', NULL])[1 + i * 5 % 6] AS t, (ARRAY[0, 1, 2, 5, -5, 7, NULL])[1 + i * 3 % 7] AS n,
    (ARRAY[0, 1, 7, NULL])[1 + i * 7 % 4]::smallint AS k, (ARRAY[0, 1, 2, 5000000000, NULL])[1 + i * 11 % 5]::bigint AS g,
    (ARRAY[0, 1, 1.5, 1.55, 2.49, -5, NULL])[1 + i * 13 % 7]::numeric(10, 2) AS num,
    (ARRAY[0, 1, 1.5, 2.499, 0.1, -5, NULL])[1 + i * 17 % 7]::float8 AS f,
    (ARRAY['2020-01-01', '2020-01-02', '1999-12-31', NULL])[1 + i * 19 % 4]::date AS d,
    (ARRAY['2020-01-01', '2020-01-01 12:00', '2020-01-02', NULL])[1 + i * 23 % 4]::timestamp AS ts,
    (ARRAY['abc', 'a', 'b', NULL])[1 + i * 29 % 4]::char(3) AS c, (ARRAY['sad', 'ok', NULL])[1 + i * 31 % 3]::public.mood AS m,
    (ARRAY[true, false, NULL])[1 + i * 37 % 3] AS b, (ARRAY['{}', '{a}', '{a,q}', NULL])[1 + i * 41 % 4]::varchar(10)[] AS a,
    (ARRAY['{}', '{"a": 1}', '{"a": "b"}', NULL])[1 + i * 43 % 4]::jsonb AS j
FROM generate_series(1, 300) AS i;
CREATE TABLE public.t (LIKE public.samples);
