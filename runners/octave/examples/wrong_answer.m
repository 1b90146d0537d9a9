n = fscanf(stdin, "%d", 1);
printf("%d\n", n + n);
