/* SPDX-License-Identifier: MIT */
/* Every command of the command line, one row each. */
#include "cli/command.h"

#define CHANGE "reason dry-run if-revision"
#define LIST "limit sort filter"
#define LIMITS "budget budget-mode rpm tpm parallel models note"
#define TEAM CHANGE " " LIMITS " markup allow-unpriced"
#define KEY CHANGE " " LIMITS " name expires"
#define PROVIDER CHANGE " kind base-url api-key models options budget budget-mode"
#define PRICES "input output cache-read cache-write cache-write-1h reasoning input-audio input-image " \
	       "output-audio output-image request above-input from provider"
#define CALLS "team key model provider app status result since until limit cursor"

/* A change of one object that needs nothing but its row. */
#define SIMPLE(noun, verb, arguments, flags, method, path, done, help) \
	{noun, verb, arguments, flags, change_run, help, method, path, done, false}
#define DESTRUCTIVE(noun, verb, arguments, method, path, done, help) \
	{noun, verb, arguments, CHANGE " yes", change_run, help, method, path, done, true}
#define OTHER(noun, verb, arguments, flags, run, help) \
	{noun, verb, arguments, flags, run, help, NULL, NULL, NULL, false}
/* Its own function, which sends the row's request. */
#define SENDS(noun, verb, arguments, flags, run, method, path, done, help) \
	{noun, verb, arguments, flags, run, help, method, path, done, false}

const struct command commands[] = {
	OTHER("status", NULL, "", "", status_run, "show how the daemon is doing"),
	OTHER("doctor", NULL, "", "", doctor_run, "check everything a gateway needs, and say what to do"),
	OTHER("start", NULL, "", "", start_run, "start the daemon unless it runs, then open the dashboard"),

	OTHER("team", "list", "", LIST, team_list, "list the teams with their spend and budgets"),
	OTHER("team", "show", "TEAM", "", team_show, "show one team"),
	OTHER("team", "why", "TEAM", "since limit", team_why,
	      "say what a team spends more than usual on, and since when"),
	SIMPLE("team", "create", "TEAM", TEAM, "POST", "/v1/teams", "created", "create a team"),
	SIMPLE("team", "update", "TEAM", TEAM " name", "PATCH", "/v1/teams/%", "updated",
	       "change what is given of a team"),
	SIMPLE("team", "block", "TEAM", CHANGE, "POST", "/v1/teams/%/block", "blocked",
	       "refuse all calls of a team"),
	SIMPLE("team", "unblock", "TEAM", CHANGE, "POST", "/v1/teams/%/unblock", "unblocked",
	       "let a blocked team call again"),
	DESTRUCTIVE("team", "delete", "TEAM", "DELETE", "/v1/teams/%", "deleted",
		    "delete a team and revoke its keys; its ledger stays"),

	OTHER("key", "list", "", LIST " team state", key_list, "list the keys"),
	OTHER("key", "show", "KEY", "", key_show, "show one key"),
	SENDS("key", "create", "", KEY " team", key_create, "POST", "/v1/keys", "created",
	      "create a key and print its secret, this once"),
	SIMPLE("key", "update", "KEY", KEY, "PATCH", "/v1/keys/%", "updated", "change what is given of a key"),
	DESTRUCTIVE("key", "revoke", "KEY", "POST", "/v1/keys/%/revoke", "revoked",
		    "end a key for good, from the next request on"),
	SIMPLE("key", "block", "KEY", CHANGE, "POST", "/v1/keys/%/block", "blocked", "refuse a key's calls for now"),
	SIMPLE("key", "unblock", "KEY", CHANGE, "POST", "/v1/keys/%/unblock", "unblocked",
	       "let a blocked key call again"),
	SENDS("key", "rotate", "KEY", CHANGE " grace", key_rotate, "POST", "/v1/keys/%/rotate", "rotated",
	      "give a key a new secret and print it, this once"),

	OTHER("provider", "list", "", LIST, provider_list, "list the providers and how they are doing"),
	OTHER("provider", "show", "PROVIDER", "", provider_show, "show one provider"),
	OTHER("provider", "kinds", "", LIST, provider_kinds, "list the kinds of provider there are, with their usual place and variable"),
	SENDS("provider", "add", "PROVIDER", PROVIDER, provider_add, "POST", "/v1/providers", "added",
	      "add a provider"),
	SENDS("provider", "update", "PROVIDER", PROVIDER, provider_update, "PATCH", "/v1/providers/%", "updated",
	      "change what is given of a provider"),
	SIMPLE("provider", "enable", "PROVIDER", CHANGE, "POST", "/v1/providers/%/enable", "enabled",
	       "send calls to a provider again"),
	SIMPLE("provider", "disable", "PROVIDER", CHANGE, "POST", "/v1/providers/%/disable", "disabled",
	       "send no call to a provider, from the next one on"),
	SIMPLE("provider", "drain", "PROVIDER", CHANGE, "POST", "/v1/providers/%/drain", "draining",
	       "let a provider's open calls end, send no new ones"),
	SIMPLE("provider", "clear", "PROVIDER", CHANGE, "POST", "/v1/providers/%/clear", "cleared",
	       "stop a provider's cooling: try it again at once"),
	SENDS("provider", "test", "PROVIDER", "", provider_test, "POST", "/v1/providers/%/test", "tested",
	      "ask a provider something small and say what came"),
	DESTRUCTIVE("provider", "remove", "PROVIDER", "DELETE", "/v1/providers/%", "removed",
		    "forget a provider and its credential; its ledger stays"),

	OTHER("chain", "list", "", LIST, chain_list, "list the chains"),
	OTHER("chain", "show", "CHAIN", "", chain_show, "show a chain, tier by tier"),
	SENDS("chain", "set", "CHAIN TARGETS", CHANGE " timeout first-byte idle retries", chain_set, "PUT",
	      "/v1/chains/%", "set", "create or replace a chain: 'a/m*3,b/m > c/m' (tiers between >)"),
	OTHER("chain", "explain", "CHAIN", "down", chain_explain, "say which target would answer, and why"),
	OTHER("chain", "history", "CHAIN", "limit", chain_history, "list a chain's versions"),
	SIMPLE("chain", "undo", "CHAIN", CHANGE, "POST", "/v1/chains/%/undo", "put back",
	       "put a chain's previous version back"),
	DESTRUCTIVE("chain", "delete", "CHAIN", "DELETE", "/v1/chains/%", "deleted", "delete a chain"),

	OTHER("spend", NULL, "", "by since until team key model provider limit csv format", spend_run,
	      "say what was spent, by whom, on what"),

	OTHER("rankings", NULL, "", "by since until sort limit", rankings_run,
	      "rank models, providers, teams, keys or apps by use"),

	OTHER("call", "list", "", CALLS, call_list, "list calls, the newest first"),
	OTHER("call", "tail", "", "team key model provider app status result", call_tail,
	      "print calls as they end, until interrupted"),
	OTHER("call", "show", "CALL", "", call_show, "show one call: attempts, usage, cost"),
	OTHER("call", "why", "CALL", "", call_why, "say in words why a call went where it went"),

	OTHER("price", "list", "", LIST " model provider", price_list, "list what models cost"),
	SENDS("price", "set", "MODEL", "reason dry-run " PRICES, price_set, "POST", "/v1/prices", "set",
	      "set what a model costs, in USD per million tokens"),
	SENDS("price", "import", "FILE", "reason dry-run format", price_import, "POST", "/v1/prices/import", "imported",
	      "take prices from a file of LiteLLM, OpenRouter or genai-prices"),
	SENDS("price", "reprice", "", "all since until model provider team yes reason dry-run", price_reprice, "POST",
	      "/v1/prices/reprice", "repriced",
	      "charge calls of unknown cost, or all, by the prices that held when they were made"),

	OTHER("audit", NULL, "", "object action who limit cursor", audit_list, "list changes, the newest first"),
	OTHER("audit", "list", "", "object action who limit cursor", audit_list, "the same"),
	SIMPLE("audit", "undo", "ID", "reason dry-run", "POST", "/v1/audit/%/undo", "undone",
	       "put back what a change replaced"),

	OTHER("apply", NULL, "", "file yes reason dry-run", config_apply,
	      "make the live state equal to a configuration file"),
	OTHER("diff", NULL, "", "file", config_diff, "show how the live state differs from a file; exit 1 if it does"),
	OTHER("export", NULL, "", "", config_export, "print the live state as a configuration file"),

	OTHER("import", "litellm", "FILE", "", import_litellm,
	      "print LiteLLM's config.yaml as a configuration file of ours"),

	OTHER("db", "check", "", "", db_check, "prove that rows, sums and budgets agree"),
	OTHER("db", "backup", "FILE", "", db_backup, "write a copy of the database while it is in use"),
	OTHER("db", "restore", "FILE", "yes", db_restore, "put a backup back; the daemon must be stopped"),

	OTHER("chat", NULL, "MODEL [PROMPT...]", "", chat_run,
	      "send one prompt (or stdin) through the gateway with $TOLLGATE_KEY"),

	OTHER("completion", NULL, "SHELL", "", completion_run, "print completion for a shell: bash"),
	OTHER("help", NULL, "[COMMAND...]", "", help_run, "say what a command does and takes"),
	{NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, false},
};
