#include "match.h"

#include "text.h"

#include <endian.h>
#include <sodium.h>
#include <stdio.h>

/* A running hash over fields that cannot run into each other: each is its length, then its bytes. */
static void
feed(crypto_generichash_state *st, struct str s)
{
	uint64_t len = s.p ? htole64(s.len) : UINT64_MAX; /* absent is not empty */

	crypto_generichash_update(st, (const unsigned char *)&len, sizeof len);
	if (s.len)
		crypto_generichash_update(st, (const unsigned char *)s.p, s.len);
}

static void
feed_long(crypto_generichash_state *st, int64_t v)
{
	uint64_t le = htole64((uint64_t)v);

	crypto_generichash_update(st, (const unsigned char *)&le, sizeof le);
}

static void
begin(crypto_generichash_state *st, const struct match_secret *k, const char *domain)
{
	crypto_generichash_init(st, k->key, sizeof k->key, sizeof(struct hash));
	feed(st, str_of(domain));
}

static struct hash
end(crypto_generichash_state *st)
{
	struct hash h;

	crypto_generichash_final(st, h.b, sizeof h.b);
	return h;
}

void
match_secret_init(struct match_secret *k, struct str text)
{
	unsigned char id[crypto_generichash_BYTES_MIN];

	crypto_generichash(k->key, sizeof k->key, (const unsigned char *)text.p, text.len, NULL, 0);
	crypto_generichash(id, sizeof id, k->key, sizeof k->key, NULL, 0);
	for (size_t i = 0; i < sizeof k->id / 2; i++)
		snprintf(k->id + 2 * i, 3, "%02x", id[i]);
}

static bool
hash_text(
    struct hash *out, struct str tenant, struct str text, const struct match_secret *k, struct arena *scratch)
{
	crypto_generichash_state st;
	struct str s = text.p ? text_match(scratch, text) : text;

	if (!s.p)
		return false;
	begin(&st, k, "text");
	feed(&st, tenant);
	feed(&st, s);
	*out = end(&st);
	return true;
}

void
match_of_event(struct match *m, const struct event *ev, const struct match_secret *k, struct arena *scratch)
{
	*m = (struct match){
	    ev->interaction_id, ev->conversation_id, ev->trace_id, ev->end_user, false, false, {{0}}, {{0}}};
	m->has_input = hash_text(&m->input, ev->tenant, ev->input, k, scratch);
	m->has_output = hash_text(&m->output, ev->tenant, ev->output, k, scratch);
}

void
match_of_interaction(
    struct match *m, const struct interaction *in, const struct match_secret *k, struct arena *scratch)
{
	*m = (struct match){
	    in->interaction_id, in->conversation_id, in->trace_id, in->end_user, false, false, {{0}}, {{0}}};
	m->has_input = hash_text(&m->input, in->tenant, in->input, k, scratch);
	m->has_output = hash_text(&m->output, in->tenant, in->output, k, scratch);
}

int
match_mask(const struct match *m)
{
	int texts = (m->has_input ? MASK_INPUT : 0) | (m->has_output ? MASK_OUTPUT : 0);

	if (m->interaction_id.p)
		return MASK_INTERACTION;
	if (m->conversation_id.p || m->trace_id.p)
		return (m->conversation_id.p ? MASK_CONVERSATION : 0) | (m->trace_id.p ? MASK_TRACE : 0) |
		       texts;
	return m->end_user.p ? MASK_USER | texts : 0;
}

bool
match_key(const struct match *m, int mask, struct hash *out)
{
	const struct str ids[] = {m->interaction_id, m->conversation_id, m->trace_id, m->end_user};
	unsigned char digest[crypto_hash_sha256_BYTES];
	crypto_hash_sha256_state st;
	uint16_t be_mask = htobe16((uint16_t)mask);

	crypto_hash_sha256_init(&st);
	crypto_hash_sha256_update(&st, (const unsigned char *)&be_mask, sizeof be_mask);
	for (int i = 0; i < 4; i++) {
		uint32_t len = htobe32((uint32_t)ids[i].len);

		if (!(mask & 1 << i))
			continue;
		if (!ids[i].p)
			return false;
		crypto_hash_sha256_update(&st, (const unsigned char *)&len, sizeof len);
		crypto_hash_sha256_update(&st, (const unsigned char *)ids[i].p, ids[i].len);
	}
	if ((mask & MASK_INPUT && !m->has_input) || (mask & MASK_OUTPUT && !m->has_output))
		return false;
	if (mask & MASK_INPUT)
		crypto_hash_sha256_update(&st, m->input.b, sizeof m->input.b);
	if (mask & MASK_OUTPUT)
		crypto_hash_sha256_update(&st, m->output.b, sizeof m->output.b);
	crypto_hash_sha256_final(&st, digest);
	memcpy(out->b, digest, sizeof out->b);
	return true;
}

struct hash
event_content(const struct event *ev, const struct match_secret *k)
{
	crypto_generichash_state st;
	uint64_t weight;

	begin(&st, k, "event");
#define FEED(field) feed(&st, ev->field);
	EVENT_TEXTS(FEED)
#undef FEED
	memcpy(&weight, &ev->weight, sizeof weight);
	feed_long(&st, ev->slug);
	feed_long(&st, ev->has_value ? ev->value : INT64_MIN);
	feed_long(&st, ev->has_weight);
	feed_long(&st, ev->has_weight ? (int64_t)weight : 0);
	feed_long(&st, ev->timestamp);
	feed_long(&st, ev->sent_at);
	feed_long(&st, ev->anonymize);
	feed_long(&st, ev->source);
	return end(&st);
}

struct hash
interaction_content(const struct interaction *in, const struct match_secret *k)
{
	crypto_generichash_state st;

	begin(&st, k, "interaction");
#define FEED(field) feed(&st, in->field);
	INTERACTION_TEXTS(FEED)
#undef FEED
	feed_long(&st, in->revision);
	feed_long(&st, in->started_at);
	feed_long(&st, in->ended_at);
	feed_long(&st, in->anonymize);
	return end(&st);
}
