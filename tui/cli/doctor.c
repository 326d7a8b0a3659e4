/* SPDX-License-Identifier: MIT */
/* Everything a working gateway needs is checked here, one line each, with what to do about it. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/json.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/table.h"

#define MIB (INT64_C(1) << 20)
/* A backlog that is longer is not being taken over as fast as it comes. */
#define BACKLOG_WARN (8 * MIB)
#define DISK_WARN (1024 * MIB)
#define DISK_FAIL (100 * MIB)

enum finding { FINDING_OK, FINDING_WARN, FINDING_FAIL };

static const struct {
	const char *name, *colour;
} findings[] = {
	[FINDING_OK] = {"ok", "\033[32m"},
	[FINDING_WARN] = {"warn", "\033[33m"},
	[FINDING_FAIL] = {"fail", "\033[31m"},
};

struct doctor {
	struct cli *cli;
	json_t *status;         /* of the daemon; owned */
	json_t *report;         /* what was found; owned */
	bool colour;
	enum finding worst;
};

static void report_line(const struct doctor *doctor, enum finding finding, const char *check, const char *text)
{
	printf("%s%-4s%s  %-10s  ", doctor->colour ? findings[finding].colour : "", findings[finding].name,
	       doctor->colour ? "\033[0m" : "", check);
	cli_printf(stdout, "%s\n", text);
}

static void __attribute__((format(printf, 4, 5)))
report(struct doctor *doctor, enum finding finding, const char *check, const char *fmt, ...)
{
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	doctor->worst = finding > doctor->worst ? finding : doctor->worst;
	json_array_append_new(doctor->report, json_pack("{s:s, s:s, s:s}", "finding", findings[finding].name, "check",
							check, "text", text));
	if (!doctor->cli->json)
		report_line(doctor, finding, check, text);
}

static const char *text_or(const json_t *object, const char *name, const char *otherwise)
{
	const char *text = json_text_peek(object, name);

	return text ? text : otherwise;
}

static void check_role(struct doctor *doctor)
{
	const json_t *you = json_object_get(doctor->status, "you");
	const char *role = text_or(you, "role", "none"), *user = text_or(you, "user", "you");

	if (strcmp(role, "admin") == 0)
		report(doctor, FINDING_OK, "role", "%s is admin", user);
	else
		report(doctor, FINDING_WARN, "role", "%s is %s and cannot change anything: usermod -aG tollgate-admin %s",
		       user, role, user);
}

static void check_version(struct doctor *doctor)
{
	const char *version = text_or(doctor->status, "version", "unknown");

	if (strcmp(version, TOLLGATE_VERSION) == 0)
		report(doctor, FINDING_OK, "version", "%s", version);
	else
		report(doctor, FINDING_WARN, "version", "the daemon is %s, this program %s: restart the daemon", version,
		       TOLLGATE_VERSION);
}

static void check_data_port(struct doctor *doctor)
{
	struct client *data = client_new_url(text_or(doctor->status, "listen", "127.0.0.1:4000"), NULL);
	struct err err;
	int status;

	if (client_call(data, "GET", "/health/ready", NULL, NULL, NULL, &status, &err) == 0)
		report(doctor, FINDING_OK, "data port", "%s is ready", client_socket(data));
	else
		report(doctor, FINDING_FAIL, "data port", "%s is not ready: %s", client_socket(data), err.text);
	client_free(data);
}

static void check_warnings(struct doctor *doctor)
{
	const json_t *warning;
	size_t i;

	json_array_foreach(json_object_get(doctor->status, "warnings"), i, warning)
		report(doctor, FINDING_WARN, "daemon", "%s", json_string_value(warning));
}

static void check_journal(struct doctor *doctor)
{
	const json_t *journal = json_object_get(doctor->status, "journal");
	const char *failure = json_text_peek(journal, "failure");
	int64_t backlog = json_int_peek(journal, "backlog_bytes", 0);

	if (failure != NULL)
		report(doctor, FINDING_FAIL, "journal", "the ledger cannot be written since %s: %s",
		       text_or(journal, "failing_since", "a while"), failure);
	else if (backlog > BACKLOG_WARN)
		report(doctor, FINDING_WARN, "journal", "%" PRId64 " MiB wait to be written: is the disk slow?",
		       backlog / MIB);
	else
		report(doctor, FINDING_OK, "journal", "%" PRId64 " bytes wait to be written", backlog);
}

static void check_disk(struct doctor *doctor)
{
	const char *home = text_or(doctor->status, "home", "/");
	struct statvfs disk;
	int64_t free_bytes;

	if (statvfs(home, &disk) < 0) {
		report(doctor, FINDING_WARN, "disk", "%s cannot be looked at from here", home);
		return;
	}
	free_bytes = (int64_t)disk.f_bavail * (int64_t)disk.f_frsize;
	report(doctor, free_bytes < DISK_FAIL ? FINDING_FAIL : free_bytes < DISK_WARN ? FINDING_WARN : FINDING_OK,
	       "disk", "%" PRId64 " MiB free under %s%s", free_bytes / MIB, home,
	       free_bytes < DISK_WARN ? ": make room" : "");
}

static void test_provider(struct doctor *doctor, const char *name)
{
	const char *args[] = {name};
	char *path = path_with_args("/v1/providers/%/test", args);
	struct err err;
	json_t *result;

	if (client_call(doctor->cli->client, "POST", path, NULL, NULL, &result, NULL, &err) < 0)
		report(doctor, FINDING_WARN, "provider", "%s could not be tested: %s", name, err.text);
	else if (json_bool_peek(result, "ok"))
		report(doctor, FINDING_OK, "provider", "%s answers", name);
	else
		report(doctor, FINDING_FAIL, "provider", "%s does not answer: %s", name,
		       text_or(result, "error", "no reason given"));
	json_decref(result);
	free(path);
}

static void check_provider(struct doctor *doctor, const json_t *provider)
{
	const char *name = text_or(provider, "name", "?"), *state = text_or(provider, "state", "unknown");
	const char *error = json_text_peek(provider, "credential_error");

	if (error != NULL)
		report(doctor, FINDING_FAIL, "provider", "%s has no credential: %s", name, error);
	else if (strcmp(state, "enabled") != 0)
		report(doctor, FINDING_WARN, "provider", "%s is %s: tollgate provider enable %s", name, state, name);
	else
		test_provider(doctor, name);
}

static void check_providers(struct doctor *doctor)
{
	const json_t *provider;
	json_t *items;
	size_t i;

	if (cli_get_items(doctor->cli, "/v1/providers", &items) != CLI_OK)
		return;
	if (json_array_size(items) == 0)
		report(doctor, FINDING_FAIL, "provider", "there is none: tollgate provider add openai --api-key env:OPENAI_API_KEY");
	json_array_foreach(items, i, provider)
		check_provider(doctor, provider);
	json_decref(items);
}

/* A call of unknown price stops at every budget. */
static void check_chain(struct doctor *doctor, const json_t *chain)
{
	const json_t *target;
	size_t i, unpriced = 0;

	json_array_foreach(json_object_get(chain, "targets"), i, target) {
		const char *name = text_or(target, "target", "?");

		if (!json_is_false(json_object_get(target, "price_known")))
			continue;
		unpriced++;
		report(doctor, FINDING_WARN, "price", "%s in chain %s has none: tollgate price set %s --input USD --output USD",
		       name, text_or(chain, "name", "?"), name);
	}
	if (unpriced == 0)
		report(doctor, FINDING_OK, "price", "chain %s: every target has one", text_or(chain, "name", "?"));
}

static void check_chains(struct doctor *doctor)
{
	const json_t *chain;
	json_t *items;
	size_t i;

	if (cli_get_items(doctor->cli, "/v1/chains", &items) != CLI_OK)
		return;
	json_array_foreach(items, i, chain)
		check_chain(doctor, chain);
	json_decref(items);
}

int doctor_run(struct cli *cli)
{
	static void (*const checks[])(struct doctor *) = {
		check_role, check_version, check_data_port, check_journal, check_disk, check_providers, check_chains,
		check_warnings,
	};
	struct doctor doctor = {.cli = cli, .report = json_array(), .colour = table_has_colour(stdout)};
	struct err err;
	int status;

	if (client_call(cli->client, "GET", "/v1/status", NULL, NULL, &doctor.status, &status, &err) < 0) {
		report(&doctor, FINDING_FAIL, "socket", "%s", err.text);
	} else {
		report(&doctor, FINDING_OK, "socket", "%s", client_socket(cli->client));
		for (size_t i = 0; i < ARRAY_LEN(checks); i++)
			checks[i](&doctor);
	}
	if (cli->json)
		cli_print_json(doctor.report);
	json_decref(doctor.report);
	json_decref(doctor.status);
	if (status == 0)
		return CLI_UNREACHABLE;
	return doctor.worst == FINDING_FAIL ? CLI_FAILED : CLI_OK;
}
