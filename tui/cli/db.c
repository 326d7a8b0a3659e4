/* SPDX-License-Identifier: MIT */
/* The database is checked, copied and put back here. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/state.h"

#define DATABASE "tollgate.db"

static int post(struct cli *cli, const char *path, json_t **ret)
{
	struct client_options options = {.timeout_ms = -1};
	struct err err;
	int status;

	if (client_call(cli->client, "POST", path, NULL, &options, ret, &status, &err) == 0)
		return CLI_OK;
	json_decref(*ret);
	*ret = NULL;
	return cli_failed(status, &err);
}

int db_check(struct cli *cli)
{
	json_t *answer, *problem;
	int code = post(cli, "/v1/db/check", &answer);
	size_t i;

	if (code != CLI_OK)
		return code;
	code = json_bool_peek(answer, "ok") ? CLI_OK : CLI_FAILED;
	if (cli->json) {
		cli_print_json(answer);
	} else {
		json_array_foreach(json_object_get(answer, "problems"), i, problem)
			cli_printf(stdout, "%s\n", json_string_value(problem));
		printf("%s: %lld calls, %lld ms\n", code == CLI_OK ? "it adds up" : "it does not add up",
		       (long long)json_int_peek(answer, "calls", 0), (long long)json_int_peek(answer, "ms", 0));
	}
	json_decref(answer);
	return code;
}

/* The daemon has a working directory of its own. */
static char *absolute(const char *path)
{
	char *here = *path == '/' ? NULL : getcwd(NULL, 0);
	char *whole = here ? xasprintf("%s/%s", here, path) : xstrdup(path);

	free(here);
	return whole;
}

int db_backup(struct cli *cli)
{
	char *path = absolute(cli->args[0]);
	struct buf with_query;
	json_t *answer;
	int code;

	buf_init(&with_query, 1 << 14);
	buf_puts(&with_query, "/v1/db/backup?path=");
	client_escape(&with_query, path);
	code = post(cli, with_query.data, &answer);
	if (code == CLI_OK && cli->json)
		cli_print_json(answer);
	else if (code == CLI_OK)
		fprintf(stderr, "written to %s\n", path);
	json_decref(answer);
	buf_release(&with_query);
	free(path);
	return code;
}

/* -- Restoring ------------------------------------------------------------------------------------- */

static int copy_all(int from, int to, const char *path, struct err *err)
{
	static char block[1 << 16];
	ssize_t n;

	while ((n = read(from, block, sizeof(block))) > 0)
		if (write(to, block, (size_t)n) != n)
			return err_errno(err, "writing %s", path);
	if (n < 0 || fsync(to) < 0)
		return err_errno(err, "copying to %s", path);
	return 0;
}

/* Every SQLite file begins with these 16 bytes. */
static int check_header(int fd, const char *path, struct err *err)
{
	char head[16];

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) || memcmp(head, "SQLite format 3", sizeof(head)) != 0)
		return err_set(err, ERR_INVALID, "%s: no SQLite database; give a file that tollgate db backup wrote", path);
	return 0;
}

static int copy_backup(const char *from_path, const char *to_path, struct err *err)
{
	int from = open(from_path, O_RDONLY | O_CLOEXEC), to = -1, code = 0;

	if (from < 0)
		return err_errno(err, "%s", from_path);
	if (check_header(from, from_path, err) < 0) {
		code = err->code;
		goto out;
	}
	to = open(to_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	code = to < 0 ? err_errno(err, "%s", to_path) : copy_all(from, to, to_path, err);
out:
	if (to >= 0)
		close(to);
	close(from);
	return code;
}

/* The old database moves aside with its write-ahead log, which belongs to it and to no other. */
static int move_aside(const char *database, const char *aside, struct err *err)
{
	static const char *const suffixes[] = {"-wal", "-shm", ""};

	for (size_t i = 0; i < ARRAY_LEN(suffixes); i++) {
		char *from = xasprintf("%s%s", database, suffixes[i]), *to = xasprintf("%s%s", aside, suffixes[i]);
		int failed = rename(from, to) < 0 && errno != ENOENT ? errno : 0;

		free(from);
		free(to);
		errno = failed;
		if (failed)
			return err_errno(err, "moving %s aside", database);
	}
	return 0;
}

static int put_back(const char *backup, const char *database, struct err *err)
{
	char *fresh = xasprintf("%s.restoring", database);
	char *aside = xasprintf("%s.before-%lld", database, (long long)(clock_wall_ms() / 1000));
	int code = copy_backup(backup, fresh, err);

	if (code == 0)
		code = move_aside(database, aside, err);
	if (code == 0 && rename(fresh, database) < 0)
		code = err_errno(err, "putting %s in place", fresh);
	if (code == 0)
		fprintf(stderr, "%s is in place; what was there is %s\n", backup, aside);
	else
		unlink(fresh);
	free(fresh);
	free(aside);
	return code;
}

/* A daemon that answers keeps its database open; and where its home is not the one meant here, somebody is
 * about to put the backup where it does no good.  Said outright (TOLLGATE_HOME) another home is fine. */
static int check_daemon(struct cli *cli, struct err *err)
{
	char *home = state_home();
	const char *theirs;
	json_t *status = NULL;
	int code = 0;

	if (client_call(cli->client, "GET", "/v1/status", NULL, NULL, &status, NULL, NULL) == 0 &&
	    (theirs = json_text_peek(status, "home")) != NULL &&
	    (strcmp(theirs, home) == 0 || getenv("TOLLGATE_HOME") == NULL))
		code = err_set(err, ERR_CONFLICT, "a daemon runs on %s: stop it with kill %lld, then TOLLGATE_HOME=%s tollgate db restore %s",
			       theirs, (long long)json_int_peek(status, "pid", 0), theirs, cli->args[0]);
	json_decref(status);
	free(home);
	return code;
}

int db_restore(struct cli *cli)
{
	char *database = state_path(DATABASE), *question;
	struct err err;
	int code = CLI_FAILED, lock = check_daemon(cli, &err) < 0 ? -1 : state_lock(&err);

	if (lock < 0) {
		free(database);
		return cli_failed_here(&err);
	}
	question = xasprintf("replace %s with %s?", database, cli->args[0]);
	if (cli_confirm(cli, question))
		code = put_back(cli->args[0], database, &err) < 0 ? cli_failed_here(&err) : CLI_OK;
	free(question);
	free(database);
	close(lock);
	return code;
}
