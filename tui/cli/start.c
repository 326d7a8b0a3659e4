/* SPDX-License-Identifier: MIT */
/* What `make run` calls: a daemon is found or started, then the dashboard opened or a first call shown. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/state.h"

#define START_MS 10000
#define LOOK_AGAIN_MS 50
#define LOG "tollgated.log"
/* How much of the log is shown when the daemon ends at once. */
#define LOG_TAIL 2048
/* The key of the line that is printed: its id and its secret. */
#define KEY_FILE "start.key"
#define KEY_NAME "start"
#define PATH_BYTES 4096
#define ID_SIZE 64
#define SECRET_SIZE 160

/* Any of these in the environment makes a provider; with none, there is a demo to look at. */
static const char *const provider_variables[] = {
	"OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "MISTRAL_API_KEY", "GROQ_API_KEY",
	"DEEPSEEK_API_KEY", "XAI_API_KEY", "OPENROUTER_API_KEY", "AWS_ACCESS_KEY_ID", "AZURE_OPENAI_API_KEY",
	"OLLAMA_HOST",
};

static bool has_provider(void)
{
	for (size_t i = 0; i < ARRAY_LEN(provider_variables); i++) {
		const char *value = getenv(provider_variables[i]);

		if (value != NULL && *value != '\0')
			return true;
	}
	return false;
}

/* Where this program is, and others of the same build may be; "" when it cannot be known. */
static void own_directory(char out[PATH_BYTES])
{
	ssize_t n = readlink("/proc/self/exe", out, PATH_BYTES - 1);
	char *slash;

	out[n > 0 ? n : 0] = '\0';
	slash = strrchr(out, '/');
	if (slash != NULL)
		*slash = '\0';
}

/* Beside this program, beside its directory's sbin where it is installed, else by PATH.  Owned. */
static char *find_daemon(void)
{
	static const char *const places[] = {"tollgated", "../sbin/tollgated"};
	char directory[PATH_BYTES];

	own_directory(directory);
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		char *path = xasprintf("%s/%s", directory, places[i]);

		if (access(path, X_OK) == 0)
			return path;
		free(path);
	}
	return xstrdup("tollgated");
}

/* -- The daemon ------------------------------------------------------------------------------------ */

static void become_daemon(const struct cli *cli, const char *log, bool any_port)
{
	const char *args[8];
	char *program = find_daemon();
	int null = open("/dev/null", O_RDONLY), out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
	size_t n = 0;

	args[n++] = program;
	if (cli_has(cli, FLAG_SOCKET)) {
		args[n++] = "--socket";
		args[n++] = cli->values[FLAG_SOCKET];
	}
	if (any_port) {
		args[n++] = "--listen";
		args[n++] = "127.0.0.1:0";
	}
	if (!has_provider())
		args[n++] = "--demo";
	args[n] = NULL;
	setsid();
	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	closefrom(STDERR_FILENO + 1);
	execvp(program, (char *const *)args);
	fprintf(stderr, "%s: %s\n", program, strerror(errno));
	_exit(127);
}

static bool answers(struct cli *cli, json_t **ret_status)
{
	struct client_options options = {.timeout_ms = 2000};

	if (client_call(cli->client, "GET", "/v1/status", NULL, &options, ret_status, NULL, NULL) == 0)
		return true;
	json_decref(*ret_status);
	*ret_status = NULL;
	return false;
}

static void wait_a_little(void)
{
	const struct timespec pause = {.tv_nsec = LOOK_AGAIN_MS * 1000000L};

	nanosleep(&pause, NULL);
}

enum outcome { STARTED, ENDED, SILENT };

static enum outcome wait_for_daemon(struct cli *cli, pid_t pid, json_t **ret_status)
{
	uint64_t until_us = clock_mono_us() + START_MS * UINT64_C(1000);

	while (clock_mono_us() < until_us) {
		if (answers(cli, ret_status))
			return STARTED;
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return ENDED;
		wait_a_little();
	}
	return SILENT;
}

static void show_log(const char *log, off_t from)
{
	char text[LOG_TAIL];
	int fd = open(log, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	ssize_t n = 0;

	if (fd >= 0)
		n = pread(fd, text, sizeof(text), end - from > LOG_TAIL ? end - LOG_TAIL : from);
	if (n > 0)
		fprintf(stderr, "%.*s", (int)n, text);
	fprintf(stderr, "tollgate: the daemon did not start; its log is %s\n", log);
	if (fd >= 0)
		close(fd);
}

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : 0;
}

static enum outcome try_start(struct cli *cli, const char *log, bool any_port, json_t **ret_status)
{
	pid_t pid = fork();
	enum outcome outcome;

	if (pid < 0)
		return ENDED;
	if (pid == 0)
		become_daemon(cli, log, any_port);
	outcome = wait_for_daemon(cli, pid, ret_status);
	if (outcome == SILENT)
		kill(pid, SIGTERM);
	return outcome;
}

/* Where the usual port is taken the daemon ends at once; any free one will do then. */
static int start_daemon(struct cli *cli, json_t **ret_status)
{
	struct err err;
	char *log;
	off_t before;
	enum outcome outcome;

	if (state_make_home(&err) < 0)
		return cli_failed_here(&err);
	log = state_path(LOG);
	before = size_of(log);
	outcome = try_start(cli, log, false, ret_status);
	if (outcome == ENDED)
		outcome = try_start(cli, log, true, ret_status);
	if (outcome != STARTED)
		show_log(log, before);
	else
		fprintf(stderr, "the daemon was started; its log is %s\n", log);
	free(log);
	return outcome == STARTED ? CLI_OK : CLI_UNREACHABLE;
}

static int find_or_start(struct cli *cli, json_t **ret_status)
{
	struct err err;
	int status;

	if (client_call(cli->client, "GET", "/v1/status", NULL, NULL, ret_status, &status, &err) == 0) {
		fprintf(stderr, "a daemon runs already\n");
		return CLI_OK;
	}
	json_decref(*ret_status);
	*ret_status = NULL;
	/* There is one, but it cannot be talked to. */
	if (status != 0 || err.code == ERR_FORBIDDEN)
		return cli_failed(status, &err);
	return start_daemon(cli, ret_status);
}

/* -- A first call ---------------------------------------------------------------------------------- */

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

/* A chain, else a model of some provider: something the first call can ask for. */
static bool find_model(struct cli *cli, char *out, size_t size)
{
	json_t *providers = NULL, *provider;
	bool found = first_of(cli, "/v1/chains?limit=1", "name", out, size);
	size_t i;

	if (found || client_call(cli->client, "GET", "/v1/providers", NULL, NULL, &providers, NULL, NULL) < 0)
		goto out;
	json_array_foreach(json_object_get(providers, "items"), i, provider) {
		const char *model = json_string_value(json_array_get(json_object_get(provider, "models"), 0));

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

static int show_first_call(struct cli *cli, const json_t *status)
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

/* The dashboard is this program without a command. */
static int open_dashboard(const struct cli *cli)
{
	const char *args[] = {"tollgate", "--socket", client_socket(cli->client), NULL};
	struct err err;

	execv("/proc/self/exe", (char *const *)args);
	err_errno(&err, "opening the dashboard");
	return cli_failed_here(&err);
}

int start_run(struct cli *cli)
{
	json_t *status = NULL;
	int code = find_or_start(cli, &status);

	if (code == CLI_OK && cli->json)
		cli_print_json(status);
	else if (code == CLI_OK && cli->to_terminal && isatty(STDIN_FILENO))
		code = open_dashboard(cli);
	else if (code == CLI_OK)
		code = show_first_call(cli, status);
	json_decref(status);
	return code;
}
