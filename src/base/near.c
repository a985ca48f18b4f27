#include "near.h"

#include <string.h>

size_t
near_distance(const char *a, const char *b)
{
	size_t n = strlen(b), row[128];

	if (n >= sizeof row / sizeof *row)
		return n;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; *a; a++, i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t least = diagonal + (*a != b[j - 1]);

			if (row[j] + 1 < least)
				least = row[j] + 1;
			if (row[j - 1] + 1 < least)
				least = row[j - 1] + 1;
			diagonal = row[j];
			row[j] = least;
		}
	}
	return row[n];
}
