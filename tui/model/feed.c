/* SPDX-License-Identifier: MIT */
/* Calls from the stream and from the daemon are made one list here. */
#include "model/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "model/client.h"

#define FIRST_LIMIT 200
#define MOST 1000
/* With more than this many a second the list changes once a second. */
#define FOLLOWABLE 20
#define SECOND_US 1000000u

/* A call while the list is put in order. */
struct candidate {
	int64_t ended_ms;
	const char *id;
	json_t *call;
};

static void ask_recent(struct feed *f, unsigned limit)
{
	char path[64];

	f->limit = limit;
	f->asked = true;
	snprintf(path, sizeof(path), "/v1/calls?limit=%u", limit);
	resource_set_path(&f->recent, path);
}

void feed_init(struct feed *f, struct session *session)
{
	memset(f, 0, sizeof(*f));
	f->session = session;
	resource_init(&f->recent, session, REFRESH_ON_CHANGE);
	resource_init(&f->found, session, REFRESH_ON_CHANGE);
	ask_recent(f, FIRST_LIMIT);
}

static void drop_rows(struct feed *f)
{
	for (size_t i = 0; i < f->num_rows; i++)
		json_decref(f->rows[i]);
	free(f->rows);
	f->rows = NULL;
	f->num_rows = 0;
}

void feed_release(struct feed *f)
{
	resource_release(&f->recent);
	resource_release(&f->found);
	drop_rows(f);
}

static bool put_parameters(const struct filter *filter, const char *only, struct buf *out)
{
	bool any = false;

	for (size_t i = 0; i < filter->num_terms; i++) {
		const struct filter_term *term = &filter->terms[i];
		const char *parameter = term->field != NULL ? term->field->parameter : NULL;

		if (parameter == NULL || term->negated || term->operation != ':' ||
		    (only != NULL && strstr(only, parameter) == NULL))
			continue;
		buf_printf(out, "&%s=", parameter);
		client_escape(out, term->text);
		any = true;
	}
	return any;
}

void feed_spend_query(const struct feed *f, struct buf *out)
{
	put_parameters(&f->filter, "team key model provider", out);
}

void feed_set_filter(struct feed *f, const struct filter *filter)
{
	struct buf path;

	f->filter = *filter;
	f->stale = f->asked = true;
	buf_init(&path, 8192);
	if (filter->num_terms > 0)
		ask_recent(f, MOST);
	buf_printf(&path, "/v1/calls?limit=%d", MOST);
	/* Without a parameter it is what recent has already. */
	if (put_parameters(filter, NULL, &path))
		resource_set_path(&f->found, path.data);
	buf_release(&path);
}

void feed_hold(struct feed *f, bool held)
{
	f->held = held;
}

static int newest_first(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->ended_ms != y->ended_ms)
		return x->ended_ms < y->ended_ms ? 1 : -1;
	return strcmp(y->id, x->id);
}

static void add(const struct feed *f, struct candidate *list, size_t *n, json_t *call)
{
	const char *id = json_text_peek(call, "id");

	if (id == NULL || !filter_matches(&f->filter, call))
		return;
	list[(*n)++] = (struct candidate){
		.ended_ms = json_time_peek(call, "at") + json_int_peek(call, "total_us", 0) / 1000,
		.id = id,
		.call = call,
	};
}

static const json_t *items_of(const struct resource *r)
{
	return r->data != NULL ? json_object_get(r->data, "items") : NULL;
}

static size_t collect(const struct feed *f, struct candidate *list)
{
	const json_t *const answers[] = {items_of(&f->recent), items_of(&f->found)};
	const struct tail *tail = &f->session->tail;
	size_t n = 0;

	for (size_t i = 0; i < tail->count; i++)
		add(f, list, &n, tail_peek(tail, i));
	for (size_t k = 0; k < ARRAY_LEN(answers); k++)
		for (size_t i = 0; i < json_array_size(answers[k]); i++)
			add(f, list, &n, json_array_get(answers[k], i));
	return n;
}

/* Keeps each call once: the same one stands next to itself. */
static void take_rows(struct feed *f, const struct candidate *list, size_t n)
{
	drop_rows(f);
	f->rows = xcalloc(n > 0 ? n : 1, sizeof(f->rows[0]));
	for (size_t i = 0; i < n; i++)
		if (i == 0 || strcmp(list[i].id, list[i - 1].id) != 0)
			f->rows[f->num_rows++] = json_incref(list[i].call);
}

static void make_rows(struct feed *f)
{
	size_t most = f->session->tail.count + json_array_size(items_of(&f->recent)) + json_array_size(items_of(&f->found));
	struct candidate *list = xcalloc(most > 0 ? most : 1, sizeof(*list));
	size_t n = collect(f, list);

	qsort(list, n, sizeof(*list), newest_first);
	take_rows(f, list, n);
	free(list);
	f->stale = false;
	f->seen = f->session->tail.seen;
	f->recent_version = f->recent.version;
	f->found_version = f->found.version;
}

/* Each second anew: whether what comes in can still be followed call by call. */
static bool may_follow(struct feed *f)
{
	uint64_t now = clock_mono_us();

	if (now - f->second_us < SECOND_US)
		return !f->busy;
	f->busy = f->session->tail.seen - f->second_seen > FOLLOWABLE;
	f->second_us = now;
	f->second_seen = f->session->tail.seen;
	return true;
}

/* What a person asked for comes in also where rows are held: a new filter's answer, or more rows below. */
static bool must_make_rows(const struct feed *f, bool follows)
{
	bool answered = f->found_version != f->found.version || f->recent_version != f->recent.version;

	if (f->stale || (answered && (f->asked || !f->held)))
		return true;
	return !f->held && follows && f->seen != f->session->tail.seen;
}

void feed_use(struct feed *f, size_t last)
{
	bool follows = may_follow(f);

	if (last >= f->num_rows && f->num_rows >= f->limit && f->limit < MOST)
		ask_recent(f, MOST);
	resource_use(&f->recent);
	if (f->found.path != NULL)
		resource_use(&f->found);
	if (must_make_rows(f, follows))
		make_rows(f);
	if (f->recent.handle == NULL && f->found.handle == NULL)
		f->asked = false;
}

bool feed_is_empty_yet(const struct feed *f)
{
	return f->recent.data == NULL && f->session->tail.count == 0;
}

uint64_t feed_waiting(const struct feed *f)
{
	const struct tail *tail = &f->session->tail;
	uint64_t new = tail->seen - f->seen, matching = 0;

	if (f->filter.num_terms == 0)
		return new;
	for (size_t i = 0; i < new && i < tail->count; i++)
		matching += filter_matches(&f->filter, tail_peek(tail, i));
	return matching;
}
