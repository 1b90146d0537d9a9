CREATE TABLE input (n INTEGER);
.import /dev/stdin input
SELECT n * n FROM input;
