/* SPDX-License-Identifier: MIT */
/*
 * What SQL is taught on each connection: histograms that add up, times of ids, tags as a list.
 *
 * To add one: a function here and a row of the table at the end, with what it means.
 */
#include "store/db_private.h"

#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/mem.h"
#include "dialects/dialect.h"
#include "ledger/histogram.h"

/* A blob is a packed histogram, a number one duration in µs; NULL is none. */
static void add_value(struct histogram *h, sqlite3_value *value)
{
	int type = sqlite3_value_type(value);

	if (type == SQLITE_BLOB) {
		const void *data = sqlite3_value_blob(value);

		histogram_merge_packed(h, data, (size_t)sqlite3_value_bytes(value));
	} else if (type == SQLITE_INTEGER) {
		histogram_add(h, sqlite3_value_int64(value));
	}
}

static void return_histogram(sqlite3_context *context, const struct histogram *h)
{
	unsigned char packed[HISTOGRAM_BYTES];
	size_t len = histogram_pack(h, packed);

	sqlite3_result_blob(context, packed, (int)len, SQLITE_TRANSIENT);
}

static void histogram_merge_values(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	struct histogram h = {0};

	for (int i = 0; i < argc; i++)
		add_value(&h, argv[i]);
	return_histogram(context, &h);
}

static void histogram_sum_step(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	struct histogram *h = sqlite3_aggregate_context(context, sizeof(*h));

	(void)argc;
	if (h == NULL)
		sqlite3_result_error_nomem(context);
	else
		add_value(h, argv[0]);
}

static void histogram_sum_final(sqlite3_context *context)
{
	static const struct histogram none;
	const struct histogram *h = sqlite3_aggregate_context(context, 0);

	return_histogram(context, h != NULL ? h : &none);
}

static void call_ms(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	(void)argc;
	sqlite3_result_int64(context, id_wall_ms(sqlite3_value_int64(argv[0])));
}

static void first_call_id(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	(void)argc;
	sqlite3_result_int64(context, id_first_at(sqlite3_value_int64(argv[0])));
}

static void tags_list(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	const char *tags = (const char *)sqlite3_value_text(argv[0]);
	struct buf out;

	(void)argc;
	/* Each byte may become an escape of six, each tag has quotes and a comma. */
	buf_init(&out, 10 * TAGS_TEXT);
	buf_puts(&out, tags == NULL || *tags == '\0' ? "[null" : "[");
	for (const char *p = tags; p != NULL && *p != '\0';) {
		size_t len = strcspn(p, ",");

		if (out.len > 1)
			buf_putc(&out, ',');
		buf_json_string(&out, p, len);
		p += len + (p[len] == ',');
	}
	buf_putc(&out, ']');
	sqlite3_result_text(context, out.data, (int)out.len, SQLITE_TRANSIENT);
	buf_release(&out);
}

struct function {
	const char *name;
	int num_args;
	void (*call)(sqlite3_context *, int, sqlite3_value **);
	void (*step)(sqlite3_context *, int, sqlite3_value **);
	void (*final)(sqlite3_context *);
};

static const struct function functions[] = {
	/* Packed histograms, or durations in µs: their histogram. */
	{"histogram_merge", 2, histogram_merge_values, NULL, NULL},
	{"histogram_sum", 1, NULL, histogram_sum_step, histogram_sum_final},
	/* A call's id: when it started, unix ms. */
	{"call_ms", 1, call_ms, NULL, NULL},
	/* Unix ms: calls from then on have at least this id. */
	{"first_call_id", 1, first_call_id, NULL, NULL},
	/* "a,b": the JSON list of its words; none: a list of one null, so that untagged calls count too. */
	{"tags_list", 1, tags_list, NULL, NULL},
};

int functions_register(sqlite3 *handle)
{
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		const struct function *f = &functions[i];
		int rc = sqlite3_create_function_v2(handle, f->name, f->num_args, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
						    NULL, f->call, f->step, f->final, NULL);

		if (rc != SQLITE_OK)
			return rc;
	}
	return SQLITE_OK;
}
