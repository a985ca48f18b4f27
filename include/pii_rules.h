/*
 * pii_rules: what the operator of a pool adds in files: values that stay (allow), values that go (deny), and
 * rules of their own.
 * '#' at the start of a line begins a comment.
 *
 *   allow: a value a line, whatever its case; "*@example.com": all that ends so.
 *   deny:  a value a line, whatever its case, as a word of its own.
 *   rules: TYPE LITERAL REGEX: where LITERAL (as written) occurs in a text, what REGEX (PCRE2, UTF-8) matches
 * is of TYPE; its first group, where it has one.
 */
#ifndef PII_RULES_H
#define PII_RULES_H

#include "pii_find.h"

struct rules;

/* Files: NULL: none. NULL and e (with file and line) where one is wrong. */
struct rules *rules_open(const char *allow, const char *deny, const char *custom, struct err *e);
void rules_close(struct rules *r);

/* The types of custom rules, from PII_BUILT_IN on. */
int rules_types(const struct rules *r);
const char *rules_type_name(const struct rules *r, int type);

/* Are there custom rules? They may match anything. */
bool rules_custom(const struct rules *r);

/* What changes with the files' content. */
struct str rules_text(const struct rules *r);

void rules_known_reset(struct rules *r);
void rules_known_add(struct rules *r, struct str value);

/* Adds what the lists and rules find. -1: a limit was reached, or the matcher failed. */
int rules_scan(struct rules *r, struct find *f);

/* Takes back what is allowed, but not what is denied. */
void rules_allow(const struct rules *r, struct find *f);

#endif
