/* SPDX-License-Identifier: MIT */
/* What all lists of the dashboard do is done here: fetch, sort, filter, move. */
#include "app/list_view.h"

#include <stdio.h>
#include <string.h>

#include "app/prompt.h"
#include "base/mem.h"

static size_t source_count(void *arg)
{
	struct list_view *v = arg;

	return listing_count(&v->listing);
}

static const void *source_row(void *arg, size_t i)
{
	struct list_view *v = arg;

	return listing_row(&v->listing, i);
}

/* A row is JSON; what is called id is it, and otherwise the name. */
static const char *source_id(const void *row)
{
	static char number[24];
	const json_t *id = json_object_get(row, "id");

	if (json_is_integer(id)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(id));
		return number;
	}
	if (!json_is_string(id))
		id = json_object_get(row, "name");
	return json_is_string(id) ? json_string_value(id) : "";
}

void list_view_open(struct list_view *v, struct screen *s, const struct list_spec *spec)
{
	v->spec = spec;
	v->screen = s;
	v->source = (struct table_source){.count = source_count, .row = source_row, .id = source_id,
					  .is_problem = spec->is_problem, .note = spec->note};
	listing_init(&v->listing, app_session(s->app), spec->base, spec->paging, spec->refresh);
	v->listing.sort = spec->sort;
	v->listing.descending = spec->descending;
	v->listing.compare = spec->compare;
	table_init(&v->table, spec->columns, spec->num_columns, &v->source, v);
	listing_changed(&v->listing);
}

void list_view_close(struct list_view *v)
{
	listing_release(&v->listing);
}

const json_t *list_view_row(struct list_view *v)
{
	return table_selected(&v->table);
}

void list_view_draw(struct list_view *v, struct area a, bool focused)
{
	size_t rows = a.height > 1 ? (size_t)a.height - 1 : 0;

	listing_use(&v->listing, v->table.top, rows);
	table_draw(&v->table, a, focused);
	/* Scrolling to the selected row may have left what was asked for. */
	listing_use(&v->listing, v->table.top, rows);
}

int list_view_count(struct list_view *v, struct area a, int row)
{
	size_t n = listing_count(&v->listing);
	const struct resource *r = &v->listing.resource;
	int x, width = a.width - 2;

	if (v->filter_error[0] != '\0')
		x = put(a, row, 1, width, ROLE_WARN, v->filter_error);
	else if (r->error[0] != '\0' && r->session->link == LINK_LIVE)
		x = put(a, row, 1, width, ROLE_BAD, r->error);
	else if (listing_is_empty_yet(&v->listing))
		x = put(a, row, 1, width, ROLE_DIM, r->session->link == LINK_DOWN ? "" : "asking the daemon...");
	else if (n == 0)
		x = put(a, row, 1, width, ROLE_DIM,
			v->filter[0] != '\0' ? "nothing matches the filter; Esc drops it" : v->spec->nothing);
	else
		x = putf(a, row, 1, ROLE_DIM, "%zu of %zu %s", v->table.index + 1, n, v->spec->many);
	if (v->table.num_marks > 0)
		x = putf(a, row, x + 3, ROLE_KEY, "%zu marked, Esc drops the marks", v->table.num_marks);
	return x;
}

static const char *sort_title(const struct list_view *v)
{
	for (size_t i = 0; i < v->spec->num_columns; i++)
		if (v->listing.sort != NULL && v->spec->columns[i].sort != NULL &&
		    strcmp(v->spec->columns[i].sort, v->listing.sort) == 0)
			return v->spec->columns[i].title;
	return v->listing.sort == NULL ? v->spec->order : NULL;
}

void list_view_facts(const struct list_view *v, char *out, size_t size)
{
	const char *sort = sort_title(v);
	size_t len;

	snprintf(out, size, "%s%s", v->filter[0] != '\0' ? "filter: " : "", v->filter);
	len = strlen(out);
	if (sort != NULL)
		snprintf(out + len, size - len, "%ssort %s", len > 0 ? "   " : "", sort);
}

/* The next column that can be sorted by; numbers begin with the largest. */
static void sort_by_next(struct list_view *v, bool forward)
{
	const struct column *columns = v->spec->columns;
	size_t n = v->spec->num_columns, at = n - 1;

	for (size_t i = 0; i < n; i++)
		if (v->listing.sort != NULL && columns[i].sort != NULL && strcmp(columns[i].sort, v->listing.sort) == 0)
			at = i;
	for (size_t step = 1; step <= n; step++) {
		size_t i = (at + (forward ? step : n - step)) % n;

		if (columns[i].sort == NULL)
			continue;
		v->listing.sort = columns[i].sort;
		v->listing.descending = columns[i].right;
		break;
	}
	listing_changed(&v->listing);
}

void list_view_set_filter(struct list_view *v, const char *text)
{
	struct err err = {0};
	struct filter filter;

	copy_text(v->filter, sizeof(v->filter), text);
	v->filter_error[0] = '\0';
	if (filter_parse(text, v->spec->filters, &filter, &err) < 0) {
		copy_text(v->filter_error, sizeof(v->filter_error), err.text);
		return;
	}
	v->listing.filter = filter;
	listing_changed(&v->listing);
	app_redraw(v->screen->app);
}

/* The view of a screen is the first thing in its state. */
static void filter_changed(struct screen *s, struct field *field, bool pasted)
{
	struct list_view *v = s->state;

	if (v->take_filter == NULL || !v->take_filter(v, field, pasted))
		list_view_set_filter(v, field->text);
}

static void filter_closed(struct screen *s, const char *text, bool kept)
{
	struct list_view *v = s->state;

	(void)text;
	if (!kept)
		list_view_set_filter(v, "");
}

static void open_filter(struct list_view *v)
{
	struct prompt_options options = {.label = "/", .text = v->filter, .owner = v->screen,
					 .changed = filter_changed, .closed = filter_closed};

	prompt_open(v->screen->app, &options);
}

/* One step back within the list: marks, then the filter. */
static bool drop_something(struct list_view *v)
{
	if (v->table.num_marks > 0) {
		table_clear_marks(&v->table);
		return true;
	}
	if (v->filter[0] != '\0') {
		list_view_set_filter(v, "");
		return true;
	}
	return false;
}

bool list_view_request(struct list_view *v, enum request r)
{
	if (r == REQUEST_SORT || r == REQUEST_SORT_BACK) {
		sort_by_next(v, r == REQUEST_SORT);
	} else if (r == REQUEST_SORT_REVERSE) {
		v->listing.descending = !v->listing.descending;
		listing_changed(&v->listing);
	} else if (r == REQUEST_FILTER) {
		open_filter(v);
	} else if (r == REQUEST_BACK) {
		return drop_something(v);
	} else if (r == REQUEST_COPY && v->table.selected[0] != '\0') {
		app_copy(v->screen->app, v->table.selected, v->table.selected);
	} else {
		return table_request(&v->table, r);
	}
	return true;
}
