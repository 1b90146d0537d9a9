#include <stdlib.h>
#include <string.h>

int main(void) {
    for (;;) {
        char *kept = malloc(1 << 20);
        if (kept) memset(kept, 'x', 1 << 20);
    }
}
