/* near: how near a misspelt word is to a right one. */
#ifndef NEAR_H
#define NEAR_H

#include <stddef.h>

/* How many single changes make one word of the other; the length of b where that is 128 or more. */
size_t near_distance(const char *a, const char *b);

#endif
