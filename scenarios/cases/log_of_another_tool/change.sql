CREATE TABLE public."the ""log""" (seq bigint, "wh%at" text, success boolean, "from" timestamp, upto timestamp);
INSERT INTO public."the ""log""" VALUES (7, 'up', true, '2026-11-24 01:00', '2026-11-24 01:10'), (7, 'down', false, '2026-11-24 02:00', '2026-11-24 02:01');
