/* SPDX-License-Identifier: MIT */
/* Which digit leads to which screen. */
#include "base/mem.h"
#include "screens/screens.h"

const struct tab tabs[] = {
	{"1", "Over", "Overview", REQUEST_GO_OVERVIEW, &overview_screen},
	{"4", "Prov", "Providers", REQUEST_GO_PROVIDERS, &providers_screen},
	{"5", "Chain", "Chains", REQUEST_GO_CHAINS, &chains_screen},
	{"6", "Calls", "Calls", REQUEST_GO_CALLS, &calls_screen},
};

const size_t num_tabs = ARRAY_LEN(tabs);
