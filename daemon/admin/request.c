/* SPDX-License-Identifier: MIT */
/* Query members are read, and errors and lists become answers, here. */
#include "admin/request.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "admin/context.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"

#define LIST_LIMIT 100
#define LIST_LIMIT_MAX 1000

void request_init(struct admin_request *r, struct admin *admin)
{
	memset(r, 0, sizeof(*r));
	r->admin = admin;
	buf_init(&r->answer_text, ADMIN_ANSWER_MAX);
}

void request_release(struct admin_request *r)
{
	json_decref(r->body);
	json_decref(r->answer);
	buf_release(&r->answer_text);
}

int query_int(const struct admin_request *r, const char *name, int64_t min, int64_t max, int64_t *ret,
	      struct err *err)
{
	const char *text = r->query(r, name);
	char *end;
	long long n;

	if (text == NULL || *text == '\0')
		return 0;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (*end != '\0' || errno != 0 || n < min || n > max)
		return err_set(err, ERR_INVALID, "%s: expected a whole number from %lld to %lld, found %.40s", name,
			       (long long)min, (long long)max, text);
	*ret = n;
	return 0;
}

int query_time(const struct admin_request *r, const char *name, int64_t *ret_ms, struct err *err)
{
	const char *text = r->query(r, name);

	if (text == NULL || *text == '\0')
		return 0;
	if (!clock_parse(text, clock_wall_ms(), ret_ms))
		return err_set(err, ERR_INVALID,
			       "%s: expected a time such as 2026-12-31, 2026-12-31T12:00:00Z or 7d, found %.40s", name,
			       text);
	return 0;
}

bool query_bool(const struct admin_request *r, const char *name)
{
	const char *text = r->query(r, name);

	return text != NULL &&
	       (strcmp(text, "1") == 0 || strcmp(text, "true") == 0 || strcmp(text, "yes") == 0);
}

int query_word(const struct admin_request *r, const char *name, const char *const *words,
	       const char **ret, struct err *err)
{
	const char *text = r->query(r, name), *near;

	*ret = NULL;
	if (text == NULL || *text == '\0')
		return 0;
	for (const char *const *w = words; *w != NULL; w++)
		if (strcmp(*w, text) == 0) {
			*ret = *w;
			return 0;
		}
	near = text_suggest(text, words);
	return err_set(err, ERR_INVALID, "%s: no such choice as %.40s; did you mean %s?", name, text,
		       near != NULL ? near : words[0]);
}

json_t *percent_json(int64_t part, int64_t whole)
{
	return whole > 0 ? json_real((double)((part * 1000 + whole / 2) / whole) / 10.0) : NULL;
}

/* -- errors -------------------------------------------------------------------------------------- */

static const struct failure {
	enum err_code code;
	unsigned status;
	const char *name;
} failures[] = {
	{ERR_INVALID, 400, "invalid"},        {ERR_NOT_FOUND, 404, "not_found"},
	{ERR_CONFLICT, 409, "conflict"},      {ERR_SYSTEM, 503, "storage_error"},
	{ERR_FULL, 400, "invalid"},           {ERR_FORBIDDEN, 403, "forbidden"},
};

static const struct failure *failure_of(enum err_code code)
{
	for (size_t i = 0; i < ARRAY_LEN(failures); i++)
		if (failures[i].code == code)
			return &failures[i];
	return &failures[3];
}

/* Sentences about a member begin with its name: "rpm: expected a whole number". */
static json_t *field_of(const char *sentence)
{
	size_t len = 0;

	while (islower((unsigned char)sentence[len]) || isdigit((unsigned char)sentence[len]) ||
	       sentence[len] == '_')
		len++;
	return len > 0 && sentence[len] == ':' && sentence[len + 1] == ' ' ? json_stringn(sentence, len) : NULL;
}

static void fail(struct admin_request *r, unsigned status, const char *code, const char *message,
		 json_t *field, json_t *current)
{
	json_t *error = json_object(), *answer = json_object();
	struct buf clean;

	buf_init(&clean, 4 * sizeof(((struct err *)0)->text));
	text_clean(&clean, message, strlen(message), false);
	json_add_text(error, "code", code);
	json_add_text(error, "message", clean.data);
	json_add(error, "field", field);
	json_add(answer, "error", error);
	if (current != NULL)
		json_add(answer, "current", current);
	buf_release(&clean);
	json_decref(r->answer);
	r->answer = answer;
	r->content_type = NULL;
	r->status = status;
}

void request_fail(struct admin_request *r, const struct err *err, json_t *current)
{
	const struct failure *f = failure_of(err->code);

	fail(r, f->status, f->name, err->text, f->status == 400 ? field_of(err->text) : NULL, current);
}

void request_fail_as(struct admin_request *r, unsigned status, const char *code, const char *message)
{
	fail(r, status, code, message, NULL, NULL);
}

/* -- lists --------------------------------------------------------------------------------------- */

static bool matches(json_t *item, const char *member, const char *filter)
{
	const char *text = json_text_peek(item, member);

	return text != NULL && strcasestr(text, filter) != NULL;
}

static void keep_matching(json_t *items, const char *member, const char *filter)
{
	for (size_t i = json_array_size(items); i-- > 0;)
		if (!matches(json_array_get(items, i), member, filter))
			json_array_remove(items, i);
}

struct sort_entry {
	json_t *item;           /* borrowed */
	json_t *value;          /* borrowed; NULL or null: unknown, goes last whichever way */
	size_t place;           /* as it was: equal items keep their order */
	bool descending;
};

/* Amounts and counts that are kept as decimal strings sort as what they are. */
static int compare_texts(const char *a, const char *b)
{
	int64_t x, y;

	if (money_parse(a, false, &x) && money_parse(b, false, &y))
		return (x > y) - (x < y);
	return strcasecmp(a, b);
}

static int compare_values(const json_t *a, const json_t *b)
{
	if (json_is_string(a) && json_is_string(b))
		return compare_texts(json_string_value(a), json_string_value(b));
	if (json_is_number(a) && json_is_number(b)) {
		double x = json_number_value(a), y = json_number_value(b);

		return (x > y) - (x < y);
	}
	if (json_is_array(a) && json_is_array(b))
		return (json_array_size(a) > json_array_size(b)) - (json_array_size(a) < json_array_size(b));
	return json_is_true(a) - json_is_true(b);
}

static bool is_unknown(const json_t *value)
{
	return value == NULL || json_is_null(value);
}

static int compare_entries(const void *pa, const void *pb)
{
	const struct sort_entry *a = pa, *b = pb;
	int order = is_unknown(a->value) - is_unknown(b->value);

	if (order != 0)
		return order;
	if (!is_unknown(a->value))
		order = compare_values(a->value, b->value);
	if (order != 0)
		return a->descending ? -order : order;
	return a->place < b->place ? -1 : 1;
}

static int sort_items(json_t *items, const char *sort, struct err *err)
{
	size_t n = json_array_size(items);
	struct sort_entry *entries;
	bool descending = *sort == '-';
	json_t *sorted;

	sort += descending;
	if (n == 0)
		return 0;
	if (json_object_get(json_array_get(items, 0), sort) == NULL)
		return err_set(err, ERR_INVALID, "sort: these have no field %.40s", sort);
	entries = xcalloc(n, sizeof(*entries));
	for (size_t i = 0; i < n; i++) {
		json_t *item = json_array_get(items, i);

		entries[i] = (struct sort_entry){item, json_object_get(item, sort), i, descending};
	}
	qsort(entries, n, sizeof(*entries), compare_entries);
	sorted = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append(sorted, entries[i].item);
	json_array_clear(items);
	json_array_extend(items, sorted);
	json_decref(sorted);
	free(entries);
	return 0;
}

static json_t *viewport(const json_t *items, size_t offset, size_t limit)
{
	json_t *shown = json_array();

	for (size_t i = offset; i < json_array_size(items) && i - offset < limit; i++)
		json_array_append(shown, json_array_get(items, i));
	return shown;
}

int request_answer_list(struct admin_request *r, json_t *items, const char *name_member, struct err *err)
{
	const char *filter = r->query(r, "filter"), *sort = r->query(r, "sort");
	int64_t limit = LIST_LIMIT, offset = 0;
	int rc;

	rc = query_int(r, "limit", 0, LIST_LIMIT_MAX, &limit, err);
	if (rc == 0)
		rc = query_int(r, "offset", 0, INT32_MAX, &offset, err);
	if (filter != NULL && *filter != '\0')
		keep_matching(items, name_member, filter);
	if (rc == 0 && sort != NULL && *sort != '\0')
		rc = sort_items(items, sort, err);
	if (rc == 0) {
		r->answer = json_object();
		json_add(r->answer, "items", viewport(items, (size_t)offset, (size_t)limit));
		json_add_int(r->answer, "total", (int64_t)json_array_size(items));
		json_add_int(r->answer, "generation", admin_generation(r->admin));
	}
	json_decref(items);
	return rc;
}
