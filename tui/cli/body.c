/* SPDX-License-Identifier: MIT */
/* Flags become the body of a change or the query of a list here. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "cli/command.h"

/* A URL that is longer would be refused by the daemon anyway. */
#define PATH_MAX_BYTES (16u << 10)

static json_t *number_value(const char *text)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	return *text == '\0' || *end != '\0' || errno != 0 ? NULL : json_integer(n);
}

static json_t *money_value(const char *text)
{
	int64_t nusd;
	char exact[MONEY_TEXT];

	return money_parse(text, false, &nusd) ? json_string(money_format(nusd, exact)) : NULL;
}

static json_t *list_value(const char *text)
{
	json_t *list = json_array();

	while (*text != '\0') {
		size_t len = strcspn(text, ",");

		if (len > 0)
			json_array_append_new(list, json_stringn(text, len));
		text += len + (text[len] == ',');
	}
	return list;
}

static json_t *boolean_value(const char *text)
{
	if (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0)
		return json_true();
	return strcmp(text, "no") == 0 || strcmp(text, "false") == 0 ? json_false() : NULL;
}

static json_t *object_value(const char *text)
{
	json_t *value = json_parse(text, strlen(text), NULL);

	if (json_is_object(value))
		return value;
	json_decref(value);
	return NULL;
}

/* NULL when text is no value of this kind. */
static json_t *flag_value(enum flag_kind kind, const char *text)
{
	bool none = strcmp(text, "none") == 0;

	switch (kind) {
	case KIND_SWITCH:
		return json_true();
	case KIND_WORD:
		return json_string(text);
	case KIND_TEXT:
		return none ? json_null() : json_string(text);
	case KIND_NUMBER:
		return none ? json_null() : number_value(text);
	case KIND_MONEY:
		return none ? json_null() : money_value(text);
	case KIND_LIST:
		return none || strcmp(text, "all") == 0 ? json_null() : list_value(text);
	case KIND_BOOLEAN:
		return boolean_value(text);
	case KIND_OBJECT:
		return none ? json_null() : object_value(text);
	}
	return NULL;
}

static const char *kind_text(enum flag_kind kind)
{
	switch (kind) {
	case KIND_NUMBER:
		return "a whole number, or none";
	case KIND_MONEY:
		return "USD with at most nine places, such as 2.50, or none";
	case KIND_BOOLEAN:
		return "yes or no";
	case KIND_OBJECT:
		return "a JSON object, or none";
	case KIND_SWITCH:
	case KIND_WORD:
	case KIND_TEXT:
	case KIND_LIST:
		break;
	}
	return "UTF-8 text";
}

int flag_check(enum flag_id id, const char *text, struct err *err)
{
	json_t *value = flag_value(flags[id].kind, text);

	json_decref(value);
	if (value != NULL)
		return CLI_OK;
	err_set(err, ERR_INVALID, "--%s: expected %s, found '%s'", flags[id].name, kind_text(flags[id].kind), text);
	return CLI_USAGE;
}

json_t *body_from_flags(const struct cli *cli)
{
	json_t *body = json_object();

	for (int id = 0; id < NUM_FLAGS; id++)
		if (cli->values[id] != NULL && flags[id].member != NULL)
			json_add(body, flags[id].member, flag_value(flags[id].kind, cli->values[id]));
	return body;
}

long cli_number(const struct cli *cli, enum flag_id id, long otherwise)
{
	return cli->values[id] != NULL ? strtol(cli->values[id], NULL, 10) : otherwise;
}

char *path_with_flags(const struct cli *cli, const char *path)
{
	struct buf out;

	buf_init(&out, PATH_MAX_BYTES);
	buf_puts(&out, path);
	for (int id = 0; id < NUM_FLAGS; id++) {
		if (cli->values[id] == NULL || flags[id].member == NULL)
			continue;
		buf_printf(&out, "%c%s=", strchr(out.data, '?') ? '&' : '?', flags[id].member);
		client_escape(&out, cli->values[id]);
	}
	return buf_detach(&out);
}

char *path_with_args(const char *path, const char *const *args)
{
	struct buf out;

	buf_init(&out, PATH_MAX_BYTES);
	for (; *path != '\0'; path++)
		if (*path == '%')
			client_escape(&out, *args++);
		else
			buf_putc(&out, *path);
	return buf_detach(&out);
}
