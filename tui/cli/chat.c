/* SPDX-License-Identifier: MIT */
/* One prompt goes through the data API and its answer is printed as it comes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/money.h"
#include "base/mem.h"
#include "cli/command.h"

struct chat {
	bool ended, failed;
	bool complete;          /* a finish reason came */
	json_t *usage;          /* owned */
};

/* The words after the model, or what stands on stdin.  The caller frees it. */
static char *read_prompt(struct cli *cli, struct err *err)
{
	struct buf prompt;
	size_t len;

	if (cli->num_args < 2)
		return cli_read_file("-", &len, err);
	buf_init(&prompt, 1 << 20);
	for (size_t i = 1; i < cli->num_args; i++) {
		buf_puts(&prompt, i > 1 ? " " : "");
		buf_puts(&prompt, cli->args[i]);
	}
	return buf_detach(&prompt);
}

/* What a model says may hold escape sequences: a terminal must not see them. */
static void print_answer(const char *text)
{
	cli_print_text(stdout, text);
	fflush(stdout);
}

static void on_event(void *arg, const char *name, json_t *data)
{
	struct chat *chat = arg;
	const json_t *choice = json_array_get(json_object_get(data, "choices"), 0);
	const char *text = json_text_peek(json_object_get(choice, "delta"), "content");
	json_t *usage = json_object_get(data, "usage");

	(void)name;
	if (json_is_object(json_object_get(data, "error"))) {
		cli_printf(stderr, "\ntollgate: %s\n", json_text_peek(json_object_get(data, "error"), "message"));
		chat->failed = true;
	}
	if (text != NULL)
		print_answer(text);
	if (json_text_peek(choice, "finish_reason") != NULL)
		chat->complete = true;
	if (json_is_object(usage)) {
		json_decref(chat->usage);
		chat->usage = json_incref(usage);
	}
}

static void on_end(void *arg, const struct err *err)
{
	struct chat *chat = arg;

	chat->ended = true;
	if (chat->complete || chat->failed)
		return;
	cli_failed_here(err);
	chat->failed = true;
}

static json_t *chat_body(const char *model, const char *prompt)
{
	return json_pack("{s:s, s:b, s:{s:b}, s:[{s:s, s:s}]}", "model", model, "stream", 1, "stream_options",
			 "include_usage", 1, "messages", "role", "user", "content", prompt);
}

/* $TOLLGATE_URL, else where the daemon says it listens, else where it usually does.  Owned. */
static char *data_url(struct cli *cli)
{
	const char *given = getenv("TOLLGATE_URL"), *listen;
	json_t *status = NULL;
	char *url;

	if (given != NULL && *given != '\0')
		return xstrdup(given);
	client_call(cli->client, "GET", "/v1/status", NULL, NULL, &status, NULL, NULL);
	listen = json_text_peek(status, "listen");
	url = xstrdup(listen ? listen : "127.0.0.1:4000");
	json_decref(status);
	return url;
}

static void print_end(const struct chat *chat)
{
	const json_t *cost = json_object_get(chat->usage, "cost");
	char text[MONEY_TEXT];

	putchar('\n');
	if (chat->usage == NULL)
		return;
	fprintf(stderr, "%lld tokens in, %lld out", (long long)json_int_peek(chat->usage, "prompt_tokens", 0),
		(long long)json_int_peek(chat->usage, "completion_tokens", 0));
	/* To the nano-dollar, which a double holds for any call. */
	if (json_is_number(cost))
		fprintf(stderr, ", $%s", money_format((int64_t)(json_number_value(cost) * 1e9 + 0.5), text));
	putc('\n', stderr);
}

static int send_prompt(struct cli *cli, const char *secret, const char *prompt)
{
	struct chat chat = {0};
	char *url = data_url(cli);
	struct client *data = client_new_url(url, secret);
	json_t *body = chat_body(cli->args[0], prompt);

	client_post_stream(data, "/v1/chat/completions", body, on_event, on_end, &chat);
	while (!chat.ended)
		client_wait(data, NULL, 0, 1000);
	if (!chat.failed)
		print_end(&chat);
	json_decref(body);
	json_decref(chat.usage);
	client_free(data);
	free(url);
	return chat.failed ? CLI_FAILED : CLI_OK;
}

int chat_run(struct cli *cli)
{
	const char *secret = getenv("TOLLGATE_KEY");
	struct err err;
	char *prompt;
	int code;

	if (secret == NULL || *secret == '\0') {
		err_set(&err, ERR_INVALID, "$TOLLGATE_KEY is not set: export TOLLGATE_KEY=$(tollgate key create --team T)");
		return cli_usage_error(cli, &err);
	}
	prompt = read_prompt(cli, &err);
	if (prompt == NULL)
		return cli_failed_here(&err);
	code = send_prompt(cli, secret, prompt);
	free(prompt);
	return code;
}
