#include <stdio.h>
#include <stdlib.h>

int main(void) {
    long n;
    scanf("%ld", &n);
    printf("%ld\n", n * n);
    fflush(stdout);
    abort();
}
