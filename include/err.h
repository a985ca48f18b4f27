/*
 * err: what went wrong and what the caller should do about it.
 *
 * Functions that can fail return 0 or -1 and take a struct err last. An error is made once (err_set), given
 * context on the way up (err_wrap) and logged once, where it is decided what to do.
 * Texts: lower case, the problem first, its subject in quotes, what to do last. Never a payload, never
 * Postgres's DETAIL (it quotes rows).
 * A message that cannot be stored is not an err: it gets a reason and travels on in its batch (event.h).
 */
#ifndef ERR_H
#define ERR_H

enum err_kind {
	ERR_NONE,
	ERR_AGAIN,  /* a neighbour is down or slow: keep the batch, back off, try the same again */
	ERR_RACE,   /* somebody else was quicker: try the same again at once */
	ERR_USAGE,  /* the command line is wrong: exit 2 */
	ERR_CONFIG, /* the configuration is wrong: exit 3 */
	ERR_FATAL   /* no sense in going on: exit 1 */
};

struct err {
	enum err_kind kind;
	char text[1024]; /* cut where it is longer */
};

/* Sets kind and text; always returns -1, so that `return err_set(...)` reads well. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the text; always returns -1. */
int err_wrap(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The exit code of the contract: 0 done, 1 failed, 2 usage, 3 configuration. */
int err_exit(const struct err *e);

#endif
