#include "encode.h"

#include "embed.h"

#include <avro.h>
#include <stdlib.h>

const char *const framing_names[FRAMING_COUNT] = {"confluent", "single-object", "bare"};

struct encoder {
	const struct record *type;
	enum framing framing;
	int32_t schema_id;
	avro_value_t value; /* filled anew for each record */
	avro_writer_t writer;
	struct buf text; /* avro-c wants a NUL at the end */
};

const char *
encode_schema(const struct record *type)
{
	return type == &record_event ? schema_feedback_event : schema_interaction;
}

static int
value_of_schema(const char *json, avro_value_t *value)
{
	avro_schema_t schema = NULL;
	avro_value_iface_t *class = NULL;
	int rc = avro_schema_from_json_length(json, strlen(json), &schema);

	if (rc == 0) {
		class = avro_generic_class_from_schema(schema);
		rc = class ? avro_generic_value_new(class, value) : -1;
	}
	if (class)
		avro_value_iface_decref(class);
	if (schema)
		avro_schema_decref(schema);
	return rc;
}

int
encoder_open(
    struct encoder **out, const struct record *type, enum framing framing, int32_t schema_id, struct err *e)
{
	struct encoder *x = xcalloc(1, sizeof *x);

	*out = NULL;
	x->type = type;
	x->framing = framing;
	x->schema_id = schema_id;
	x->writer = avro_writer_memory(NULL, 0);
	if (!x->writer || value_of_schema(encode_schema(type), &x->value) != 0) {
		encoder_close(x);
		return err_set(
		    e, ERR_FATAL, "avro cannot use the schema of %s: %s", type->name, avro_strerror());
	}
	*out = x;
	return 0;
}

void
encoder_close(struct encoder *x)
{
	if (!x)
		return;
	if (x->value.iface)
		avro_value_decref(&x->value);
	if (x->writer)
		avro_writer_free(x->writer);
	buf_free(&x->text);
	free(x);
}

static int
set_text(struct encoder *x, avro_value_t *value, struct str s)
{
	buf_reset(&x->text);
	buf_put(&x->text, s.p, s.len);
	buf_put(&x->text, "", 1);
	return avro_value_set_string_len(value, x->text.p, x->text.len);
}

/* One value that is there. */
static int
set_value(struct encoder *x, avro_value_t *value, const struct field *f, const void *at)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_TEXT_OR_NULL:
	case FIELD_ATTRIBUTES:
		return set_text(x, value, *(const struct str *)at);
	case FIELD_LONG:
	case FIELD_TIME:
	case FIELD_TIME_OR_NULL:
		return avro_value_set_long(value, *(const int64_t *)at);
	case FIELD_INT_OR_NULL:
		return avro_value_set_int(value, *(const int32_t *)at);
	case FIELD_REAL_OR_NULL:
		return avro_value_set_double(value, *(const double *)at);
	case FIELD_BOOL:
		return avro_value_set_boolean(value, *(const bool *)at);
	case FIELD_ENUM:
		return avro_value_set_enum(value, *(const int32_t *)at);
	}
	return -1;
}

static int
set_field(struct encoder *x, const struct field *f, const void *record)
{
	avro_value_t group = x->value, value, branch;
	bool there = field_there(f, record);
	int rc = 0;

	if (f->group)
		rc = avro_value_get_by_name(&x->value, f->group, &group, NULL);
	if (rc == 0)
		rc = avro_value_get_by_name(&group, f->name, &value, NULL);
	if (rc == 0 && avro_value_get_type(&value) == AVRO_UNION) { /* each of ours is null or something */
		rc = avro_value_set_branch(&value, there, &branch);
		if (rc == 0)
			value = branch;
		if (rc == 0 && !there)
			return avro_value_set_null(&value);
	}
	return rc ? rc : set_value(x, &value, f, field_of(f, record));
}

static void
put_frame(const struct encoder *x, struct buf *out)
{
	switch (x->framing) {
	case FRAMING_CONFLUENT:
		buf_put(out, "\0", 1);
		buf_be32(out, x->schema_id);
		break;
	case FRAMING_SINGLE_OBJECT:
		buf_put(out, SINGLE_OBJECT_MARK, sizeof SINGLE_OBJECT_MARK - 1);
		buf_put(out, x->type == &record_event ? FINGERPRINT_FEEDBACK_EVENT : FINGERPRINT_INTERACTION,
		    FINGERPRINT_LEN);
		break;
	default:
		break;
	}
}

int
encode_record(struct encoder *x, const void *record, struct buf *out, struct err *e)
{
	size_t size, start = out->len;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < x->type->n_fields; i++)
		rc = set_field(x, &x->type->fields[i], record);
	if (rc == 0)
		rc = avro_value_sizeof(&x->value, &size);
	if (rc == 0) {
		put_frame(x, out);
		buf_need(out, size);
		avro_writer_memory_set_dest(x->writer, out->p + out->len, (int64_t)size);
		rc = avro_value_write(x->writer, &x->value);
		out->len += size;
	}
	if (rc != 0) {
		out->len = start;
		return err_set(e, ERR_FATAL, "avro cannot write a %s: %s", x->type->name, avro_strerror());
	}
	return 0;
}
