/* SPDX-License-Identifier: MIT */
#include "dialects/provider_kind.h"

#include "check.h"

static void every_kind_can_be_found_and_is_whole(void)
{
	int n = 0;

	for (const struct provider_kind *k = provider_kinds; k->name != NULL; k++, n++) {
		CHECK(provider_kind_find(k->name) == k);
		CHECK(k->title != NULL && k->base_url != NULL && k->chat_path != NULL);
		CHECK((k->dialect == NULL) == (strcmp(k->name, "sim") == 0));
		CHECK((k->auth == AUTH_HEADER) == (k->auth_header != NULL));
		CHECK(k->chat_path[0] == '/' || k->dialect == NULL);
		CHECK(k->base_url[0] == '\0' || k->base_url[strlen(k->base_url) - 1] != '/');
	}
	CHECK(n >= 9);
	CHECK(provider_kind_find("nobody") == NULL);
}

CHECK_MAIN(TEST(every_kind_can_be_found_and_is_whole))
