/*
 * pii: finds personal data in text, and takes it out. It knows nothing of feedback.
 *
 * Patterns find what has a form: addresses of e-mail and networks, numbers with check digits or known
 * lengths, keys and passwords that are named. They cannot find what has none: names of people, postal
 * addresses, organisations.
 *
 * A struct pii serves one thread. Time is linear in the length of the text, whatever is in it.
 */
#ifndef PII_H
#define PII_H

#include "buf.h"
#include "err.h"
#include "pii_table.h"
#include "str.h"

#include <stdbool.h>
#include <stdint.h>

#define PII_REDACTED "<REDACTED>"
#define PII_TEXT_MAX (64 << 20) /* bytes of one text; a longer one is redacted as a whole */

enum pii_level { PII_POSSIBLE = 1, PII_LIKELY, PII_CERTAIN };
extern const char *const pii_level_names[]; /* by level */

/* The configuration. NULL: none. Lists are names separated by commas. */
struct pii_options {
	const char *entities;  /* "default", "all", NAME, -NAME */
	const char *countries; /* their numbers are taken without a word that speaks for them */
	bool aggressive;       /* what is only possible is taken too */
	const char *operators; /* one for all, and TYPE=operator; replace, mask:N, pseudonym, drop, keep */
	const char *key;       /* of pseudonyms */
	const char *key_id;    /* shown in them */
	const char *allow_file, *deny_file, *rules_file;
};

/* Where something is, and why it was taken or left. Offsets are bytes of the text as given. */
struct pii_span {
	size_t start, end;
	int type; /* enum pii_type, or of a custom rule: pii_type_name() knows */
	enum pii_level level;
	bool taken;
	bool kept;	  /* its operator is keep */
	bool hidden;	  /* its mask is stars alone: that of its type would show a part of something else */
	const char *rule; /* what it was recognised by */
	const char *why;  /* what decided, in a word or two */
	char word[32];	  /* of the text or of the rules that spoke for or against it; empty: none */
};

struct pii;

/* NULL and e (ERR_CONFIG names file and line) where the options are wrong. */
struct pii *pii_open(const struct pii_options *o, struct err *e);
void pii_close(struct pii *p);

/* Changes with the rules and with every option that decides what is taken or what stands in its place. */
const char *pii_version(const struct pii *p);

/* Types are numbered from 0; built-in ones first, custom ones behind them. */
int pii_types(const struct pii *p);
const char *pii_type_name(const struct pii *p, int type);

/* Values that must go from the texts that follow, because the record's own fields hold them. Absent or dull
 * ones are passed over. */
void pii_known_reset(struct pii *p);
void pii_known_add(struct pii *p, struct str value);

/* Notes what was left (pii_span.taken = false) and what is kept, too; what is replaced is the same. */
void pii_set_explain(struct pii *p, bool on);

/*
 * Takes the personal data out of text. name: what the text is called where it was found, a key of JSON; it
 * counts as words before the text (absent: none). Returns what is left: text itself where nothing had to go,
 * else bytes of p that live until the next call. The spans that were replaced are in pii_spans(), by their
 * place; what no operator changes (keep) is not.
 *
 * Fails closed: where the text is not valid UTF-8, too long, or anything goes wrong, the answer is <REDACTED>
 * and pii_failed() says why.
 */
struct str pii_scrub(struct pii *p, struct str name, struct str text);

const struct pii_span *pii_spans(const struct pii *p, size_t *n);
const char *pii_failed(const struct pii *p); /* NULL: it did not */

/* Which of the ways to look for anchors: 0 scalar, 1 SSE2, 2 AVX2. Those that this processor lacks are
 * refused. */
bool pii_use_vectors(struct pii *p, int way);

#endif
