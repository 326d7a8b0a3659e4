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

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/first_call.h"
#include "cli/state.h"

#define START_MS 10000
#define LOOK_AGAIN_MS 50
#define LOG "tollgated.log"
/* How much of the log is shown when the daemon ends at once. */
#define LOG_TAIL 2048
#define PATH_BYTES 4096

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
		code = first_call_show(cli, status);
	json_decref(status);
	return code;
}
