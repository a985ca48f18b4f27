/* encode: records to the bytes of a Kafka message, in each framing of the contract (section 2). */
#ifndef ENCODE_H
#define ENCODE_H

#include "buf.h"
#include "err.h"
#include "field.h"

enum framing {
	FRAMING_CONFLUENT,     /* 00, schema id in 4 bytes, record */
	FRAMING_SINGLE_OBJECT, /* C3 01, fingerprint in 8 bytes, record */
	FRAMING_BARE,	       /* record */
	FRAMING_COUNT
};

extern const char *const framing_names[FRAMING_COUNT];

#define SINGLE_OBJECT_MARK	   "\xc3\x01"
#define FINGERPRINT_LEN		   8
#define FINGERPRINT_INTERACTION	   "\xbf\x03\x78\x8e\xec\x0a\x84\x3d"
#define FINGERPRINT_FEEDBACK_EVENT "\x62\xc1\xd1\xa5\xed\x4f\x30\x65"

struct encoder;

/* For one of the two records. schema_id: for FRAMING_CONFLUENT. */
int encoder_open(
    struct encoder **x, const struct record *type, enum framing framing, int32_t schema_id, struct err *e);
void encoder_close(struct encoder *x);

/* The schema of a record, as JSON text. */
const char *encode_schema(const struct record *type);

/* Adds the message to out. record: the struct event or struct interaction that the encoder was opened for. */
int encode_record(struct encoder *x, const void *record, struct buf *out, struct err *e);

#endif
