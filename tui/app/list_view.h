/* SPDX-License-Identifier: MIT */
/*
 * list_view.h — a list of the admin API on the screen: what Teams, Keys, Providers, Chains and Audit share.
 *
 * A screen gives a struct list_spec and has a struct list_view as the first member of its state; moving, marking, sorting,
 * filtering and fetching is done here, and the screen adds what can be done with a row.
 */
#ifndef APP_LIST_VIEW_H
#define APP_LIST_VIEW_H

#include "app/app.h"
#include "draw/table.h"
#include "input/field.h"
#include "model/listing.h"

struct list_spec {
	const char *base;               /* "/v1/teams" */
	enum paging paging;
	enum refresh refresh;
	const struct column *columns;
	size_t num_columns;
	const char *sort;               /* to begin with; NULL: as the daemon has them */
	bool descending;
	int (*compare)(const json_t *, const json_t *);         /* the order where sort is NULL */
	const char *order;              /* what that order is called */
	const struct filter_field *filters;     /* ends with an empty one */
	const char *many;               /* "teams" */
	const char *nothing;            /* what an empty list says, and what to do */
	bool (*is_problem)(const void *row);
	void (*note)(const void *row, struct cell *out);
};

struct list_view {
	const struct list_spec *spec;
	struct screen *screen;
	struct listing listing;
	struct table table;
	struct table_source source;
	char filter[FIELD_TEXT];
	char filter_error[256];
	/* May turn what was typed or pasted into something else.  NULL: not here. */
	bool (*take_filter)(struct list_view *, struct field *, bool pasted);
};

void list_view_open(struct list_view *, struct screen *, const struct list_spec *);
void list_view_close(struct list_view *);
void list_view_draw(struct list_view *, struct area, bool focused);
bool list_view_request(struct list_view *, enum request);
/* "filter: pay   sort $/h" */
void list_view_facts(const struct list_view *, char *out, size_t size);
/* "6 of 6 teams", or why there is nothing; returns the column after it. */
int list_view_count(struct list_view *, struct area, int row);

/* The row under the cursor, borrowed until the loop's next turn; NULL when there is none. */
const json_t *list_view_row(struct list_view *);
void list_view_set_filter(struct list_view *, const char *text);

#endif
