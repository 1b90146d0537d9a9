CREATE TABLE kept (block BLOB);
WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers)
INSERT INTO kept SELECT randomblob(1048576) FROM numbers;
