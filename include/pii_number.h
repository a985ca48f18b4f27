/* pii_number: groups of digits with separators between them, as the recognisers of numbers see them. */
#ifndef PII_NUMBER_H
#define PII_NUMBER_H

#include "pii_find.h"

#define GROUPS_MAX 24
#define DIGITS_MAX 128
#define FORM_MAX   8 /* groups that number_form() asks for at once */

struct group {
	size_t start, end;
	unsigned char n;   /* digits */
	unsigned char sep; /* before it: 0 none, else ' ' - . / ( ) */
	unsigned char at;  /* of its first digit in number.d */
};

/* Groups g[0] to g[n - 1], in a row. */
struct number {
	struct group g[GROUPS_MAX];
	int n;
	char form[GROUPS_MAX + FORM_MAX]; /* how many digits each has, as text; behind them NULs */
	char d[DIGITS_MAX + 1];
};

/* Digits of the groups a to b, both included. */
static inline size_t
digits_of(const struct number *x, int a, int b)
{
	return (size_t)(x->g[b].at + x->g[b].n - x->g[a].at);
}

/* Have the groups from a on so many digits each: "324"? One comparison where lens is written out. */
static inline bool
number_form(const struct number *x, int a, const char *lens)
{
	return !memcmp(x->form + a, lens, strlen(lens));
}

/* What is recognised at the group a: how many groups it takes; 0: nothing. */
int find_phone(struct find *f, const struct number *x, int a);
/* Are ten digits area, exchange and number of the North American plan? */
bool phone_nanp(const char *d);
int find_date(struct find *f, const struct number *x, int a, size_t *end);

/* May something begin at group a, or end at group b? It may not where it goes on with the separator that it
 * has inside. */
bool number_begins(const struct find *f, const struct number *x, int a, unsigned char inside);
bool number_ends(const struct find *f, const struct number *x, int b, unsigned char inside);

/* Are groups a to b, with spaces between them, a part of a longer row: do two more stand beside them, each as
 * long as the one that it follows? One, where all are of one length. A year, a house number or another
 * telephone number beside it makes no row. */
bool number_in_row(const struct find *f, const struct number *x, int a, int b);

/* The separators inside groups a to b: the one that all have, 0 where there is none, '*' where they differ.
 */
unsigned char number_inside(const struct number *x, int a, int b);
/* May a number begin at a and end at b? */
bool number_whole(const struct find *f, const struct number *x, int a, int b);
/* Does one of these names stand right before i: "account number", "account no.:"? */
bool number_named(const struct find *f, size_t i, const struct word *names, size_t n);
/* Is there a word for this type nearer than one for the other? */
bool number_says(struct find *f, const struct number *x, int a, enum pii_type t, enum pii_type other);
/* Reports groups a to b; how many they are, 0 where it was left. */
int number_take(struct find *f, const struct number *x, int a, int b, enum pii_type t, enum pii_level level,
    const char *rule);

/* pii_people: what begins at group a, of two groups or more, or of one: how many groups it takes. */
int find_grouped(struct find *f, const struct number *x, int a);
int find_bare(struct find *f, const struct number *x, int a);
int find_nino(struct find *f, const struct number *x, int a, int b); /* groups a to b between letters */

#endif
