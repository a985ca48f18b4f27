#include "drain.h"

#include "kafka.h"

#define LOOK_MS	  10000
#define ANSWER_MS 5000

static int
add_topic(struct drain *d, const struct conf *c, const char *topic, struct err *e)
{
	int n = kafka_partitions(d->rk, c, topic, LOOK_MS, e);

	if (n == 0)
		return err_set(e, ERR_FATAL,
		    "kafka: topic \"%s\" does not exist on \"%s\"; create it, or set its name in the "
		    "configuration",
		    topic, c->brokers);
	for (int i = 0; i < n; i++)
		rd_kafka_topic_partition_list_add(d->end, topic, i)->offset = 0;
	return n < 0 ? -1 : 0;
}

int
drain_open(struct drain *d, const struct conf *c, struct err *e)
{
	*d = (struct drain){0};
	d->rk = kafka_new(RD_KAFKA_CONSUMER, kafka_conf(c), e);
	if (!d->rk)
		return -1;
	d->end = rd_kafka_topic_partition_list_new(16);
	if (add_topic(d, c, c->topic_interactions, e) == 0 && add_topic(d, c, c->topic_feedback, e) == 0)
		return 0;
	drain_close(d);
	return -1;
}

void
drain_close(struct drain *d)
{
	if (d->end)
		rd_kafka_topic_partition_list_destroy(d->end);
	if (d->rk)
		rd_kafka_destroy(d->rk);
	*d = (struct drain){0};
}

int
drain_mark(struct drain *d, const struct conf *c, struct err *e)
{
	for (int i = 0; i < d->end->cnt; i++) {
		rd_kafka_topic_partition_t *p = &d->end->elems[i];
		int64_t low;

		if (kafka_ends(d->rk, c, p->topic, p->partition, &low, &p->offset, e) < 0)
			return -1;
	}
	return 0;
}

bool
drain_done(struct drain *d)
{
	rd_kafka_topic_partition_list_t *at = rd_kafka_topic_partition_list_copy(d->end);
	bool done = rd_kafka_committed(d->rk, at, ANSWER_MS) == RD_KAFKA_RESP_ERR_NO_ERROR;

	for (int i = 0; done && i < at->cnt; i++)
		done = !at->elems[i].err &&
		       (d->end->elems[i].offset == 0 || at->elems[i].offset >= d->end->elems[i].offset);
	rd_kafka_topic_partition_list_destroy(at);
	return done;
}
