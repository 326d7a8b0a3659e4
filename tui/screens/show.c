/* SPDX-License-Identifier: MIT */
/* What the daemon answers becomes the text of cells here. */
#include "screens/show.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/fmt.h"
#include "base/mem.h"
#include "base/money.h"
#include "model/client.h"
#include "model/now.h"

void show_text(struct cell *c, const json_t *row, const char *member)
{
	const char *text = json_text_peek(row, member);

	copy_text(c->text, sizeof(c->text), text != NULL && text[0] != '\0' ? text : "-");
}

void show_dollars(struct cell *c, const json_t *row, const char *member)
{
	fmt_dollars(json_money_peek(row, member), c->text);
}

void show_rate(struct cell *c, const json_t *row, const char *member)
{
	int64_t nusd = json_money_peek(row, member);

	fmt_dollars(nusd, c->text);
	if (nusd == 0)
		c->role = ROLE_DIM;
}

void show_count(struct cell *c, const json_t *row, const char *member)
{
	fmt_count(json_int_peek(row, member, FMT_UNKNOWN), c->text);
}

void show_latency(struct cell *c, const json_t *row, const char *member)
{
	fmt_latency(json_int_peek(row, member, FMT_UNKNOWN), c->text);
}

void show_percent(struct cell *c, const json_t *row, const char *member)
{
	const json_t *value = json_object_get(row, member);
	double percent = json_number_value(value);

	fmt_percent(json_is_number(value) ? (int64_t)(percent * 10 + 0.5) : FMT_UNKNOWN, c->text);
	if (json_is_number(value) && percent >= 2)
		c->role = percent >= 10 ? ROLE_BAD : ROLE_WARN;
}

static void show_distance(struct cell *c, const json_t *row, const char *member, bool ahead)
{
	int64_t at = json_time_peek(row, member), now = now_ms();

	fmt_age(at == 0 ? FMT_UNKNOWN : ahead ? at - now : now - at, c->text);
}

void show_age(struct cell *c, const json_t *row, const char *member)
{
	show_distance(c, row, member, false);
}

void show_left(struct cell *c, const json_t *row, const char *member)
{
	show_distance(c, row, member, true);
}

/* The daemon counts over a quarter of an hour. */
void show_calls_per_s(struct cell *c, const json_t *provider)
{
	const json_t *rate = json_object_get(provider, "requests_per_s");

	if (!json_is_number(rate))
		copy_text(c->text, sizeof(c->text), "-");
	else if (json_number_value(rate) < 10)
		snprintf(c->text, sizeof(c->text), "%.1f", json_number_value(rate));
	else
		fmt_count((int64_t)(json_number_value(rate) + 0.5), c->text);
}

static const struct {
	char letter;
	enum role role;
	const char *word;
} states[] = {
	{'U', ROLE_NORMAL, "up"},       {'D', ROLE_WARN, "degraded"},  {'C', ROLE_WARN, "cooldown"},
	{'~', ROLE_WARN, "draining"},   {'O', ROLE_DIM, "off"},        {'X', ROLE_BAD, "down"},
};

enum role letter_role(char letter)
{
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (states[i].letter == letter)
			return states[i].role;
	return ROLE_DIM;
}

static char letter_of(const json_t *provider)
{
	const char *letter = json_text_peek(provider, "letter");

	return letter != NULL ? letter[0] : '\0';
}

void show_provider_state(struct cell *c, const json_t *provider)
{
	const char *by = json_text_peek(provider, "state_by");
	char letter = letter_of(provider);

	copy_text(c->text, sizeof(c->text), "-");
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (states[i].letter == letter) {
			copy_text(c->text, sizeof(c->text), states[i].word);
			c->role = states[i].role;
		}
	if (letter == 'O' && by != NULL)
		snprintf(c->text, sizeof(c->text), "off %s", by);
}

void show_minutes(const json_t *provider, struct area a, int y, int x, int width)
{
	const char *minutes = json_text_peek(provider, "minutes");
	size_t n = minutes != NULL ? strlen(minutes) : 0, skip = n > (size_t)width ? n - (size_t)width : 0;
	int pad = n < (size_t)width ? width - (int)n : 0;

	for (size_t i = skip; i < n; i++) {
		char letter[2] = {minutes[i], '\0'};

		put(a, y, x + pad + (int)(i - skip), 1, letter_role(minutes[i]), letter);
	}
}

static int64_t rate_of(const json_t *row)
{
	return json_money_peek(row, "usd_per_hour");
}

json_t *dearest_first(const json_t *rows)
{
	json_t *sorted = json_array();

	/* Unknown is the least there is, so it comes last. */
	for (size_t i = 0; i < json_array_size(rows); i++) {
		json_t *row = json_array_get(rows, i);
		size_t at = json_array_size(sorted);

		while (at > 0 && rate_of(json_array_get(sorted, at - 1)) < rate_of(row))
			at--;
		json_array_insert(sorted, at, row);
	}
	return sorted;
}

const json_t *main_budget(const json_t *object)
{
	const json_t *budgets = json_object_get(object, "budgets");

	for (size_t i = 0; i < json_array_size(budgets); i++) {
		const json_t *budget = json_array_get(budgets, i);

		if (json_text_peek(budget, "model") == NULL)
			return budget;
	}
	return NULL;
}

size_t read_numbers(const json_t *array, int64_t *values, size_t max)
{
	size_t n = json_array_size(array);

	n = n < max ? n : max;
	for (size_t i = 0; i < n; i++)
		values[i] = (int64_t)json_number_value(json_array_get(array, i));
	return n;
}

char *path_of(const char *prefix, const char *name, const char *suffix)
{
	struct buf path;

	buf_init(&path, 4096);
	buf_puts(&path, prefix);
	client_escape(&path, name);
	buf_puts(&path, suffix);
	return buf_detach(&path);
}

int64_t revision_of(const json_t *object)
{
	return json_int_peek(object, "revision", 0);
}

const char *change_verb(const json_t *entry)
{
	const char *action = json_text_peek(entry, "action"), *dot = action != NULL ? strchr(action, '.') : NULL;

	return dot != NULL ? dot + 1 : action != NULL ? action : "-";
}

bool change_was_refused(const json_t *entry)
{
	const json_t *refused = json_object_get(entry, "refused");

	return json_is_string(refused) || json_is_true(refused);
}

void show_change(struct area a, int y, const json_t *entry)
{
	char at[NOW_TEXT];
	const char *who = json_text_peek(entry, "who"), *object = json_text_peek(entry, "object");
	const char *reason = json_text_peek(entry, "reason");
	int x = putf(a, y, 1, ROLE_DIM, "%-5s ", now_stamp(json_time_peek(entry, "at"), at));

	x = putf(a, y, x, ROLE_NORMAL, "%-8s ", who != NULL ? who : "-");
	x = putf(a, y, x, ROLE_NORMAL, "%s  %s", object != NULL ? object : "-", change_verb(entry));
	if (change_was_refused(entry))
		x = put(a, y, x + 1, a.width, ROLE_WARN, "REFUSED");
	if (reason != NULL)
		putf(a, y, x + 2, ROLE_DIM, "\"%s\"", reason);
}
