/* SPDX-License-Identifier: MIT */
/* Which digit leads to which screen. */
#include "base/mem.h"
#include "screens/screens.h"

const struct tab tabs[] = {
	{"1", "Over", "Overview", REQUEST_GO_OVERVIEW, &overview_screen},
	{"2", "Team", "Teams", REQUEST_GO_TEAMS, &teams_screen},
	{"3", "Keys", "Keys", REQUEST_GO_KEYS, &keys_screen},
	{"4", "Prov", "Providers", REQUEST_GO_PROVIDERS, &providers_screen},
	{"5", "Chain", "Chains", REQUEST_GO_CHAINS, &chains_screen},
	{"6", "Calls", "Calls", REQUEST_GO_CALLS, &calls_screen},
	{"0", "Audit", "Audit", REQUEST_GO_AUDIT, &audit_screen},
};

const size_t num_tabs = ARRAY_LEN(tabs);
