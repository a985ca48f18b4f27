#include "rate.h"

#define SECOND INT64_C(1000000000)

void
rate_init(struct rate *r, int64_t per_second, int64_t now_ns)
{
	r->per_second = per_second;
	r->next = now_ns;
}

int64_t
rate_wait(const struct rate *r, int64_t now_ns)
{
	int64_t next = r->next;

	return r->per_second && next > now_ns ? next - now_ns : 0;
}

void
rate_take(struct rate *r, int64_t now_ns)
{
	int64_t next = r->next, then;

	if (!r->per_second)
		return;
	do
		then = (next < now_ns - SECOND ? now_ns - SECOND : next) + SECOND / r->per_second;
	while (!atomic_compare_exchange_weak(&r->next, &next, then));
}
