UPDATE "order" SET "select" = 999 WHERE "select" = 2;
