/* pii_digits: characters that are digits, and what the checks of numbers make of them. */
#ifndef PII_DIGITS_H
#define PII_DIGITS_H

#include <stdbool.h>
#include <stddef.h>

static inline int
digit(char c)
{
	return c - '0';
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static inline int
number(const char *d, size_t n)
{
	int v = 0;

	for (size_t i = 0; i < n; i++)
		v = 10 * v + digit(d[i]);
	return v;
}

#endif
