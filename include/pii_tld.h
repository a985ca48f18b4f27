/* pii_tld: the top-level domains that there are. */
#ifndef PII_TLD_H
#define PII_TLD_H

#include <stdbool.h>
#include <stddef.h>

/* ASCII, any case. */
bool tld_known(const char *s, size_t len);

#endif
