#include "schemas.h"

#include "arena.h"
#include "embed.h"
#include "encode.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#define TURN_MS 50 /* how often a thread looks whether it is its turn to ask the registry */

/* One schema as either of our records. */
struct entry {
	int32_t id;
	struct plan *plans[2];
	char why[2][256];
};

struct schemas {
	struct registry *registry;
	struct plan *own[2];
	pthread_mutex_t lock;	  /* of entries */
	pthread_mutex_t fetching; /* one at a time, so that nothing is fetched twice; avro-c's error text is
				     not thread-safe either */
	struct entry **entries;	  /* each stays where it is: plans are lent out */
	size_t n;
};

struct schemas *
schemas_open(struct registry *registry)
{
	struct schemas *s = xcalloc(1, sizeof *s);
	char why[256];

	s->registry = registry;
	s->own[READ_EVENT] = plan_open(schema_feedback_event, READ_EVENT, why, sizeof why);
	s->own[READ_INTERACTION] = plan_open(schema_interaction, READ_INTERACTION, why, sizeof why);
	assert(s->own[READ_EVENT] && s->own[READ_INTERACTION]);
	pthread_mutex_init(&s->lock, NULL);
	pthread_mutex_init(&s->fetching, NULL);
	return s;
}

void
schemas_close(struct schemas *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		plan_close(s->entries[i]->plans[0]);
		plan_close(s->entries[i]->plans[1]);
		free(s->entries[i]);
	}
	free(s->entries);
	plan_close(s->own[0]);
	plan_close(s->own[1]);
	pthread_mutex_destroy(&s->lock);
	pthread_mutex_destroy(&s->fetching);
	free(s);
}

struct known
schemas_own(const struct schemas *s, enum plan_of of)
{
	return (struct known){s->own[of], NULL};
}

struct known
schemas_by_fingerprint(const struct schemas *s, const void *fingerprint, enum plan_of of)
{
	static const char *const ours[] = {
	    [READ_EVENT] = FINGERPRINT_FEEDBACK_EVENT, [READ_INTERACTION] = FINGERPRINT_INTERACTION};

	if (memcmp(fingerprint, ours[of], FINGERPRINT_LEN) == 0)
		return schemas_own(s, of);
	if (memcmp(fingerprint, ours[!of], FINGERPRINT_LEN) == 0)
		return (struct known){NULL, "the fingerprint is that of the other topic's schema"};
	return (struct known){NULL, "the fingerprint is none of ours"};
}

bool
schemas_by_id(struct schemas *s, int32_t id, enum plan_of of, struct known *known)
{
	bool found = false;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; i < s->n && !found; i++) {
		if (s->entries[i]->id != id)
			continue;
		*known = (struct known){s->entries[i]->plans[of], s->entries[i]->why[of]};
		found = true;
	}
	pthread_mutex_unlock(&s->lock);
	return found;
}

static void
add(struct schemas *s, int32_t id, enum registry_answer answer, const char *json)
{
	struct entry *en = xcalloc(1, sizeof *en);

	en->id = id;
	for (int of = 0; of < 2; of++) {
		if (answer == REGISTRY_FOUND)
			en->plans[of] = plan_open(json, (enum plan_of)of, en->why[of], sizeof en->why[of]);
		else
			strcpy(en->why[of], "the schema is not Avro, or refers to other schemas");
	}
	pthread_mutex_lock(&s->lock);
	s->entries = xrealloc(s->entries, (s->n + 1) * sizeof(struct entry *));
	s->entries[s->n++] = en;
	pthread_mutex_unlock(&s->lock);
}

int
schemas_fetch(struct schemas *s, int32_t id, registry_wait_fn *wait, void *wait_arg, struct err *e)
{
	enum registry_answer answer = REGISTRY_NO_SUCH_ID;
	struct known known;
	char *json = NULL;
	int rc = 0;

	while (pthread_mutex_trylock(&s->fetching))
		if (wait(wait_arg, TURN_MS, e) < 0)
			return -1;
	if (!schemas_by_id(s, id, READ_EVENT, &known)) {
		rc = registry_fetch(s->registry, id, &answer, &json, wait, wait_arg, e);
		if (rc == 0 && answer == REGISTRY_NO_SUCH_ID)
			rc = 1;
		if (rc == 0)
			add(s, id, answer, json);
		free(json);
	}
	pthread_mutex_unlock(&s->fetching);
	return rc;
}
