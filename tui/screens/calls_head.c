/* SPDX-License-Identifier: MIT */
/* What stands above the calls is counted and drawn here. */
#include "screens/calls_head.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fmt.h"
#include "base/json.h"
#include "base/mem.h"
#include "draw/chart.h"
#include "model/now.h"

#define MINUTES 60
#define MINUTE_MS 60000
#define EVERY_S 10

void calls_head_open(struct calls_head *h, struct session *session)
{
	resource_init(&h->spend, session, REFRESH_ON_CHANGE);
	resource_set_path(&h->spend, "/v1/spend?by=minute&since=1h");
}

void calls_head_close(struct calls_head *h)
{
	resource_release(&h->spend);
}

void calls_head_set_filter(struct calls_head *h, const struct feed *f)
{
	struct buf path;

	buf_init(&path, 8192);
	buf_puts(&path, "/v1/spend?by=minute&since=1h");
	feed_spend_query(f, &path);
	resource_set_path(&h->spend, path.data);
	buf_release(&path);
}

/* Calls of each of the last minutes, oldest first; minutes without any are left out by the daemon. */
static size_t read_minutes(const json_t *data, int64_t values[MINUTES])
{
	const json_t *items = json_object_get(data, "items");
	int64_t now = now_ms() / MINUTE_MS;

	memset(values, 0, MINUTES * sizeof(values[0]));
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *item = json_array_get(items, i);
		int64_t ago = now - json_time_peek(item, "at") / MINUTE_MS;

		if (ago >= 0 && ago < MINUTES)
			values[MINUTES - 1 - ago] = json_int_peek(item, "calls", 0);
	}
	return MINUTES;
}

static int draw_minutes(const json_t *data, struct area a, int width)
{
	int64_t values[MINUTES], peak = 0;
	char text[SPARK_TEXT], number[FMT_TEXT];
	size_t n = read_minutes(data, values);
	int x = put(a, 0, 1, a.width, ROLE_NORMAL, "calls/min 1h ");

	for (size_t i = 0; i < n; i++)
		peak = values[i] > peak ? values[i] : peak;
	x = put(a, 0, x, width, ROLE_NORMAL, spark(values, n, width, text));
	return putf(a, 0, x, ROLE_DIM, "  peak %s", fmt_count(peak, number));
}

/* How calls can end badly, in the order in which it is told. */
static const struct ending {
	const char *name;
	int from, until;                /* statuses */
	const char *result;             /* instead */
	enum role role;
} endings[] = {
	{"402", 402, 402, NULL, ROLE_WARN},     {"429", 429, 429, NULL, ROLE_WARN}, {"5xx", 500, 599, NULL, ROLE_BAD},
	{"can", 0, 0, "aborted", ROLE_WARN},
};

static bool ends_so(const json_t *call, const struct ending *e)
{
	const char *result = json_text_peek(call, "result");
	int64_t status = json_int_peek(call, "status", 0);

	if (e->result != NULL)
		return result != NULL && strcmp(result, e->result) == 0;
	return status >= e->from && status <= e->until;
}

static void draw_endings(const struct feed *f, struct area a, int x)
{
	for (size_t k = 0; k < ARRAY_LEN(endings); k++) {
		char text[64], number[FMT_TEXT];
		int64_t n = 0;

		for (size_t i = 0; i < f->num_rows; i++)
			n += ends_so(f->rows[i], &endings[k]);
		if (n == 0)
			continue;
		snprintf(text, sizeof(text), "  %s x%s", endings[k].name, fmt_count(n, number));
		x = put_whole(a, 0, x, endings[k].role, text);
	}
}

void calls_head_draw(struct calls_head *h, const struct feed *f, struct area a)
{
	int64_t now_s = now_ms() / 1000;
	int width = a.width - 50 < MINUTES ? a.width - 50 : MINUTES, x = 1;

	if (h->asked_s != 0 && now_s - h->asked_s >= EVERY_S)
		resource_fetch(&h->spend);
	if (h->asked_s == 0 || now_s - h->asked_s >= EVERY_S)
		h->asked_s = now_s;
	resource_use(&h->spend);
	if (width >= 10 && h->spend.data != NULL)
		x = draw_minutes(h->spend.data, a, width);
	draw_endings(f, a, x);
}
