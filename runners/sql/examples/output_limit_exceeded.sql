WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers)
SELECT printf('%.1000c', 'x') FROM numbers;
