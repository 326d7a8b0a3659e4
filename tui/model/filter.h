/* SPDX-License-Identifier: MIT */
/*
 * filter.h — what is typed after "/": pay !pay team:pay state:blocked cost>.05 total>2s
 *
 * Words without a field are looked for in the texts of a row; all terms must hold.  A field that the
 * admin API filters by is asked of the daemon, the rest is looked at here.
 */
#ifndef MODEL_FILTER_H
#define MODEL_FILTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct buf;

#define MAX_TERMS 8
#define TERM_TEXT 96

enum filter_kind { FILTER_TEXT, FILTER_COUNT, FILTER_MONEY, FILTER_LATENCY };

/* One field; rows of a static const table that ends with an empty one. */
struct filter_field {
	const char *name;       /* as typed: "st" */
	const char *member;     /* of the row: "status" */
	enum filter_kind kind;
	const char *parameter;  /* of the query: the daemon does it; NULL: done here */
	bool exact;             /* the whole text, where it is done here */
};

struct filter_term {
	const struct filter_field *field;       /* NULL: any text of the row */
	bool negated;
	char operation;                         /* ':' '>' '<' */
	char text[TERM_TEXT];
	int64_t number;                         /* count, nano-dollars, or microseconds */
};

struct filter {
	struct filter_term terms[MAX_TERMS];
	size_t num_terms;
};

/* ERR_INVALID and a sentence for an unknown field or a bad number. */
int filter_parse(const char *text, const struct filter_field *fields, struct filter *out, struct err *err);

/* "&team=pay&filter=x": what the daemon is asked to do. */
void filter_query(const struct filter *, struct buf *out);

/* The same without "filter", for lists that have no name to look in. */
void filter_query_fields(const struct filter *, struct buf *out);

/* Whether something is left to do here. */
bool filter_is_local(const struct filter *);
bool filter_matches(const struct filter *, const json_t *row);

#endif
