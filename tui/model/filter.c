/* SPDX-License-Identifier: MIT */
/* Filters are read and applied here. */
#include "model/filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "model/client.h"

static const struct filter_field *find_field(const struct filter_field *fields, const char *name, size_t len)
{
	for (; fields->name != NULL; fields++)
		if (strlen(fields->name) == len && strncmp(fields->name, name, len) == 0)
			return fields;
	return NULL;
}

static void list_fields(const struct filter_field *fields, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (; fields->name != NULL && len + strlen(fields->name) + 2 < size; fields++) {
		if (len > 0)
			out[len++] = ' ';
		copy_text(out + len, size - len, fields->name);
		len += strlen(fields->name);
	}
}

static bool parse_number(struct filter_term *term)
{
	int64_t ms;
	char *end;

	switch (term->field->kind) {
	case FILTER_TEXT:
		return false;
	case FILTER_COUNT:
		term->number = strtoll(term->text, &end, 10);
		return end != term->text && *end == '\0';
	case FILTER_MONEY:
		return money_parse(term->text, true, &term->number);
	case FILTER_LATENCY:
		if (!duration_parse(term->text, &ms))
			return false;
		term->number = ms * 1000;
		return true;
	}
	return false;
}

static int parse_term(const char *word, const struct filter_field *fields, struct filter_term *out, struct err *err)
{
	size_t at;
	char known[256];

	memset(out, 0, sizeof(*out));
	if (word[0] == '!') {
		out->negated = true;
		word++;
	}
	at = strcspn(word, ":<>");
	out->operation = word[at] != '\0' ? word[at] : ':';
	if (word[at] == '\0') {
		copy_text(out->text, sizeof(out->text), word);
		return 0;
	}
	copy_text(out->text, sizeof(out->text), word + at + 1);
	out->field = find_field(fields, word, at);
	if (out->field == NULL) {
		list_fields(fields, known, sizeof(known));
		return err_set(err, ERR_INVALID, "no field is called \"%.*s\" here; there are: %s", (int)at, word, known);
	}
	if (out->operation != ':' && !parse_number(out))
		return err_set(err, ERR_INVALID, "%.*s%c wants a number, as in %s", (int)at, word, out->operation,
			       out->field->kind == FILTER_LATENCY ? "total>2s" : "cost>.05");
	return 0;
}

int filter_parse(const char *text, const struct filter_field *fields, struct filter *out, struct err *err)
{
	struct filter filter = {.num_terms = 0};
	char copy[1024], *save = NULL;

	copy_text(copy, sizeof(copy), text);
	for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		int rc;

		if (filter.num_terms == MAX_TERMS)
			return err_set(err, ERR_FULL, "at most %d words", MAX_TERMS);
		rc = parse_term(word, fields, &filter.terms[filter.num_terms], err);
		if (rc < 0)
			return rc;
		/* "team:" with its value still to be typed asks for nothing yet. */
		if (filter.terms[filter.num_terms].text[0] != '\0')
			filter.num_terms++;
	}
	*out = filter;
	return 0;
}

/* The first plain word is the daemon's "filter"; so are the fields it knows. */
static const char *parameter_of(const struct filter *f, const struct filter_term *term)
{
	if (term->negated || term->operation != ':')
		return NULL;
	if (term->field != NULL)
		return term->field->parameter;
	for (const struct filter_term *t = f->terms; t < term; t++)
		if (t->field == NULL && !t->negated)
			return NULL;
	return "filter";
}

static void put_query(const struct filter *f, bool with_words, struct buf *out)
{
	for (size_t i = 0; i < f->num_terms; i++) {
		const char *parameter = parameter_of(f, &f->terms[i]);

		if (parameter == NULL || (f->terms[i].field == NULL && !with_words))
			continue;
		buf_printf(out, "&%s=", parameter);
		client_escape(out, f->terms[i].text);
	}
}

void filter_query(const struct filter *f, struct buf *out)
{
	put_query(f, true, out);
}

void filter_query_fields(const struct filter *f, struct buf *out)
{
	put_query(f, false, out);
}

bool filter_is_local(const struct filter *f)
{
	for (size_t i = 0; i < f->num_terms; i++)
		if (parameter_of(f, &f->terms[i]) == NULL)
			return true;
	return false;
}

static bool value_has(const json_t *value, const char *text, bool exact)
{
	char number[32];
	const char *s = json_string_value(value);

	if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		s = number;
	}
	if (s == NULL)
		return false;
	return exact ? strcasecmp(s, text) == 0 : strcasestr(s, text) != NULL;
}

/* "5xx" is a way to write a class of statuses. */
static bool class_matches(const json_t *value, const char *text)
{
	return json_is_integer(value) && strlen(text) == 3 && strcmp(text + 1, "xx") == 0 &&
	       json_integer_value(value) / 100 == text[0] - '0';
}

static bool any_text_has(const json_t *row, const char *text)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)row, name, value)
		if (json_is_string(value) && value_has(value, text, false))
			return true;
	return false;
}

static bool compares(const struct filter_term *term, const json_t *row)
{
	int64_t value = term->field->kind == FILTER_MONEY ? json_money_peek(row, term->field->member)
							  : json_int_peek(row, term->field->member, INT64_MIN);

	if (value == INT64_MIN)
		return false;
	return term->operation == '>' ? value > term->number : value < term->number;
}

static bool term_matches(const struct filter_term *term, const json_t *row)
{
	const json_t *value;

	if (term->field == NULL)
		return any_text_has(row, term->text);
	if (term->operation != ':')
		return compares(term, row);
	value = json_object_get(row, term->field->member);
	return value_has(value, term->text, term->field->exact) || class_matches(value, term->text);
}

bool filter_matches(const struct filter *f, const json_t *row)
{
	for (size_t i = 0; i < f->num_terms; i++)
		if (term_matches(&f->terms[i], row) == f->terms[i].negated)
			return false;
	return true;
}
