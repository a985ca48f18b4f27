#include "registry.h"

#include "arena.h"
#include "buf.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define CONNECT_MS 3000L
#define ANSWER_MS  10000L
#define ANSWER_MAX (8u * 1024 * 1024)
#define TYPE	   "application/vnd.schemaregistry.v1+json"

/* Only read after it is opened, so threads need no lock; each call has a connection of its own, for they are
 * rare. */
struct registry {
	char *url;   /* without '/' at its end */
	char *shown; /* without user and password */
};

struct answer {
	long status;
	bool too_long;
	struct buf body;
	json_t *json; /* NULL: the body is none */
};

static void
answer_free(struct answer *answer)
{
	json_decref(answer->json);
	buf_free(&answer->body);
}

/* The url without what must not be logged; NULL where it is none that we take. */
static char *
url_shown(const char *url)
{
	CURLU *u = curl_url();
	char *part = NULL, *shown = NULL;

	if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &part, 0) == CURLUE_OK &&
	    (!strcmp(part, "http") || !strcmp(part, "https")) &&
	    curl_url_set(u, CURLUPART_USER, NULL, 0) == CURLUE_OK &&
	    curl_url_set(u, CURLUPART_PASSWORD, NULL, 0) == CURLUE_OK) {
		curl_free(part);
		part = NULL;
		if (curl_url_get(u, CURLUPART_URL, &part, 0) == CURLUE_OK)
			shown = xstrdup(part);
	}
	curl_free(part);
	curl_url_cleanup(u);
	return shown;
}

static void
cut_slashes(char *url)
{
	size_t n = strlen(url);

	while (n > 0 && url[n - 1] == '/')
		url[--n] = '\0';
}

int
registry_open(struct registry **out, const char *url, struct err *e)
{
	struct registry *r;
	char *shown;

	*out = NULL;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, ERR_FATAL, "libcurl does not start");
	shown = url_shown(url);
	if (!shown) {
		curl_global_cleanup();
		return err_set(e, ERR_CONFIG, "\"registry.url\" is no http:// or https:// url");
	}
	r = xcalloc(1, sizeof *r);
	r->url = xstrdup(url);
	r->shown = shown;
	cut_slashes(r->url);
	cut_slashes(r->shown);
	*out = r;
	return 0;
}

void
registry_close(struct registry *r)
{
	if (!r)
		return;
	free(r->url);
	free(r->shown);
	free(r);
	curl_global_cleanup();
}

static size_t
take(char *p, size_t size, size_t n, void *arg)
{
	struct answer *answer = arg;

	if (answer->body.len + size * n > ANSWER_MAX) {
		answer->too_long = true;
		return 0;
	}
	buf_put(&answer->body, p, size * n);
	return size * n;
}

/* Who waits for an answer: zeroed, nobody in particular. */
struct waiter {
	registry_wait_fn *wait;
	void *arg;
};

static int
waiting(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	const struct waiter *w = arg;
	struct err ignored;

	(void)a, (void)b, (void)c, (void)d;
	return w->wait && w->wait(w->arg, 1, &ignored) < 0;
}

static CURLcode
prepare(CURL *curl, const struct waiter *w, const char *url, const char *body, struct answer *answer)
{
	CURLcode rc = CURLE_OK;

#define SET(option, value)  \
	if (rc == CURLE_OK) \
	rc = curl_easy_setopt(curl, option, value)
	SET(CURLOPT_URL, url);
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_NOSIGNAL, 1L); /* signals and threads do not mix */
	SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS, ANSWER_MS);
	SET(CURLOPT_USERAGENT, "afterword");
	SET(CURLOPT_WRITEFUNCTION, take);
	SET(CURLOPT_WRITEDATA, answer);
	SET(CURLOPT_XFERINFOFUNCTION, waiting);
	SET(CURLOPT_XFERINFODATA, (void *)w);
	SET(CURLOPT_NOPROGRESS, 0L);
	if (body)
		SET(CURLOPT_POSTFIELDS, body);
#undef SET
	return rc;
}

/* GET where body is NULL, else POST. Returns -1 only where there is no answer. */
static int
ask(struct registry *r, const char *path, const char *body, const struct waiter *w, struct answer *answer,
    struct err *e)
{
	char why[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = NULL;
	struct buf url = {0};
	CURL *curl = curl_easy_init();
	CURLcode rc;

	if (!curl)
		return err_set(e, ERR_FATAL, "libcurl does not start");
	buf_printf(&url, "%s%s", r->url, path);
	headers = curl_slist_append(headers, "Accept: " TYPE ", application/json");
	headers = curl_slist_append(headers, "Content-Type: " TYPE);
	headers = curl_slist_append(headers, "Expect:");
	rc = prepare(curl, w, url.p, body, answer);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	if (rc == CURLE_OK)
		rc = curl_easy_perform(curl);
	if (rc == CURLE_OK)
		rc = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	buf_free(&url);
	if (answer->too_long)
		return err_set(e, ERR_AGAIN, "registry %s: an answer of more than 8 MB", r->shown);
	if (rc != CURLE_OK)
		return err_set(
		    e, ERR_AGAIN, "registry %s: %s", r->shown, why[0] ? why : curl_easy_strerror(rc));
	answer->json = json_loadb(answer->body.p ? answer->body.p : "", answer->body.len, 0, NULL);
	return 0;
}

/* The registry's own words for a status that we cannot use, on one line. */
static int
refused(const struct registry *r, enum err_kind kind, const struct answer *answer, struct err *e)
{
	const char *said = json_string_value(json_object_get(answer->json, "message"));
	char line[256];
	size_t n = 0;

	for (; said && said[n] && n < sizeof line - 1; n++)
		line[n] = (unsigned char)said[n] < ' ' ? ' ' : said[n];
	line[n] = '\0';
	return err_set(
	    e, kind, "registry %s: it answered %ld%s%s", r->shown, answer->status, n ? ": " : "", line);
}

static int
unlike(const struct registry *r, const char *what, struct err *e)
{
	return err_set(e, ERR_AGAIN,
	    "registry %s: its answer is not %s; is \"registry.url\" the base of the API?", r->shown, what);
}

static int
read_schema(const struct registry *r, const struct answer *answer, enum registry_answer *found,
    char **schema_json, struct err *e)
{
	const char *schema = json_string_value(json_object_get(answer->json, "schema"));
	const json_t *type = json_object_get(answer->json, "schemaType");
	const json_t *references = json_object_get(answer->json, "references");

	if (answer->status == 404) {
		*found = REGISTRY_NO_SUCH_ID;
		return 0;
	}
	if (answer->status != 200)
		return refused(r, ERR_AGAIN, answer, e);
	if (!schema)
		return unlike(r, "a schema", e);
	if ((json_is_string(type) && strcmp(json_string_value(type), "AVRO") != 0) ||
	    json_array_size(references) > 0) {
		*found = REGISTRY_NOT_AVRO;
		return 0;
	}
	*found = REGISTRY_FOUND;
	*schema_json = xstrdup(schema);
	return 0;
}

int
registry_fetch(struct registry *r, int32_t id, enum registry_answer *found, char **schema_json,
    registry_wait_fn *wait, void *wait_arg, struct err *e)
{
	const struct waiter w = {wait, wait_arg};
	struct answer answer = {0};
	char path[64];
	int rc;

	*schema_json = NULL;
	if (id < 0) { /* no registry gives these, and some answer nonsense instead of 404 */
		*found = REGISTRY_NO_SUCH_ID;
		return 0;
	}
	snprintf(path, sizeof path, "/schemas/ids/%d", (int)id);
	rc = ask(r, path, NULL, &w, &answer, e);
	if (rc == 0)
		rc = read_schema(r, &answer, found, schema_json, e);
	answer_free(&answer);
	return rc;
}

static int
read_id(const struct registry *r, const struct answer *answer, int32_t *id, struct err *e)
{
	const json_t *given = json_object_get(answer->json, "id");

	if (answer->status == 409 || answer->status == 422)
		return refused(r, ERR_FATAL, answer, e);
	if (answer->status != 200)
		return refused(r, ERR_AGAIN, answer, e);
	if (!json_is_integer(given) || json_integer_value(given) < 0 || json_integer_value(given) > INT32_MAX)
		return unlike(r, "a schema id", e);
	*id = (int32_t)json_integer_value(given);
	return 0;
}

int
registry_register(
    struct registry *r, const char *subject, const char *schema_json, int32_t *id, struct err *e)
{
	struct answer answer = {0};
	struct buf path = {0};
	char *escaped = curl_easy_escape(NULL, subject, 0);
	json_t *request = json_pack("{s:s}", "schema", schema_json);
	char *body = request ? json_dumps(request, JSON_COMPACT) : NULL;
	int rc;

	if (escaped && body) {
		buf_printf(&path, "/subjects/%s/versions", escaped);
		rc = ask(r, path.p, body, &(struct waiter){0}, &answer, e);
		if (rc == 0)
			rc = read_id(r, &answer, id, e);
	} else {
		rc = err_set(e, ERR_FATAL, "subject \"%s\" or its schema is not UTF-8", subject);
	}
	answer_free(&answer);
	buf_free(&path);
	free(body);
	json_decref(request);
	curl_free(escaped);
	return rc;
}

int
registry_ping(struct registry *r, struct err *e)
{
	struct answer answer = {0};
	int rc = ask(r, "/subjects", NULL, &(struct waiter){0}, &answer, e);

	if (rc == 0 && answer.status != 200)
		rc = refused(r, ERR_AGAIN, &answer, e);
	else if (rc == 0 && !json_is_array(answer.json))
		rc = unlike(r, "a list of subjects", e);
	answer_free(&answer);
	return rc;
}
