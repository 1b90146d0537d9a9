CREATE TABLE input (n INTEGER);
SELEC n * n FROM input;
