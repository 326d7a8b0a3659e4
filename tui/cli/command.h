/* SPDX-License-Identifier: MIT */
/*
 * command.h — what a command is, and what one that runs is given.
 *
 * Commands are rows of one table (commands.c): parsing, usage errors, help and completion derive
 * from the row.  Flags are rows of flags.def.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "cli/cli.h"
#include "model/client.h"

enum flag_id {
#define FLAG(id, name, letter, argument, kind, member, help) FLAG_##id,
#include "cli/flags.def"
#undef FLAG
	NUM_FLAGS
};

enum flag_kind {
	KIND_SWITCH,    /* no argument */
	KIND_WORD,      /* text as it is */
	KIND_TEXT,      /* text; "none" is null */
	KIND_NUMBER,    /* a whole number; "none" is null */
	KIND_MONEY,     /* USD, kept as decimal text; "none" is null */
	KIND_LIST,      /* words between commas; "all" and "none" are null */
	KIND_BOOLEAN,   /* yes or no */
	KIND_OBJECT,    /* a JSON object */
};

struct flag {
	const char *name;       /* without the dashes */
	char letter;            /* 0: none */
	const char *argument;   /* for help; NULL: takes none */
	enum flag_kind kind;
	const char *member;
	const char *help;
};

extern const struct flag flags[NUM_FLAGS];

/* The words of a prompt, at most. */
#define CLI_MAX_ARGS 256

struct cli;
typedef int command_run(struct cli *);

struct command {
	const char *noun;
	const char *verb;       /* NULL: the noun alone is the command */
	const char *arguments;  /* "KEY", "CHAIN TARGETS", "[NAME]", "[WORD...]"; "" for none */
	const char *flags;      /* names from flags.def, separated by blanks, beside those every command takes */
	command_run *run;
	const char *help;       /* begins with a verb, ends without a full stop */

	/* For change_run: one request that changes one object. */
	const char *method, *path;      /* path: % stands for the first argument, encoded */
	const char *done;               /* past participle, for people: "team search blocked" */
	bool destructive;               /* on a terminal, asks first */
};

/* Ends with noun == NULL; the verbs of a noun stand together. */
extern const struct command commands[];

/* A command line that was understood. */
struct cli {
	const struct command *command;
	const char *args[CLI_MAX_ARGS];
	size_t num_args;
	const char *values[NUM_FLAGS];  /* NULL: not given; "" for a switch that is */
	struct client *client;
	bool json;
	bool to_terminal;               /* stdout is one */
	bool asks;                      /* stdin and stderr are, so there is somebody to ask */
};

static inline bool cli_has(const struct cli *cli, enum flag_id id)
{
	return cli->values[id] != NULL;
}

/* -- options.c: a command line becomes a struct cli ------------------------------------------------ */

/* CLI_OK, or CLI_USAGE and a sentence in err.  cli->command is NULL when no command was named; it is
 * the nearest one where the arguments are wrong. */
int options_parse(struct cli *, int argc, char **argv, struct err *err);
/* How many positional arguments this command's grammar takes. */
void options_arity(const char *arguments, size_t *ret_min, size_t *ret_max);
/* Whether the command takes this flag. */
bool command_takes(const struct command *, enum flag_id);
/* Walks over the words of a blank-separated list: false at its end. */
bool next_word(const char **list, const char **ret_word, size_t *ret_len);

/* -- body.c: flags become bodies and queries ------------------------------------------------------- */

/* CLI_OK, or CLI_USAGE and a sentence in err where text is no value of this flag. */
int flag_check(enum flag_id, const char *text, struct err *err);
/* A new object of the given flags that have a member; their values have been checked. */
json_t *body_from_flags(const struct cli *);
/* The flag's number, or otherwise where it is not given. */
long cli_number(const struct cli *, enum flag_id, long otherwise);
/* path and the given flags that have a member as its query; the caller frees it. */
char *path_with_flags(const struct cli *, const char *path);
/* path with each % replaced by the next of args, encoded; the caller frees it. */
char *path_with_args(const char *path, const char *const *args);

/* -- ask.c: requests ------------------------------------------------------------------------------- */

/* GET; an enum cli_exit, what failed is said. */
int cli_get(struct cli *, const char *path, json_t **ret);
/* A change with --reason, --dry-run and --if-revision. */
int cli_change(struct cli *, const char *method, const char *path, const json_t *body, json_t **ret);
/* All items of a list, page by page up to --limit (0: all); *ret_items is a new reference. */
int cli_get_items(struct cli *, const char *path, json_t **ret_items);
/* The file's text ("-" for stdin), at most 64 MiB; NULL and a sentence in err. */
char *cli_read_file(const char *path, size_t *ret_len, struct err *err);

/* -- say.c: what is said --------------------------------------------------------------------------- */

/* What would act on a terminal becomes visible, whatever the arguments hold. */
void cli_printf(FILE *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Text of any length, cleaned when out is a terminal and exact when it is not. */
void cli_print_text(FILE *out, const char *text);
/* On stdout, for --json. */
void cli_print_json(const json_t *);
/* Says what failed on stderr; CLI_UNREACHABLE for status 0, else CLI_FAILED. */
int cli_failed(int status, const struct err *err);
/* The same for what failed on this side: CLI_FAILED. */
int cli_failed_here(const struct err *err);
/* A sentence on stderr, CLI_USAGE. */
int cli_usage_error(const struct cli *, const struct err *err);
/* "question [y/N]" on stderr; true when the answer is yes, or there is nobody to ask, or --yes. */
bool cli_confirm(const struct cli *, const char *question);

/* -- change.c: commands that change one object ------------------------------------------------------ */

/* Runs the row's method and path with a body from the flags. */
command_run change_run;
/* The same with a body (stolen) and an answer that is the caller's. */
int change_send(struct cli *, json_t *body, json_t **ret_answer);
/* "team search blocked (audit 12)" on stderr, or the object with --json; or a dry run's impact. */
void change_print(struct cli *, const json_t *answer);

/* -- help.c ----------------------------------------------------------------------------------------- */

void help_all(void);
command_run help_run;
command_run completion_run;

/* -- one file per noun ------------------------------------------------------------------------------- */

command_run status_run, doctor_run, start_run;
command_run team_list, team_show, team_why;
command_run key_list, key_show, key_create, key_rotate;
command_run provider_list, provider_kinds, provider_show, provider_add, provider_update, provider_test;
command_run chain_list, chain_show, chain_set, chain_explain, chain_history;
command_run call_list, call_show, call_why, call_tail;
command_run spend_run;
command_run rankings_run;
command_run price_list, price_set, price_import, price_reprice;
command_run audit_list;
command_run import_litellm;
command_run config_apply, config_diff, config_export;
command_run db_check, db_backup, db_restore;
command_run chat_run;

#endif
