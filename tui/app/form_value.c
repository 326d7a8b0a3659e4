/* SPDX-License-Identifier: MIT */
/* What was typed into a form is checked and becomes JSON here. */
#include "app/form_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"

static bool is_budget(const char *text)
{
	static const char *const windows[] = {"hour", "day", "week", "month", "year", "total"};
	char amount[64];
	size_t len = strcspn(text, "/");
	int64_t nusd;

	if (text[len] == '\0' || len >= sizeof(amount))
		return false;
	copy_text(amount, len + 1, text);
	if (!money_parse(amount, false, &nusd) || nusd < 0)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(windows); i++)
		if (strcmp(text + len + 1, windows[i]) == 0)
			return true;
	return false;
}

static bool is_number(const char *text)
{
	return strspn(text, "0123456789") == strlen(text) && strlen(text) < 16;
}

static bool is_when(const char *text)
{
	int64_t ms;

	return duration_parse(text, &ms) || clock_parse(text, 0, &ms);
}

const char *form_check(const struct form_field *field, const char *text)
{
	if (text[0] == '\0')
		return field->required ? "needed" : NULL;
	switch (field->kind) {
	case FIELD_NAME:
		return text_is_name(text) ? NULL : "letters, digits, . _ -";
	case FIELD_NUMBER:
		return is_number(text) ? NULL : "a whole number";
	case FIELD_BUDGET:
		return is_budget(text) ? NULL : "as in 500/month";
	case FIELD_DURATION:
		return is_when(text) ? NULL : "as in 30d, or a date";
	case FIELD_LINE:
	case FIELD_CHOICE:
	case FIELD_LIST:
	case FIELD_SECRET:
		return NULL;
	}
	return NULL;
}

static json_t *list_of(const char *text)
{
	json_t *list = json_array();
	char *copy = xstrdup(text), *save = NULL;

	for (char *word = strtok_r(copy, ", ", &save); word != NULL; word = strtok_r(NULL, ", ", &save))
		json_array_append_new(list, json_string(word));
	free(copy);
	return list;
}

json_t *form_value(const struct form_field *field, const char *text)
{
	if (text[0] == '\0')
		return NULL;
	if (field->kind == FIELD_NUMBER)
		return json_integer(strtoll(text, NULL, 10));
	if (field->kind == FIELD_LIST)
		return list_of(text);
	return json_string(text);
}
