/* SPDX-License-Identifier: MIT */
/* Providers are listed, shown, added and tested here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fmt.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/list.h"

static const struct column list_columns[] = {
	{"PROVIDER", "name", cell_text, COLUMN_SHRINKS},
	{"KIND", "kind", cell_text, 0},
	{"STATE", "state", cell_text, 0},
	{"BREAKER", "breaker", cell_text, 0},
	{"OPEN", "open_calls", cell_count, COLUMN_RIGHT},
	{"CALLS", "calls", cell_count, COLUMN_RIGHT},
	{"ERR%", "error_percent", cell_percent, COLUMN_RIGHT},
	{"P50", "p50_us", cell_latency, COLUMN_RIGHT},
	{"P95", "p95_us", cell_latency, COLUMN_RIGHT},
	{"TTFB", "first_byte_p50_us", cell_latency, COLUMN_RIGHT},
	{"$/H", "usd_per_hour", cell_money, COLUMN_RIGHT},
	{"CREDENTIAL", "credential", cell_text, COLUMN_SHRINKS},
	{"LAST ERROR", "last_error", cell_text, COLUMN_SHRINKS},
};

static const struct column show_columns[] = {
	{"name", "name", cell_text, 0},
	{"kind", "kind", cell_text, 0},
	{"base URL", "base_url", cell_text, 0},
	{"credential", "credential", cell_text, 0},
	{"credential error", "credential_error", cell_text, 0},
	{"state", "state", cell_text, 0},
	{"because", "state_reason", cell_text, 0},
	{"set by", "state_by", cell_text, 0},
	{"set at", "state_at", cell_time, 0},
	{"models", "models", cell_all, 0},
	{"options", "options", cell_text, 0},
	{"budgets", "budgets", cell_budgets, 0},
	{"breaker", "breaker", cell_text, 0},
	{"cooling ms", "cooling_ms", cell_text, 0},
	{"open calls", "open_calls", cell_text, 0},
	{"calls, 15 minutes", "calls", cell_text, 0},
	{"errors, 15 minutes", "errors", cell_text, 0},
	{"latency p50", "p50_us", cell_latency, 0},
	{"latency p95", "p95_us", cell_latency, 0},
	{"first byte p50", "first_byte_p50_us", cell_latency, 0},
	{"dollars an hour", "usd_per_hour", cell_usd, 0},
	{"last 60 minutes", "minutes", cell_text, 0},
	{"last error", "last_error", cell_text, 0},
	{"chains", "chains", cell_text, 0},
	{"revision", "revision", cell_text, 0},
	{"created", "created_at", cell_time, 0},
};

int provider_list(struct cli *cli)
{
	return list_run(cli, "/v1/providers", list_columns, ARRAY_LEN(list_columns));
}

static const struct column kind_columns[] = {
	{"KIND", "name", cell_text, 0},
	{"VENDOR", "title", cell_text, COLUMN_SHRINKS},
	{"BASE URL", "base_url", cell_text, COLUMN_SHRINKS},
	{"KEY IN", "environment", cell_text, 0},
	{"DIALECT", "dialect", cell_text, 0},
};

int provider_kinds(struct cli *cli)
{
	return list_run(cli, "/v1/provider-kinds", kind_columns, ARRAY_LEN(kind_columns));
}

int provider_show(struct cli *cli)
{
	return show_run(cli, "/v1/providers/%", show_columns, ARRAY_LEN(show_columns));
}

/* A secret on the command line would stand in the list of processes and in the shell's history, so
 * "-" reads it from stdin.  *ret is the caller's. */
static bool read_secret(char **ret, struct err *err)
{
	size_t len;

	*ret = cli_read_file("-", &len, err);
	if (*ret == NULL)
		return false;
	(*ret)[strcspn(*ret, "\r\n")] = '\0';
	if (**ret != '\0')
		return true;
	free(*ret);
	err_set(err, ERR_INVALID, "--api-key -: stdin was empty");
	return false;
}

static int send_provider(struct cli *cli, json_t *body)
{
	json_t *answer;
	int code = change_send(cli, body, &answer);

	if (code == CLI_OK)
		change_print(cli, answer);
	json_decref(answer);
	return code;
}

/* The body from the flags, with the secret from stdin where it was asked for. */
static json_t *provider_body(struct cli *cli, struct err *err)
{
	const char *given = cli->values[FLAG_API_KEY];
	json_t *body = body_from_flags(cli);
	char *secret;

	if (given == NULL || strcmp(given, "-") != 0)
		return body;
	if (read_secret(&secret, err)) {
		json_add_text(body, "api_key", secret);
		free(secret);
		return body;
	}
	json_decref(body);
	return NULL;
}

int provider_add(struct cli *cli)
{
	struct err err;
	json_t *body = provider_body(cli, &err);

	if (body == NULL)
		return cli_usage_error(cli, &err);
	json_add_text(body, "name", cli->args[0]);
	/* A provider that is called as its kind needs to say so only once. */
	if (!cli_has(cli, FLAG_KIND))
		json_add_text(body, "kind", cli->args[0]);
	return send_provider(cli, body);
}

int provider_update(struct cli *cli)
{
	struct err err;
	json_t *body = provider_body(cli, &err);

	return body ? send_provider(cli, body) : cli_usage_error(cli, &err);
}

static void print_test(const char *name, const json_t *result)
{
	int64_t models = json_int_peek(result, "models", -1);
	const char *error = json_text_peek(result, "error");
	char latency[FMT_TEXT];

	if (!json_bool_peek(result, "ok")) {
		cli_printf(stdout, "%s does not answer: %s\n", name, error ? error : "no reason given");
		return;
	}
	cli_printf(stdout, "%s answers in %s", name, fmt_latency(json_int_peek(result, "latency_us", FMT_UNKNOWN), latency));
	if (models >= 0)
		printf(", %lld models", (long long)models);
	putchar('\n');
}

int provider_test(struct cli *cli)
{
	json_t *result;
	int code = change_send(cli, NULL, &result);

	if (code != CLI_OK)
		return code;
	if (cli->json)
		cli_print_json(result);
	else
		print_test(cli->args[0], result);
	code = json_bool_peek(result, "ok") ? CLI_OK : CLI_FAILED;
	json_decref(result);
	return code;
}
