#include "conf.h"

#include "arena.h"
#include "buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY32 "0123456789abcdef0123456789abcdef"

static char root[4096]; /* of the repository */
static char room[] = "/tmp/test_conf.XXXXXX";

static void
write_file(const char *path, const char *text, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static char *
read_all(const char *path)
{
	struct buf b = {0};
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	do {
		buf_need(&b, 4096);
		n = fread(b.p + b.len, 1, 4096, f);
		b.len += n;
	} while (n > 0);
	fclose(f);
	buf_put(&b, "", 1);
	return b.p;
}

/* One configuration out of up to three places, each NULL for nothing; env is NAME=value without AFTERWORD_.
 */
static int
open_with(struct conf *c, const char *file, const char *env, const char *set, struct err *e)
{
	struct conf_args args = {.file = file ? "worker.conf" : NULL, .sets = &set, .nsets = set ? 1 : 0};
	char name[256] = "";
	int rc;

	*e = (struct err){0};
	if (file)
		write_file("worker.conf", file, strlen(file));
	if (env) {
		snprintf(name, sizeof name, "AFTERWORD_%.*s", (int)strcspn(env, "="), env);
		setenv(name, strchr(env, '=') + 1, 1);
	}
	rc = conf_open(c, &args, e);
	if (env)
		unsetenv(name);
	return rc;
}

static void
show_kafka(struct buf *b, const char **dump, size_t n)
{
	for (size_t i = 0; i < n; i += 2)
		if (*dump[i + 1] && strcmp(dump[i], "default_topic_conf") != 0) /* an address */
			buf_printf(b, "kafka.%s=%s\n", dump[i], dump[i + 1]);
	rd_kafka_conf_dump_free(dump, n);
}

/* Everything there is in a configuration, one line each; what is empty counts as not given. */
static char *
show(const struct conf *c)
{
	const struct {
		const char *name, *value;
	} texts[] = {
	    {"group_id", c->group_id},
	    {"group_instance_id", c->group_instance_id},
	    {"brokers", c->brokers},
	    {"topic_interactions", c->topic_interactions},
	    {"topic_feedback", c->topic_feedback},
	    {"topic_dlq", c->topic_dlq},
	    {"registry_url", c->registry_url},
	    {"schema", c->schema},
	    {"resolve_key", c->resolve_key},
	    {"pii_keep", c->pii_keep},
	    {"log_level", c->log_level},
	};
	const struct {
		const char *name;
		int64_t value;
	} numbers[] = {
	    {"decode_bare", c->decode_bare},
	    {"workers", c->workers},
	    {"tolerance_ms", c->tolerance_ms},
	    {"skew_min_ms", c->skew_min_ms},
	    {"batch_max_events", c->batch_max_events},
	    {"batch_max_bytes", c->batch_max_bytes},
	    {"batch_max_wait_ms", c->batch_max_wait_ms},
	    {"dlq_max_consecutive", c->dlq_max_consecutive},
	    {"dlq_max_ratio in hundredths", (int64_t)(100 * c->dlq_max_ratio)},
	    {"limit_copy_chars", c->limit_copy_chars},
	    {"limit_comment_chars", c->limit_comment_chars},
	};
	struct buf b = {0};
	const char **dump;
	size_t n;

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		buf_printf(&b, "%s=%s\n", texts[i].name, texts[i].value ? texts[i].value : "(none)");
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		buf_printf(&b, "%s=%lld\n", numbers[i].name, (long long)numbers[i].value);
	for (size_t i = 0; c->pq_names[i]; i++)
		if (*c->pq_values[i])
			buf_printf(&b, "postgres.%s=%s\n", c->pq_names[i], c->pq_values[i]);
	dump = rd_kafka_conf_dump(c->kafka, &n);
	show_kafka(&b, dump, n);
	dump = rd_kafka_topic_conf_dump(rd_kafka_conf_get_default_topic_conf(c->kafka), &n);
	show_kafka(&b, dump, n);
	buf_put(&b, "", 1);
	return b.p;
}

static bool
has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *p = text; (p = strstr(p, line)); p++)
		if ((p == text || p[-1] == '\n') && p[len] == '\n')
			return true;
	return false;
}

/* What comes out, as show() has it. */
static const struct {
	const char *file, *env, *set, *line;
} taken[] = {
    /* defaults */
    {NULL, NULL, NULL, "brokers=localhost:9092"},
    {NULL, NULL, NULL, "group_id=afterword"},
    {NULL, NULL, NULL, "group_instance_id=(none)"},
    {NULL, NULL, NULL, "topic_interactions=interactions"},
    {NULL, NULL, NULL, "topic_feedback=feedback"},
    {NULL, NULL, NULL, "topic_dlq=feedback.dlq"},
    {NULL, NULL, NULL, "registry_url=(none)"},
    {NULL, NULL, NULL, "schema=afterword"},
    {NULL, NULL, NULL, "resolve_key=(none)"},
    {NULL, NULL, NULL, "pii_keep=_user,_organisation,_prompt,_environment"},
    {NULL, NULL, NULL, "log_level=info"},
    {NULL, NULL, NULL, "decode_bare=0"},
    {NULL, NULL, NULL, "workers=2"},
    {NULL, NULL, NULL, "tolerance_ms=0"},
    {NULL, NULL, NULL, "skew_min_ms=300000"},
    {NULL, NULL, NULL, "batch_max_events=10000"},
    {NULL, NULL, NULL, "batch_max_bytes=8388608"},
    {NULL, NULL, NULL, "batch_max_wait_ms=20"},
    {NULL, NULL, NULL, "dlq_max_consecutive=1000"},
    {NULL, NULL, NULL, "dlq_max_ratio in hundredths=50"},
    {NULL, NULL, NULL, "limit_copy_chars=100000"},
    {NULL, NULL, NULL, "limit_comment_chars=5000"},
    {NULL, NULL, NULL, "postgres.application_name=afterword"},
    {NULL, NULL, NULL, "postgres.connect_timeout=10"},
    {NULL, NULL, NULL, "postgres.target_session_attrs=read-write"},
    {NULL, NULL, NULL, "postgres.keepalives_idle=30"},
    {NULL, NULL, NULL, "postgres.tcp_user_timeout=30000"},
    {NULL, NULL, NULL, "postgres.client_encoding=UTF8"},
    {NULL, NULL, NULL, "kafka.auto.offset.reset=smallest"}, /* an older word for earliest */
    {NULL, NULL, NULL, "kafka.check.crcs=true"},
    {NULL, NULL, NULL, "kafka.queued.max.messages.kbytes=8192"},
    {NULL, NULL, NULL, "kafka.socket.keepalive.enable=true"},
    {NULL, NULL, NULL, "kafka.client.id=afterword"},

    /* how a file is written */
    {"", NULL, NULL, "workers=2"},
    {"\n\n# workers = 3\n  # workers = 4\n", NULL, NULL, "workers=2"},
    {"workers=3", NULL, NULL, "workers=3"},
    {"workers = 3\n", NULL, NULL, "workers=3"},
    {" \t workers\t=\t3 \t \n", NULL, NULL, "workers=3"},
    {"schema = a\r\nworkers = 3\r\n", NULL, NULL, "workers=3"},
    {"schema = a\r\nworkers = 3\r\n", NULL, NULL, "schema=a"},
    {"\xef\xbb\xbfworkers = 3\n", NULL, NULL, "workers=3"},
    {"kafka.ssl.ca.location = a = b # c\n", NULL, NULL, "kafka.ssl.ca.location=a = b # c"},

    /* what is over what */
    {"workers = 3\n", "WORKERS=4", NULL, "workers=4"},
    {"workers = 3\n", "WORKERS=4", "workers=5", "workers=5"},
    {"workers = 3\n", NULL, "workers=5", "workers=5"},
    {"kafka.group.id = a\n", "KAFKA_GROUP_ID=b", NULL, "group_id=b"},
    {"kafka.group.id = a\n", "KAFKA_GROUP_ID=b", "kafka.group.id=c", "kafka.group.id=c"},
    {"postgres.host = a\n", "POSTGRES_HOST=b", NULL, "postgres.host=b"},
    {"postgres.host = a\n", "POSTGRES_HOST=b", "postgres.host=c", "postgres.host=c"},
    {"registry.url = http://a\n", "REGISTRY_URL=", NULL, "registry_url=(none)"},
    {"kafka.sasl.username = a\n", NULL, "kafka.sasl.username=", "kafka.sasl.mechanisms=GSSAPI"},

    /* names in the environment */
    {NULL, "BATCH_MAX_EVENTS=7", NULL, "batch_max_events=7"},
    {NULL, "RESOLVE_CLOCK_TOLERANCE_MS=7", NULL, "tolerance_ms=7"},
    {NULL, "PII_ATTRIBUTES_KEEP=", NULL, "pii_keep="},
    {NULL, "KAFKA_BOOTSTRAP_SERVERS=a:1,b:2", NULL, "brokers=a:1,b:2"},
    {NULL, "KAFKA_FETCH_WAIT_MAX_MS=7", NULL, "kafka.fetch.wait.max.ms=7"},
    {NULL, "POSTGRES_CONNECT_TIMEOUT=7", NULL, "postgres.connect_timeout=7"},
    {NULL, "POSTGRES_SSLMODE=require", NULL, "postgres.sslmode=require"},
    {NULL, "SERVICE_HOST=10.0.0.1", NULL, "workers=2"}, /* orchestrators add such */
    {NULL, "KAFKA_SERVICE_HOST=10.0.0.1", NULL, "workers=2"},
    {NULL, "POSTGRES_SERVICE_HOST=10.0.0.1", NULL, "workers=2"},

    /* values */
    {NULL, NULL, " workers = 3 ", "workers=3"},
    {NULL, NULL, "workers=1", "workers=1"},
    {NULL, NULL, "workers=64", "workers=64"},
    {NULL, NULL, "workers=007", "workers=7"},
    {NULL, NULL, "resolve.skew.min.ms=-1", "skew_min_ms=-1"},
    {NULL, NULL, "resolve.skew.min.ms=1099511627776", "skew_min_ms=1099511627776"},
    {NULL, NULL, "batch.max.bytes=268435456", "batch_max_bytes=268435456"},
    {NULL, NULL, "decode.bare=on", "decode_bare=1"},
    {NULL, NULL, "decode.bare=true", "decode_bare=1"},
    {NULL, NULL, "decode.bare=yes", "decode_bare=1"},
    {"decode.bare = on\n", NULL, "decode.bare=off", "decode_bare=0"},
    {"decode.bare = on\n", NULL, "decode.bare=false", "decode_bare=0"},
    {"decode.bare = on\n", NULL, "decode.bare=no", "decode_bare=0"},
    {NULL, NULL, "registry.url=https://u:p@r/x", "registry_url=https://u:p@r/x"},
    {NULL, NULL, "pii.attributes.keep= a , b c,,\td ", "pii_keep=a,b c,d"},
    {NULL, NULL, "log.level=debug", "log_level=debug"},
    {NULL, NULL, "resolve.key=" KEY32, "resolve_key=" KEY32},
    {NULL, NULL, "resolve.key=file:key", "resolve_key=" KEY32},
    {NULL, NULL, "resolve.key=file:key.crlf", "resolve_key=" KEY32},
    {"resolve.key = " KEY32 "\n", NULL, "resolve.key=", "resolve_key=(none)"},
    {NULL, NULL, "postgres.password=file:lines", "postgres.password=two\nlines\n"},

    /* what the libraries know */
    {NULL, NULL, "kafka.metadata.broker.list=a:1", "brokers=a:1"},
    {NULL, NULL, "kafka.group.instance.id=i", "group_instance_id=i"},
    {NULL, NULL, "kafka.auto.offset.reset=latest", "kafka.auto.offset.reset=largest"},
    {NULL, NULL, "kafka.message.max.bytes=20000000", "kafka.message.max.bytes=20000000"},
    {NULL, NULL, "kafka.linger.ms=0.5", "kafka.queue.buffering.max.ms=0.5"},
    {NULL, NULL, "kafka.linger.ms=20.0", "kafka.queue.buffering.max.ms=20"},
    {NULL, NULL, "kafka.acks=all", "kafka.request.required.acks=-1"},
    {NULL, NULL, "kafka.ssl.ca.location=2024-ca.pem", "kafka.ssl.ca.location=2024-ca.pem"},
    {NULL, NULL, "postgres.application_name=x", "postgres.application_name=x"},
    {NULL, NULL, "postgres.sslrootcert=x", "postgres.sslrootcert=x"},
};

static void
takes(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
		struct conf c;
		struct err e;
		char *shown = NULL;

		if (open_with(&c, taken[i].file, taken[i].env, taken[i].set, &e) == 0) {
			shown = show(&c);
			conf_close(&c);
		}
		if (!shown || !has_line(shown, taken[i].line)) {
			print_error("row %zu, no %s: %s\n", i, taken[i].line, shown ? shown : e.text);
			bad++;
		}
		free(shown);
	}
	assert_int_equal(bad, 0);
}

/* What is wrong, and where. */
static const struct {
	const char *file, *env, *set, *text;
} wrong[] = {
    /* names */
    {"\n# x\nbatch.max.event = 5\n", NULL, NULL,
	"worker.conf:3: unknown option \"batch.max.event\"; did you mean \"batch.max.events\"?"},
    {"\r\nworker=5\r\n", NULL, NULL, "worker.conf:2: unknown option \"worker\"; did you mean \"workers\"?"},
    {NULL, NULL, "kafak.grup.id=x",
	"-o kafak.grup.id: unknown option \"kafak.grup.id\"; did you mean \"kafka.group.id\"?"},
    {NULL, NULL, "kafka.fetch.wait.max=1",
	"-o kafka.fetch.wait.max: unknown option \"kafka.fetch.wait.max\"; did you mean "
	"\"kafka.fetch.wait.max.ms\"?"},
    {NULL, NULL, "postgres.hots=x",
	"-o postgres.hots: unknown option \"postgres.hots\"; did you mean \"postgres.host\"?"},
    {NULL, NULL, "postgres.sslrotcert=x",
	"-o postgres.sslrotcert: unknown option \"postgres.sslrotcert\"; did you mean "
	"\"postgres.sslrootcert\"?"},
    {NULL, NULL, "resolve.kye=" KEY32,
	"-o resolve.kye: unknown option \"resolve.kye\"; did you mean \"resolve.key\"?"},
    {NULL, NULL, "colour=red", "-o colour: unknown option \"colour\""},
    {NULL, NULL, "Workers=3", "-o Workers: unknown option \"Workers\"; did you mean \"workers\"?"},
    {NULL, NULL, "kafka.=x", "-o kafka.: unknown option \"kafka.\""},
    {NULL, NULL, "postgres.=x", "-o postgres.: unknown option \"postgres.\""},
    {"workers = 3\n#\nworkers = 3\n", NULL, NULL, "worker.conf:3: \"workers\" was given in line 1 already"},
    {"\npostgres.host=a\npostgres.host=b\n", NULL, NULL,
	"worker.conf:3: \"postgres.host\" was given in line 2 already"},

    /* lines */
    {"workers 3\n", NULL, NULL, "worker.conf:1: no \"=\" between name and value"},
    {"\n = 3\n", NULL, NULL, "worker.conf:2: no name before the \"=\""},
    {"[worker]\n", NULL, NULL, "worker.conf:1: no \"=\" between name and value"},
    {NULL, NULL, "workers", "-o workers: no \"=\" between name and value"},
    {NULL, NULL, "=3", "-o =3: no name before the \"=\""},

    /* numbers */
    {NULL, NULL, "workers=0", "-o workers=0: \"0\" is not between 1 and 64"},
    {NULL, "WORKERS=65", NULL, "AFTERWORD_WORKERS: \"65\" is not between 1 and 64"},
    {"workers = -1\n", NULL, NULL, "worker.conf:1: \"-1\" is not between 1 and 64"},
    {NULL, NULL, "workers=", "-o workers=: \"\" is not a whole number"},
    {NULL, NULL, "workers=-", "-o workers=-: \"-\" is not a whole number"},
    {NULL, NULL, "workers=+3", "-o workers=+3: \"+3\" is not a whole number"},
    {NULL, NULL, "workers=0x3", "-o workers=0x3: \"0x3\" is not a whole number"},
    {NULL, NULL, "workers=3.0", "-o workers=3.0: \"3.0\" is not a whole number"},
    {"workers = 3 # three\n", NULL, NULL, "worker.conf:1: \"3 # three\" is not a whole number"},
    {NULL, NULL, "workers=18446744073709551617",
	"-o workers=18446744073709551617: \"18446744073709551617\" is not between 1 and 64"},
    {NULL, NULL, "resolve.skew.min.ms=-2",
	"-o resolve.skew.min.ms=-2: \"-2\" is not between -1 and 1099511627776"},
    {NULL, NULL, "resolve.clock.tolerance.ms=86400001",
	"-o resolve.clock.tolerance.ms=86400001: \"86400001\" is not between 0 and 86400000"},
    {NULL, NULL, "batch.max.bytes=1023",
	"-o batch.max.bytes=1023: \"1023\" is not between 1024 and 268435456"},

    /* the rest of ours */
    {NULL, NULL, "decode.bare=maybe", "-o decode.bare=maybe: \"maybe\" is neither on nor off"},
    {NULL, NULL, "decode.bare=", "-o decode.bare=: \"\" is neither on nor off"},
    {NULL, NULL, "log.level=loud", "-o log.level=loud: \"loud\" is not error, warn, info or debug"},
    {NULL, NULL,
	"topics.dlq=", "-o topics.dlq=: \"\" is no name of a topic (letters, digits, '.', '_', '-')"},
    {NULL, NULL, "topics.dlq=^a",
	"-o topics.dlq=^a: \"^a\" is no name of a topic (letters, digits, '.', '_', '-')"},
    {NULL, NULL, "topics.dlq=..",
	"-o topics.dlq=..: \"..\" is no name of a topic (letters, digits, '.', '_', '-')"},
    {NULL, NULL, "topics.dlq=feedback", "topics.dlq and topics.feedback are both \"feedback\""},
    {NULL, NULL, "topics.dlq=interactions", "topics.dlq and topics.interactions are both \"interactions\""},
    {NULL, NULL, "topics.feedback=interactions",
	"topics.interactions and topics.feedback are both \"interactions\""},
    {NULL, NULL, "schema=a-b",
	"-o schema=a-b: \"a-b\" is no name of a schema (small letters, digits, '_'; at most 63, not pg_...)"},
    {NULL, NULL, "schema=pg_x",
	"-o schema=pg_x: \"pg_x\" is no name of a schema (small letters, digits, '_'; at most 63, not "
	"pg_...)"},
    {NULL, NULL, "registry.url=u:secret@registry",
	"-o registry.url: not a URL that begins with http:// or https://"},

    /* secrets */
    {NULL, NULL, "resolve.key=secret", "-o resolve.key: \"resolve.key\" has 6 characters, needs at least 32"},
    {"resolve.key = secret\n", NULL, NULL,
	"worker.conf:1: \"resolve.key\" has 6 characters, needs at least 32"},
    {NULL, "RESOLVE_KEY=file:word", NULL,
	"AFTERWORD_RESOLVE_KEY: \"resolve.key\" has 6 characters, needs at least 32"},
    {NULL, NULL, "resolve.key=file:wide",
	"-o resolve.key: \"resolve.key\" has 16 characters, needs at least 32"},
    {NULL, NULL, "resolve.key=file:none", "-o resolve.key: cannot read \"none\": No such file or directory"},
    {NULL, NULL, "resolve.key=file:.", "-o resolve.key: cannot read \".\": Is a directory"},
    {NULL, NULL, "resolve.key=file:empty", "-o resolve.key: \"empty\" is empty"},
    {NULL, NULL, "postgres.password=file:zero", "-o postgres.password: \"zero\" holds a zero byte"},
    {NULL, NULL, "kafka.sasl.password=file:none",
	"-o kafka.sasl.password: cannot read \"none\": No such file or directory"},
    {NULL, NULL, "kafka.ssl.key.password=file:none",
	"-o kafka.ssl.key.password: cannot read \"none\": No such file or directory"},
    {NULL, NULL, "kafka.ssl.keystore.password=file:none",
	"-o kafka.ssl.keystore.password: cannot read \"none\": No such file or directory"},

    /* what librdkafka says, and what is not up to it */
    {"kafka.check.crcs = maybe\n", NULL, NULL,
	"worker.conf:1: librdkafka refuses it: Expected bool value for \"check.crcs\": true or false"},
    {NULL, "KAFKA_FETCH_WAIT_MAX_MS=-1", NULL,
	"AFTERWORD_KAFKA_FETCH_WAIT_MAX_MS: librdkafka refuses it: Configuration property "
	"\"fetch.wait.max.ms\" value -1 is outside allowed range 0..300000"},
    {NULL, NULL, "kafka.fetch.max.bytes=8MB",
	"-o kafka.fetch.max.bytes: \"8MB\" is not a number that \"kafka.fetch.max.bytes\" can hold"},
    {NULL, NULL, "kafka.fetch.max.bytes=4294967297",
	"-o kafka.fetch.max.bytes: \"4294967297\" is not a number that \"kafka.fetch.max.bytes\" can hold"},
    {NULL, NULL, "kafka.group.id=", "kafka.group.id is empty"},
    {NULL, NULL, "kafka.bootstrap.servers=", "kafka.bootstrap.servers is empty"},
    {NULL, NULL, "kafka.acks=1",
	"-o kafka.acks: \"kafka.acks\" must be all: a dead letter that not all replicas have can be lost"},
    {NULL, NULL, "kafka.delivery.report.only.error=true",
	"-o kafka.delivery.report.only.error: \"kafka.delivery.report.only.error\" must be false: a dead "
	"letter is "
	"waited for until it is said to be there"},
    {NULL, NULL, "kafka.enable.auto.commit=true",
	"-o kafka.enable.auto.commit: \"kafka.enable.auto.commit\" cannot be configured: "
	"offsets are committed only after Postgres has committed"},
    {"kafka.enable.auto.offset.store = false\n", NULL, NULL,
	"worker.conf:1: \"kafka.enable.auto.offset.store\" cannot be configured: "
	"offsets are stored only after Postgres has committed"},
    {NULL, "KAFKA_ENABLE_PARTITION_EOF=true", NULL,
	"AFTERWORD_KAFKA_ENABLE_PARTITION_EOF: \"kafka.enable.partition.eof\" cannot be configured: "
	"it is switched on where the end of a partition matters"},
    {NULL, NULL, "postgres.client_encoding=LATIN1",
	"-o postgres.client_encoding: \"postgres.client_encoding\" cannot be configured: everything is sent "
	"as UTF-8"},
};

static void
refuses(void **state)
{
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct conf c;
		struct err e;
		int rc = open_with(&c, wrong[i].file, wrong[i].env, wrong[i].set, &e);

		if (rc < 0 && e.kind == ERR_CONFIG && !strcmp(e.text, wrong[i].text))
			continue;
		print_error("wanted: %s\n   got: %s\n", wrong[i].text, rc == 0 ? "fine" : e.text);
		if (rc == 0)
			conf_close(&c);
		bad++;
	}
	assert_int_equal(bad, 0);
}

static int
open_file(const char *path, struct err *e)
{
	struct conf c;
	struct conf_args args = {.file = path};
	int rc = conf_open(&c, &args, e);

	if (rc == 0)
		conf_close(&c);
	return rc;
}

/* Files that no string literal can hold. */
static void
refuses_files(void **state)
{
	size_t len = 1024 * 1024 + 1;
	char *big = malloc(len);
	struct err e;

	(void)state;
	assert_int_equal(open_file("none.conf", &e), -1);
	assert_string_equal(e.text, "cannot read \"none.conf\": No such file or directory");
	assert_int_equal(open_file("/tmp", &e), -1);
	assert_string_equal(e.text, "cannot read \"/tmp\": Is a directory");
	assert_int_equal(open_file("/dev/zero", &e), -1);
	assert_string_equal(e.text, "\"/dev/zero\" is larger than 1048576 bytes");

	write_file("x.conf", "schema = a\nworkers\0 = 3\n", 24);
	assert_int_equal(open_file("x.conf", &e), -1);
	assert_string_equal(e.text, "x.conf:2: a zero byte: not a text file");

	memset(big, 'x', len);
	write_file("x.conf", big, len);
	assert_int_equal(open_file("x.conf", &e), -1);
	assert_string_equal(e.text, "\"x.conf\" is larger than 1048576 bytes");
	write_file("x.conf", big, len - 1);
	assert_int_equal(open_file("x.conf", &e), -1);
	assert_string_equal(e.text, "x.conf:1: no \"=\" between name and value");
	big[0] = '#';
	write_file("x.conf", big, len - 1);
	assert_int_equal(open_file("x.conf", &e), 0);
	memcpy(big, "xx=", 3);
	write_file("x.conf", big, len - 1);
	assert_int_equal(open_file("x.conf", &e), -1);
	assert_string_equal(e.text, "x.conf:1: unknown option \"xx\"");
	memcpy(big + len - 5, "=", 2); /* a name that fills more than a message */
	big[2] = 'x';
	write_file("x.conf", big, len - 4);
	assert_int_equal(open_file("x.conf", &e), -1);
	assert_memory_equal(e.text, "x.conf:1: unknown option \"xxxxxx", 31);
	free(big);
}

/* -o given twice: the last one counts. */
static void
last_set_counts(void **state)
{
	const char *const sets[] = {"workers=3", "schema=a", "workers=4"};
	struct conf_args args = {.sets = sets, .nsets = 3};
	struct conf c;
	struct err e;

	(void)state;
	assert_int_equal(conf_open(&c, &args, &e), 0);
	assert_int_equal(c.workers, 4);
	assert_string_equal(c.schema, "a");
	conf_close(&c);
	conf_close(&c); /* always safe */
}

/* libpq's own variables are over our defaults, but not over what was given. */
static void
respects_pq_environment(void **state)
{
	struct conf c;
	struct err e;
	char *shown;

	(void)state;
	setenv("PGAPPNAME", "mine", 1);
	setenv("PGCLIENTENCODING", "LATIN1", 1);
	assert_int_equal(open_with(&c, NULL, NULL, NULL, &e), 0);
	shown = show(&c);
	assert_null(strstr(shown, "postgres.application_name="));
	assert_true(has_line(shown, "postgres.client_encoding=UTF8"));
	free(shown);
	conf_close(&c);
	assert_int_equal(open_with(&c, "postgres.application_name = x\n", NULL, NULL, &e), 0);
	shown = show(&c);
	assert_true(has_line(shown, "postgres.application_name=x"));
	free(shown);
	conf_close(&c);
	unsetenv("PGAPPNAME");
	unsetenv("PGCLIENTENCODING");
}

/* The instance id belongs to single consumers, so it is not in what all of them share. */
static void
keeps_instance_id_apart(void **state)
{
	struct conf c;
	struct err e;
	char *shown;

	(void)state;
	assert_int_equal(open_with(&c, NULL, NULL, "kafka.group.instance.id=i", &e), 0);
	shown = show(&c);
	assert_null(strstr(shown, "kafka.group.instance.id="));
	free(shown);
	conf_close(&c);
}

static void
hands_secrets_on(void **state)
{
	static const char *const sets[] = {"kafka.sasl.password=secret", "kafka.sasl.password=file:word"};
	char value[64];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		size_t size = sizeof value;
		struct conf c;
		struct err e;

		assert_int_equal(open_with(&c, NULL, NULL, sets[i], &e), 0);
		assert_int_equal(rd_kafka_conf_get(c.kafka, "sasl.password", value, &size), RD_KAFKA_CONF_OK);
		assert_string_equal(value, "secret");
		conf_close(&c);
	}
}

/* librdkafka checks some things only when a client is made. */
static const char *const client_sets[] = {
    "workers=2",
    "kafka.message.max.bytes=20000000",
    "kafka.queued.max.messages.kbytes=65536",
    "kafka.fetch.max.bytes=52428800",
};

static void
makes_clients(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof client_sets / sizeof *client_sets; i++)
		for (int type = 0; type < 2; type++) {
			struct conf c;
			struct err e;
			char text[512] = "";
			rd_kafka_conf_t *kafka;
			rd_kafka_t *rk;

			assert_int_equal(open_with(&c, NULL, NULL, client_sets[i], &e), 0);
			kafka = rd_kafka_conf_dup(c.kafka);
			rd_kafka_conf_set(kafka, "log_level", "0", NULL, 0); /* there is no broker */
			rk = rd_kafka_new(
			    type ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER, kafka, text, sizeof text);
			assert_string_equal(text, "");
			assert_non_null(rk);
			rd_kafka_destroy(rk);
			conf_close(&c);
		}
}

static char *
help(void)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	conf_help(f);
	fclose(f);
	return text;
}

/* worker.conf is what help prints, and changes nothing. */
static void
sample_is_help(void **state)
{
	char path[sizeof root + 16];
	char *sample, *printed = help();

	(void)state;
	snprintf(path, sizeof path, "%s/worker.conf", root);
	sample = read_all(path);
	assert_string_equal(sample, printed); /* afterword help options >worker.conf */
	free(sample);
	free(printed);
}

/* Both shown alike; names the first line that is not. */
static void
assert_alike(const char *shown, const char *wanted)
{
	size_t at = 0;

	for (size_t i = 0; shown[i] && shown[i] == wanted[i]; i++)
		if (shown[i] == '\n')
			at = i + 1;
	if (strcmp(shown, wanted) != 0)
		fail_msg("%.*s is not %.*s", (int)strcspn(shown + at, "\n"), shown + at,
		    (int)strcspn(wanted + at, "\n"), wanted + at);
}

/* With every line of it made active it still changes nothing: the defaults there are the defaults. */
static void
sample_is_defaults(void **state)
{
	struct conf c;
	struct err e;
	char *defaults, *shown, *text = help();
	int active = 0;

	(void)state;
	assert_int_equal(open_with(&c, NULL, NULL, NULL, &e), 0);
	defaults = show(&c);
	conf_close(&c);

	assert_int_equal(open_with(&c, text, NULL, NULL, &e), 0);
	shown = show(&c);
	assert_alike(shown, defaults);
	free(shown);
	conf_close(&c);

	for (char *p = text; *p; p++)
		if (p[0] == '\n' && p[1] == '#' && p[2] != ' ') {
			p[1] = ' ';
			active++;
		}
	assert_true(active > 40);
	if (open_with(&c, text, NULL, NULL, &e) < 0)
		fail_msg("%s", e.text);
	shown = show(&c);
	assert_alike(shown, defaults);
	free(shown);
	conf_close(&c);
	free(defaults);
	free(text);
}

static int
enter(void **state)
{
	(void)state;
	clearenv(); /* nobody else's AFTERWORD_ or PG variables */
	if (!getcwd(root, sizeof root) || !mkdtemp(room) || chdir(room) < 0)
		return -1;
	write_file("word", "secret\n", 7);
	write_file("key", KEY32 "\n", 33);
	write_file("key.crlf", KEY32 "\r\n", 34);
	write_file("wide",
	    "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
	    "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
	    32);
	write_file("lines", "two\nlines\n\n", 11);
	write_file("empty", "\n", 1);
	write_file("zero", "a\0b", 3);
	return 0;
}

static int
leave(void **state)
{
	static const char *const files[] = {
	    "word", "key", "key.crlf", "wide", "lines", "empty", "zero", "x.conf", "worker.conf"};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		unlink(files[i]);
	return chdir("/") < 0 ? -1 : rmdir(room);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(takes),
	    cmocka_unit_test(refuses),
	    cmocka_unit_test(refuses_files),
	    cmocka_unit_test(last_set_counts),
	    cmocka_unit_test(respects_pq_environment),
	    cmocka_unit_test(keeps_instance_id_apart),
	    cmocka_unit_test(hands_secrets_on),
	    cmocka_unit_test(makes_clients),
	    cmocka_unit_test(sample_is_help),
	    cmocka_unit_test(sample_is_defaults),
	};

	return cmocka_run_group_tests(tests, enter, leave);
}
