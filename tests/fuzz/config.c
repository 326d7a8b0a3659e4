/* SPDX-License-Identifier: MIT */
/* Any text is read as a configuration file: it is taken, or refused in a sentence that names the file. */
#include "config/config.h"

#include <string.h>

#include "base/err.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct config config;
	struct err err = {0};

	config_init(&config);
	if (config_parse(&config, (const char *)data, len, "FILE", &err) < 0) {
		REQUIRE(strstr(err.text, "FILE") != NULL);
	} else {
		REQUIRE(json_is_array(config.providers) && json_is_array(config.chains));
		REQUIRE(json_is_array(config.teams) && json_is_array(config.prices));
	}
	config_release(&config);
	return 0;
}
