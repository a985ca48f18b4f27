/* stamp: points in time as microseconds since 1970 UTC, the form that Avro's timestamp-micros and the tables
 * have. */
#ifndef STAMP_H
#define STAMP_H

#include "str.h"

#include <stdint.h>

#define STAMP_NONE INT64_MIN	      /* no time */
#define STAMP_MIN  0		      /* 1970-01-01T00:00:00Z, the first the contract allows */
#define STAMP_MAX  253402300799999999 /* 9999-12-31T23:59:59.999999Z, the last */

/* RFC 3339 ("2026-01-31T08:00:00.25+01:00"; 't', 'z' and a space for the 'T' too). Returns NULL, or what is
 * wrong with it in a few words. More than six digits of a second are refused unless the rest is zeros; a leap
 * second
 * (":60") counts as the first instant of the next minute. */
const char *stamp_parse(struct str s, int64_t *micros);

#endif
