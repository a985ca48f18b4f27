/* drain: has the group stored everything that was in the topics when we began? Asks the broker, apart from
 * the workers. */
#ifndef DRAIN_H
#define DRAIN_H

#include "conf.h"
#include "err.h"

#include <stdbool.h>

struct drain {
	rd_kafka_t *rk;			      /* a consumer that joins nothing */
	rd_kafka_topic_partition_list_t *end; /* where each partition ended at the start */
};

/* Both topics must be there: the first look at the broker. */
int drain_open(struct drain *d, const struct conf *c, struct err *e);
void drain_close(struct drain *d);

/* Notes where the partitions end now. */
int drain_mark(struct drain *d, const struct conf *c, struct err *e);

/* False too where the broker does not answer. */
bool drain_done(struct drain *d);

#endif
