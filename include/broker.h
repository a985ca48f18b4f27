/*
 * broker: is one there? One line in the log when none can be reached, one when it is back, and of every other
 * trouble a line a minute.
 */
#ifndef BROKER_H
#define BROKER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#define BROKER_COMPLAINTS 8 /* kinds of trouble that are told apart */

/* What one client knows of the brokers. Zeroed but for rk is valid. */
struct broker {
	rd_kafka_t *rk;	    /* not owned */
	int64_t lost_since; /* monotonic ms since when none can be reached; 0: not */
	bool doubt;	    /* one was lost: is there another? */
	int64_t looked;	    /* monotonic ms when that was asked last */
	struct {
		rd_kafka_resp_err_t what;
		int64_t at; /* monotonic ms */
	} told[BROKER_COMPLAINTS];
	size_t complaints;
};

/* What librdkafka's error callback is told. */
void broker_trouble(struct broker *b, rd_kafka_resp_err_t code, const char *reason);

/* To the log, unless the same kind of trouble was there within the minute. */
void broker_complain(struct broker *b, rd_kafka_resp_err_t code, const char *text);

/* To be called often: asks, at most once a second, where there is doubt; may take half a second then. */
void broker_look(struct broker *b);

#endif
