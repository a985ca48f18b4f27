/* producer: publish's way to Kafka: messages go to one topic, and each that does not arrive is told. */
#ifndef PRODUCER_H
#define PRODUCER_H

#include "conf.h"
#include "err.h"
#include "str.h"

/* Where a message came from. */
struct place {
	const char *file;
	size_t line;
};

struct producer_calls {
	/* A message is lost: the broker refused it, or could not be reached any more. */
	void (*lost)(void *arg, struct place at, const char *why);
	/* Called some times a second while the producer waits; true: stop waiting. */
	bool (*waiting)(void *arg);
	void *arg;
};

struct producer;

/*
 * Waits for a broker, 10 s at most, and for the topic, which a broker may create by itself. option: what
 * names the topic in the configuration. What the user left at its default in kafka.* is set for bulk.
 */
int producer_open(struct producer **k, const struct conf *c, const char *topic, const char *option,
    const struct producer_calls *calls, struct err *e);
void producer_close(struct producer *k); /* what is not flushed is gone */

/* Copies key (absent: none) and message, and waits where the queue is full. */
void producer_send(struct producer *k, struct str key, struct str message, struct place at);

/* Lets deliveries be counted and told; does not wait. */
void producer_poll(struct producer *k);

/* Waits until each message is delivered or lost, even after waiting() was true. */
void producer_flush(struct producer *k);

size_t producer_delivered(const struct producer *k);
size_t producer_lost(const struct producer *k);

#endif
