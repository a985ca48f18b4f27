/*
 * The stages of a worker that talk to nobody, for callgrind to count their instructions.
 *
 *   stages FILE    of messages: four bytes of length, big-endian, then the message
 */
#include "decode.h"
#include "scrub.h"
#include "store.h"

#include <stdio.h>
#include <stdlib.h>

/* Messages of our own: what is asked of them is here, in the place of Kafka's library. */
void
rd_kafka_message_destroy(rd_kafka_message_t *msg)
{
	free(msg);
}

int64_t
rd_kafka_message_timestamp(const rd_kafka_message_t *msg, rd_kafka_timestamp_type_t *type)
{
	(void)msg;
	*type = RD_KAFKA_TIMESTAMP_CREATE_TIME;
	return INT64_C(1714521600000);
}

const char *
rd_kafka_topic_name(const rd_kafka_topic_t *topic)
{
	(void)topic;
	return "feedback";
}

static _Noreturn void
die(const char *why)
{
	fprintf(stderr, "stages: %s\n", why);
	exit(1);
}

/* Up to a batch of messages; their payloads are in file, which moves on. */
static void
fill(struct batch *b, struct str *file, int64_t most)
{
	while (file->len >= 4 && (int64_t)b->len < most) {
		rd_kafka_message_t *msg = xcalloc(1, sizeof *msg);

		msg->len = (size_t)be32_at(file->p);
		if (msg->len > file->len - 4)
			die("the file ends within a message");
		msg->payload = (char *)file->p + 4;
		*file = (struct str){file->p + 4 + msg->len, file->len - 4 - msg->len};
		batch_add(b, msg);
	}
}

/* ---- the stages; kept apart, so that each has its own line in the profile ---- */

#define STAGE __attribute__((noinline)) static void

STAGE
stage_decode(struct decoder *d, struct batch *b)
{
	struct err e;

	if (decode_batch(d, b, &e) < 0)
		die(e.text);
}

STAGE
stage_match(struct batch *b, const struct match_secret *k)
{
	batch_match(b, k);
}

STAGE
stage_scrub(struct scrubber *s, struct batch *b)
{
	scrub_batch(s, b);
}

STAGE
stage_encode(struct buf *rows, const struct batch *b)
{
	buf_reset(rows);
	for (size_t i = 0; i < b->nevents; i++)
		put_event(rows, &b->events[i]);
}

static struct str
read_file(const char *path)
{
	struct buf b = {0};
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		die("cannot open the file");
	do {
		buf_need(&b, 1 << 20);
		n = fread(b.p + b.len, 1, 1 << 20, f);
		b.len += n;
	} while (n > 0);
	fclose(f);
	return (struct str){b.p, b.len};
}

int
main(int argc, char **argv)
{
	struct conf conf;
	struct err e;
	struct schemas *schemas = schemas_open(NULL);
	struct scrubber scrubber;
	struct match_secret secret;
	struct batch batch = {0};
	struct buf rows = {0};
	size_t stored = 0;
	struct str whole, left;

	if (argc != 2)
		die("one file of messages");
	if (conf_open(&conf, &(struct conf_args){0}, &e) < 0 || scrubber_open(&scrubber, &conf, &e) < 0)
		die(e.text);
	match_secret_init(&secret, str_of("0123456789abcdef0123456789abcdef"));
	whole = left = read_file(argv[1]);
	while (batch_reset(&batch), fill(&batch, &left, conf.batch_max_events), batch.len > 0) {
		stage_decode(&(struct decoder){.schemas = schemas, .conf = &conf}, &batch);
		stage_match(&batch, &secret);
		stage_scrub(&scrubber, &batch);
		stage_encode(&rows, &batch);
		stored += batch.nevents;
	}
	printf("%zu\n", stored);
	buf_free(&rows);
	batch_free(&batch);
	scrubber_close(&scrubber);
	schemas_close(schemas);
	conf_close(&conf);
	free((char *)whole.p);
	return 0;
}
