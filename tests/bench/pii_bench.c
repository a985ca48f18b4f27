/*
 * How fast the scrubber is, in one run, by processor time: against memchr over the same bytes, and what the
 * worst texts cost.
 *
 *   pii_bench ORDINARY DENSE    files of records, a line each
 *
 * Each figure is the best of several rounds; the rounds of what is compared take turns.
 */
#include "arena.h"
#include "pii.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 7
#define MEGA   (1 << 20)

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct text {
	char *p;
	size_t len, lines;
};

static struct text
text_read(const char *path)
{
	struct text t = {0};
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f) {
		perror(path);
		exit(1);
	}
	do {
		t.p = xrealloc(t.p, t.len + MEGA);
		n = fread(t.p + t.len, 1, MEGA, f);
		t.len += n;
	} while (n > 0);
	fclose(f);
	for (size_t i = 0; i < t.len; i++)
		t.lines += t.p[i] == '\n';
	return t;
}

static double
scrub_lines(struct pii *p, const struct text *t, size_t *found)
{
	double start = now();
	const char *at = t->p, *end = t->p + t->len;

	*found = 0;
	while (at < end) {
		const char *eol = memchr(at, '\n', (size_t)(end - at));
		size_t n;

		eol = eol ? eol : end;
		pii_scrub(p, (struct str){0}, (struct str){at, (size_t)(eol - at)});
		pii_spans(p, &n);
		*found += n;
		at = eol + 1;
	}
	return now() - start;
}

static double
find_lines(const struct text *t)
{
	double start = now();
	const char *at = t->p, *end = t->p + t->len;
	volatile size_t lines = 0;

	while (at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
		lines++;
		at++;
	}
	return now() - start;
}

static void
compare(struct pii *p, const char *name, const struct text *t)
{
	double ours = 1e9, theirs = 1e9;
	size_t found = 0;

	for (int i = 0; i < ROUNDS; i++) {
		double took = scrub_lines(p, t, &found);

		ours = took < ours ? took : ours;
		took = find_lines(t);
		theirs = took < theirs ? took : theirs;
	}
	printf("%-10s %9.1f MB/s  %7.0f ns a record of %5.1f bytes, %6.3f found in each; memchr %8.1f MB/s, "
	       "%.0f times as fast\n",
	    name, (double)t->len / ours / 1e6, ours * 1e9 / (double)t->lines,
	    (double)t->len / (double)t->lines, (double)found / (double)t->lines,
	    (double)t->len / theirs / 1e6, ours / theirs);
}

/* One text of a megabyte, as a whole. Returns nanoseconds a byte. */
static double
whole(struct pii *p, struct str text)
{
	double best = 1e9;

	for (int i = 0; i < 3; i++) {
		double start = now(), took;

		pii_scrub(p, (struct str){0}, text);
		took = now() - start;
		best = took < best ? took : best;
	}
	return best * 1e9 / (double)text.len;
}

static void
worst(struct pii *p, const struct text *ordinary)
{
	static const char *const pieces[] = {"@", "1-", "a1", ".", "[", "<EMAIL_ADDRESS", "<", "<A:k1:", ":",
	    "1:", "::", "=", "password=", "password ", "a@", "a.", "-", "-----BEGIN PRIVATE KEY-----", "eyJ",
	    "dot ", " at a dot ", "(at)", "4111 ", "1 ", "12 ", "+1", "+1 ", "DE89", "DE89 ", "0",
	    "https://a:", "\xef\xbc\x91", "\xe2\x80\x8b", "sk-", "%40", "1.", "12/", "AB12 ",
	    "?token=", "x@y.", "is 1 ", "a", "1234567 ", "phone 1 ", "\xe7\x94\xb5", "12 mar ",
	    "ab:", "1-1.1/"};
	double base = whole(p, (struct str){ordinary->p, ordinary->len < MEGA ? ordinary->len : MEGA}),
	       most = 0;
	char *text = xcalloc(MEGA + 64, 1);

	printf("a text of 1 MB: ordinary %.2f ns a byte\n", base);
	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
		size_t n = strlen(pieces[i]), len = 0;
		double cost;

		for (; len < MEGA; len += n)
			memcpy(text + len, pieces[i], n);
		cost = whole(p, (struct str){text, len});
		most = cost > most ? cost : most;
		if (cost > 2 * base)
			printf(
			    "  %-28s %7.2f ns a byte, %5.1f times ordinary\n", pieces[i], cost, cost / base);
	}
	printf("  the worst: %.1f times ordinary\n", most / base);
	free(text);
}

int
main(int argc, char **argv)
{
	struct err e = {0};
	struct pii *p = pii_open(&(struct pii_options){0}, &e);
	struct text ordinary, dense;

	if (argc != 3 || !p) {
		fprintf(stderr, "pii_bench ORDINARY DENSE\n%s\n", e.text);
		return 2;
	}
	ordinary = text_read(argv[1]);
	dense = text_read(argv[2]);
	compare(p, "ordinary", &ordinary);
	compare(p, "dense", &dense);
	worst(p, &ordinary);
	free(ordinary.p);
	free(dense.p);
	pii_close(p);
	return 0;
}
