/* SPDX-License-Identifier: MIT */
/* The window of rows that a screen looks at is moved and fetched here. */
#include "model/listing.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

#define FIRST_LIMIT 100
#define MOST 1000

static void set_path(struct listing *l)
{
	struct buf path;

	buf_init(&path, 8192);
	buf_printf(&path, "%s?limit=%zu", l->base, l->limit);
	if (l->paging == PAGING_OFFSET && l->offset > 0)
		buf_printf(&path, "&offset=%zu", l->offset);
	if (l->sort != NULL)
		buf_printf(&path, "&sort=%s%s", l->descending ? "-" : "", l->sort);
	if (l->paging == PAGING_OFFSET)
		filter_query(&l->filter, &path);
	else
		filter_query_fields(&l->filter, &path);
	if (l->extra != NULL)
		buf_puts(&path, l->extra);
	resource_set_path(&l->resource, path.data);
	buf_release(&path);
}

void listing_init(struct listing *l, struct session *session, const char *base, enum paging paging, enum refresh refresh)
{
	memset(l, 0, sizeof(*l));
	resource_init(&l->resource, session, refresh);
	l->base = base;
	l->paging = paging;
	l->limit = FIRST_LIMIT;
}

void listing_release(struct listing *l)
{
	resource_release(&l->resource);
	free(l->extra);
	free(l->rows);
}

/* Lists that tell the newest first have no names for the daemon to look in. */
static bool is_searched_here(const struct listing *l)
{
	return filter_is_local(&l->filter) || (l->paging == PAGING_NEWEST && l->filter.num_terms > 0);
}

void listing_changed(struct listing *l)
{
	l->offset = 0;
	l->limit = is_searched_here(l) ? MOST : FIRST_LIMIT;
	/* Rows that are here already may fall out of the new filter before the answer comes. */
	l->version = 0;
	set_path(l);
}

void listing_set_extra(struct listing *l, const char *extra)
{
	free(l->extra);
	l->extra = extra != NULL ? xstrdup(extra) : NULL;
	listing_changed(l);
}

static json_t *items(const struct listing *l)
{
	return l->resource.data != NULL ? json_object_get(l->resource.data, "items") : NULL;
}

/* Few rows change places from one answer to the next, so inserting is cheap. */
static void order_rows(struct listing *l)
{
	for (size_t i = 1; i < l->num_rows; i++) {
		size_t row = l->rows[i], at = i;

		while (at > 0 && l->compare(json_array_get(items(l), l->rows[at - 1]), json_array_get(items(l), row)) > 0) {
			l->rows[at] = l->rows[at - 1];
			at--;
		}
		l->rows[at] = row;
	}
}

/* Takes in an answer once. */
static void look_at_answer(struct listing *l)
{
	size_t n = json_array_size(items(l));

	if (l->version == l->resource.version && l->version != 0)
		return;
	l->version = l->resource.version;
	l->rows = xrealloc(l->rows, n > 0 ? n : 1, sizeof(l->rows[0]));
	l->num_rows = 0;
	for (size_t i = 0; i < n; i++)
		if (filter_matches(&l->filter, json_array_get(items(l), i)))
			l->rows[l->num_rows++] = i;
	if (l->compare != NULL && l->sort == NULL)
		order_rows(l);
	/* Where the daemon said nothing about filters of ours, the total would not be one of matches. */
	l->fetched_offset = l->offset;
	l->total = l->num_rows;
	if (l->paging == PAGING_OFFSET && !filter_is_local(&l->filter) && l->resource.data != NULL)
		l->total += (size_t)json_int_peek(l->resource.data, "total", (int64_t)n) - n;
}

void listing_use(struct listing *l, size_t first, size_t count)
{
	if (l->resource.path == NULL)
		set_path(l);
	resource_use(&l->resource);
	if (l->paging == PAGING_NEWEST) {
		if (first + count >= l->limit && l->limit < MOST) {
			l->limit = l->limit * 2 < MOST ? l->limit * 2 : MOST;
			set_path(l);
		}
		return;
	}
	if (filter_is_local(&l->filter) || l->total <= l->limit)
		return;
	if (first < l->offset || (first + count > l->offset + l->limit && l->offset + l->limit < l->total)) {
		l->offset = first > l->limit / 2 ? first - l->limit / 2 : 0;
		set_path(l);
	}
}

size_t listing_count(struct listing *l)
{
	look_at_answer(l);
	return l->total;
}

json_t *listing_row(struct listing *l, size_t i)
{
	look_at_answer(l);
	if (i < l->fetched_offset || i - l->fetched_offset >= l->num_rows)
		return NULL;
	return json_array_get(items(l), l->rows[i - l->fetched_offset]);
}

bool listing_is_empty_yet(const struct listing *l)
{
	return l->resource.data == NULL;
}
