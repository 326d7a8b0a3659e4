/* SPDX-License-Identifier: MIT */
/* Questions about spending and about calls are put to the ledger here. */
#include <stdlib.h>
#include <string.h>

#include "admin/context.h"
#include "admin/objects.h"
#include "admin/request.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "store/ledger_store.h"

#define DAY_MS INT64_C(86400000)
#define SPEND_ROWS_MAX 100000
#define CALLS_LIMIT 100
#define CALLS_LIMIT_MAX 1000

static const char *const dimensions[] = {"team", "key", "model", "provider", "app", "tag", "user", NULL};
static const char *const buckets[] = {"minute", "hour", "day", NULL};

/* "team,model"; "day" among them is the bucket. */
static int read_by(const struct admin_request *r, char *words, struct spend_query *q, struct err *err)
{
	size_t n = 0;

	for (char *word = words, *next; word != NULL && *word != '\0'; word = next) {
		const char *const *d = dimensions, *const *b = buckets;

		next = strchr(word, ',');
		if (next != NULL)
			*next++ = '\0';
		while (*d != NULL && strcmp(*d, word) != 0)
			d++;
		while (*b != NULL && strcmp(*b, word) != 0)
			b++;
		if (*b != NULL)
			q->bucket = *b;
		else if (*d == NULL)
			return err_set(err, ERR_INVALID, "by: no such dimension as %.40s; there are team, key, model, "
							 "provider, app, tag, user, and minute, hour, day",
				       word);
		else if (n == ARRAY_LEN(q->by))
			return err_set(err, ERR_INVALID, "by: at most %zu dimensions", ARRAY_LEN(q->by));
		else
			q->by[n++] = *d;
	}
	return r->query(r, "bucket") != NULL ? query_word(r, "bucket", buckets, &q->bucket, err) : 0;
}

/* Columns that are sums; the total of the others (percentiles) is not theirs to say. */
static const struct {
	const char *name;
	bool is_money;
} sums[] = {
	{"calls", false},     {"errors", false},   {"refused", false},  {"input", false},      {"output", false},
	{"cache_read", false}, {"reasoning", false}, {"cost_usd", true}, {"billed_usd", true}, {"unpriced", false},
};

static json_t *total_of(json_t *items)
{
	json_t *total = json_object(), *item;
	size_t i;

	for (size_t s = 0; s < ARRAY_LEN(sums); s++) {
		int64_t sum = 0;

		json_array_foreach(items, i, item)
			sum = sums[s].is_money ? money_add(sum, json_money_peek(item, sums[s].name)) :
						 sum + json_int_peek(item, sums[s].name, 0);
		if (sums[s].is_money)
			json_add_money(total, sums[s].name, sum);
		else
			json_add_int(total, sums[s].name, sum);
	}
	return total;
}

/* The total is over all rows, also those that the limit leaves out. */
static void cut(json_t *items, size_t limit)
{
	while (limit > 0 && json_array_size(items) > limit)
		json_array_remove(items, json_array_size(items) - 1);
}

int spend_answer(struct admin_request *r, struct err *err)
{
	int64_t now_ms = clock_wall_ms(), limit = 0;
	struct spend_reach reach = {0};
	struct spend_query q = {
		.from_ms = now_ms - 7 * DAY_MS,
		.until_ms = now_ms + 1,
		.reach = &reach,
		.team = r->query(r, "team"),
		.key = r->query(r, "key"),
		.model = r->query(r, "model"),
		.provider = r->query(r, "provider"),
	};
	const char *by = r->query(r, "by");
	char *words = xstrdup(by != NULL ? by : "team");
	json_t *items = NULL;
	int rc = read_by(r, words, &q, err);

	free(words);
	if (rc == 0)
		rc = query_time(r, "since", &q.from_ms, err);
	if (rc == 0)
		rc = query_time(r, "until", &q.until_ms, err);
	if (rc == 0)
		rc = query_int(r, "limit", 0, SPEND_ROWS_MAX, &limit, err);
	if (rc < 0)
		return rc;
	admin_flush(r->admin);
	items = ledger_spend(r->admin->db, &q, err);
	if (items == NULL)
		return err->code;
	r->answer = json_object();
	json_add(r->answer, "total", total_of(items));
	cut(items, (size_t)limit);
	json_add(r->answer, "items", items);
	json_add_time(r->answer, "from", reach.from_ms);
	json_add_time(r->answer, "until", reach.until_ms);
	json_add_time(r->answer, "rows_since", reach.rows_ms);
	json_add_time(r->answer, "buckets_since", reach.buckets_ms);
	json_add_int(r->answer, "generation", admin_generation(r->admin));
	return 0;
}

/* -- calls --------------------------------------------------------------------------------------- */

/* A status ("402") or a class ("4xx", "4"). */
static int read_status(const char *text, int *ret, struct err *err)
{
	char *end;
	long n;

	if (text == NULL || *text == '\0')
		return 0;
	n = strtol(text, &end, 10);
	if ((strcmp(end, "xx") == 0 && n >= 1 && n <= 5) || (*end == '\0' && n >= 1 && n <= 599)) {
		*ret = (int)n;
		return 0;
	}
	return err_set(err, ERR_INVALID, "status: expected a status such as 429 or a class such as 5xx, found %.40s", text);
}

static int read_result(const struct admin_request *r, int *ret, struct err *err)
{
	const char *words[CALL_INTERRUPTED + 2] = {NULL}, *word;

	for (int i = CALL_ANSWERED; i <= CALL_INTERRUPTED; i++)
		words[i] = call_result_name((enum call_result)i);
	if (query_word(r, "result", words, &word, err) < 0)
		return ERR_INVALID;
	for (int i = CALL_ANSWERED; word != NULL && i <= CALL_INTERRUPTED; i++)
		if (strcmp(words[i], word) == 0)
			*ret = i;
	return 0;
}

static int read_id(const struct admin_request *r, const char *name, int64_t *ret, struct err *err)
{
	const char *text = r->query(r, name);

	if (text == NULL || *text == '\0' || id_parse(text, ret))
		return 0;
	return err_set(err, ERR_INVALID, "%s: expected the id of a call, such as call_0…, found %.40s", name, text);
}

static int read_calls_query(const struct admin_request *r, struct call_query *q, struct err *err)
{
	int64_t limit = CALLS_LIMIT;
	int rc = read_status(r->query(r, "status"), &q->status, err);

	if (rc == 0)
		rc = read_result(r, &q->result, err);
	if (rc == 0)
		rc = query_time(r, "since", &q->from_ms, err);
	if (rc == 0)
		rc = query_time(r, "until", &q->until_ms, err);
	if (rc == 0)
		rc = read_id(r, "cursor", &q->before_id, err);
	if (rc == 0)
		rc = read_id(r, "after", &q->after_id, err);
	if (rc == 0)
		rc = query_int(r, "limit", 1, CALLS_LIMIT_MAX, &limit, err);
	q->limit = (unsigned)limit;
	return rc;
}

int calls_list(struct admin_request *r, struct err *err)
{
	int64_t rows_ms = 0;
	struct call_query q = {
		.team = r->query(r, "team"),
		.key = r->query(r, "key"),
		.model = r->query(r, "model"),
		.provider = r->query(r, "provider"),
		.app = r->query(r, "app"),
		.until_ms = INT64_MAX,
		.result = -1,
		.ret_rows_ms = &rows_ms,
	};
	json_t *items, *last;

	if (read_calls_query(r, &q, err) < 0)
		return err->code;
	admin_flush(r->admin);
	items = ledger_calls(r->admin->db, &q, err);
	if (items == NULL)
		return err->code;
	/* A full page may be the last; the next one is then empty, and says so. */
	last = json_array_size(items) == q.limit ? json_array_get(items, q.limit - 1) : NULL;
	r->answer = json_object();
	json_add_text(r->answer, "next_cursor", last != NULL ? json_text_peek(last, "id") : NULL);
	json_add(r->answer, "items", items);
	json_add_time(r->answer, "rows_since", rows_ms);
	json_add_int(r->answer, "generation", admin_generation(r->admin));
	return 0;
}

int call_answer(struct admin_request *r, struct err *err)
{
	int64_t id;

	if (!id_parse(r->name, &id))
		return err_set(err, ERR_NOT_FOUND, "\"%.60s\" is no id of a call; they look like call_0…", r->name);
	admin_flush(r->admin);
	r->answer = ledger_call(r->admin->db, id, err);
	return r->answer != NULL ? 0 : err->code;
}
