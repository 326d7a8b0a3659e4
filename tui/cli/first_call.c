/* SPDX-License-Identifier: MIT */
/* A newcomer's first call is put together here: a team, a key that is kept, and a line that works. */
#include "cli/first_call.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/state.h"

/* The key of the line that is printed: its id and its secret. */
#define KEY_FILE "start.key"
#define KEY_NAME "start"
#define ID_SIZE 64
#define SECRET_SIZE 160

struct start_key {
	char id[ID_SIZE], secret[SECRET_SIZE];
};

/* The key of an earlier start, if there is one and the daemon still takes it. */
static bool load_key(struct cli *cli, struct start_key *key)
{
	char *path = state_path(KEY_FILE), *object_path;
	const char *args[] = {key->id};
	FILE *file = fopen(path, "re");
	json_t *object = NULL;
	bool usable;

	free(path);
	if (file == NULL)
		return false;
	usable = fscanf(file, "%63s %159s", key->id, key->secret) == 2;
	fclose(file);
	if (!usable)
		return false;
	object_path = path_with_args("/v1/keys/%", args);
	usable = client_call(cli->client, "GET", object_path, NULL, NULL, &object, NULL, NULL) == 0 &&
		 strcmp(json_text_peek(object, "state") ? json_text_peek(object, "state") : "", "active") == 0;
	free(object_path);
	json_decref(object);
	return usable;
}

/* Only its owner may read it.  That it could not be kept costs another key next time, nothing else. */
static void save_key(const struct start_key *key)
{
	char *path = state_path(KEY_FILE);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd >= 0) {
		dprintf(fd, "%s %s\n", key->id, key->secret);
		close(fd);
	}
	free(path);
}

/* The member of the list's first item, copied; false when there is none. */
static bool first_of(struct cli *cli, const char *path, const char *member, char *out, size_t size)
{
	json_t *answer = NULL;
	const char *text = NULL;

	if (client_call(cli->client, "GET", path, NULL, NULL, &answer, NULL, NULL) == 0)
		text = json_text_peek(json_array_get(json_object_get(answer, "items"), 0), member);
	if (text != NULL)
		copy_text(out, size, text);
	json_decref(answer);
	return text != NULL;
}

static int make_team(struct cli *cli, char *team, size_t size, struct err *err)
{
	json_t *body;
	int code;

	if (first_of(cli, "/v1/teams?limit=1", "name", team, size))
		return 0;
	copy_text(team, size, "default");
	body = json_pack("{s:s}", "name", team);
	code = client_call(cli->client, "POST", "/v1/teams", body, NULL, NULL, NULL, err);
	json_decref(body);
	return code;
}

/* Another key of that name may be there, of a state directory that is gone: the time makes ours new. */
static int make_key(struct cli *cli, struct start_key *key, struct err *err)
{
	char team[128], name[64];
	json_t *body, *answer = NULL, *object;
	int code = make_team(cli, team, sizeof(team), err);

	if (code < 0)
		return code;
	snprintf(name, sizeof(name), KEY_NAME "-%lld", (long long)(clock_wall_ms() / 1000));
	body = json_pack("{s:s, s:s}", "team", team, "name", name);
	code = client_call(cli->client, "POST", "/v1/keys", body, NULL, &answer, NULL, err);
	json_decref(body);
	object = json_object_get(answer, "object");
	if (code == 0 && json_text_peek(object, "secret") == NULL)
		code = err_set(err, ERR_SYSTEM, "the daemon made a key and gave no secret");
	if (code == 0) {
		copy_text(key->id, sizeof(key->id), json_text_peek(object, "id"));
		copy_text(key->secret, sizeof(key->secret), json_text_peek(object, "secret"));
		save_key(key);
	}
	json_decref(answer);
	return code;
}

/* What a vendor's account can be asked for where nobody said what it serves. */
static const struct {
	const char *kind, *model;
} usual_models[] = {
	{"openai", "gpt-5-mini"},
	{"anthropic", "claude-haiku-4-5"},
	{"openrouter", "openai/gpt-5-mini"},
	{"mistral", "mistral-small-latest"},
	{"groq", "llama-3.1-8b-instant"},
	{"deepseek", "deepseek-chat"},
	{"xai", "grok-4"},
};

/* Its first model, else its vendor's usual one; NULL when nobody knows. */
static const char *model_of(const json_t *provider)
{
	const char *model = json_string_value(json_array_get(json_object_get(provider, "models"), 0));
	const char *kind = json_text_peek(provider, "kind");

	for (size_t i = 0; model == NULL && kind != NULL && i < ARRAY_LEN(usual_models); i++)
		if (strcmp(usual_models[i].kind, kind) == 0)
			model = usual_models[i].model;
	return model;
}

/* A chain, else a model of some provider: something the first call can ask for. */
static bool find_model(struct cli *cli, char *out, size_t size)
{
	json_t *providers = NULL, *provider;
	bool found = first_of(cli, "/v1/chains?limit=1", "name", out, size);
	size_t i;

	if (found || client_call(cli->client, "GET", "/v1/providers", NULL, NULL, &providers, NULL, NULL) < 0)
		goto out;
	json_array_foreach(json_object_get(providers, "items"), i, provider) {
		const char *model = model_of(provider);

		if (model == NULL || found)
			continue;
		snprintf(out, size, "%s/%s", json_text_peek(provider, "name"), model);
		found = true;
	}
out:
	json_decref(providers);
	return found;
}

static void print_first_call(const json_t *status, const char *secret, const char *model)
{
	printf("\ncurl http://%s/v1/chat/completions -H 'Authorization: Bearer %s' \\\n"
	       "  -H 'Content-Type: application/json' \\\n"
	       "  -d '{\"model\": \"%s\", \"messages\": [{\"role\": \"user\", \"content\": \"Hello\"}]}'\n\n",
	       json_text_peek(status, "listen"), secret, model);
}

int first_call_show(struct cli *cli, const json_t *status)
{
	struct start_key key;
	char model[256];
	struct err err;

	printf("tollgate %s%s, pid %lld, data API http://%s, admin socket %s\n", json_text_peek(status, "version"),
	       json_bool_peek(status, "demo") ? " DEMO (simulated providers)" : "",
	       (long long)json_int_peek(status, "pid", 0), json_text_peek(status, "listen"),
	       json_text_peek(status, "socket") ? json_text_peek(status, "socket") : client_socket(cli->client));
	if (!load_key(cli, &key) && make_key(cli, &key, &err) < 0)
		return cli_failed_here(&err);
	if (!find_model(cli, model, sizeof(model)))
		copy_text(model, sizeof(model), "PROVIDER/MODEL");
	print_first_call(status, key.secret, model);
	printf("stop it: kill %lld\n", (long long)json_int_peek(status, "pid", 0));
	return CLI_OK;
}
