/* SPDX-License-Identifier: MIT */
#include "cli/litellm.h"

#include "base/buf.h"
#include "base/err.h"
#include "check.h"
#include "cli/yaml.h"

static void check_translation(const char *yaml, const char *wanted, const char *wanted_notes)
{
	struct buf out, notes;
	struct err err = {0};
	json_t *config = yaml_read(yaml, strlen(yaml), &err);

	buf_init(&out, 1 << 16);
	buf_init(&notes, 1 << 16);
	CHECK(config != NULL);
	CHECK_INT(litellm_translate(config, &out, &notes, &err), 0);
	CHECK_TEXT(out.data, wanted);
	CHECK_TEXT(notes.data, wanted_notes);
	buf_release(&out);
	buf_release(&notes);
	json_decref(config);
}

static void deployments_of_one_name_become_one_tier(void)
{
	check_translation("model_list:\n"
			  "  - model_name: smart\n"
			  "    litellm_params: {model: openai/gpt-5, api_key: os.environ/OPENAI_EU, weight: 3}\n"
			  "  - model_name: smart\n"
			  "    litellm_params: {model: claude-sonnet-4-5}\n",
			  "providers:\n"
			  "  - {name: openai, kind: openai, api_key: \"env:OPENAI_EU\"}\n"
			  "  - {name: anthropic, kind: anthropic, api_key: \"env:ANTHROPIC_API_KEY\"}\n"
			  "chains:\n"
			  "  - name: smart\n"
			  "    tiers:\n"
			  "      - [{target: openai/gpt-5, weight: 3}, {target: anthropic/claude-sonnet-4-5}]\n",
			  "");
}

static void fallbacks_become_tiers_and_settings_are_kept(void)
{
	check_translation("model_list:\n"
			  "  - {model_name: a, litellm_params: {model: groq/x}}\n"
			  "  - {model_name: b, litellm_params: {model: groq/y}}\n"
			  "router_settings: {fallbacks: [{a: [b, gone]}], num_retries: 2, timeout: 30}\n",
			  "providers:\n"
			  "  - {name: groq, kind: groq, api_key: \"env:GROQ_API_KEY\"}\n"
			  "chains:\n"
			  "  - name: a\n"
			  "    tiers:\n"
			  "      - [{target: groq/x}]\n"
			  "      - [{target: groq/y}]\n"
			  "    timeout: 30s\n"
			  "    retries: 2\n"
			  "  - name: b\n"
			  "    tiers:\n"
			  "      - [{target: groq/y}]\n"
			  "    timeout: 30s\n"
			  "    retries: 2\n",
			  "a: falls back to a model that is not in model_list\n");
}

static void accounts_that_differ_are_providers_that_differ(void)
{
	check_translation("model_list:\n"
			  "  - {model_name: a, litellm_params: {model: hosted_vllm/x, api_base: \"http://one/v1\"}}\n"
			  "  - {model_name: a, litellm_params: {model: hosted_vllm/x, api_base: \"http://two/v1\"}}\n"
			  "  - {model_name: \"openai/*\", litellm_params: {model: \"openai/*\", api_key: sk-1}}\n",
			  "providers:\n"
			  "  - {name: openai, kind: openai, base_url: \"http://one/v1\"}\n"
			  "  - {name: openai-2, kind: openai, base_url: \"http://two/v1\"}\n"
			  "  - {name: openai-3, kind: openai, api_key: sk-1}\n"
			  "chains:\n"
			  "  - name: a\n"
			  "    tiers:\n"
			  "      - [{target: openai/x}, {target: openai-2/x}]\n",
			  "openai-3: has its secret in the file; env:NAME or file:PATH keeps it out\n"
			  "openai/*: is a pattern: every model of the provider can be asked for as provider/model\n");
}

static void deployments_on_azure_keep_their_place_and_version(void)
{
	unsetenv("AZURE_API_BASE");
	setenv("TOLLGATE_TEST_BASE", "https://b.openai.azure.com/openai/v1/", 1);
	check_translation("model_list:\n"
			  "  - {model_name: a, litellm_params: {model: azure/gpt-4o-eu, api_base: \"https://x.openai.azure.com/\","
			  " api_version: \"2024-12-01-preview\", api_key: os.environ/AZ}}\n"
			  "  - {model_name: b, litellm_params: {model: azure/o_series/o3, api_base: os.environ/TOLLGATE_TEST_BASE}}\n"
			  "  - {model_name: c, litellm_params: {model: azure_ai/grok-4, api_base: \"https://f.services.ai.azure.com/models\"}}\n"
			  "  - {model_name: d, litellm_params: {model: azure_ai/phi-4, api_base: \"https://p.models.ai.azure.com\"}}\n"
			  "  - {model_name: e, litellm_params: {model: azure/x, api_base: os.environ/TOLLGATE_TEST_NOT_SET}}\n",
			  "providers:\n"
			  "  - {name: azure, kind: azure, api_key: \"env:AZ\", base_url: \"https://x.openai.azure.com\", api_version: \"2024-12-01-preview\"}\n"
			  "  - {name: azure-2, kind: azure, api_key: \"env:AZURE_API_KEY\", base_url: \"https://b.openai.azure.com\", api_version: v1}\n"
			  "  - {name: azure-3, kind: azure, api_key: \"env:AZURE_AI_API_KEY\", base_url: \"https://f.services.ai.azure.com\", api_version: v1}\n"
			  "  - {name: openai, kind: openai, api_key: \"env:AZURE_AI_API_KEY\", base_url: \"https://p.models.ai.azure.com/v1\"}\n"
			  "  - {name: azure-4, kind: azure, api_key: \"env:AZURE_API_KEY\"}\n"
			  "chains:\n"
			  "  - name: a\n    tiers:\n      - [{target: azure/gpt-4o-eu}]\n"
			  "  - name: b\n    tiers:\n      - [{target: azure-2/o3}]\n"
			  "  - name: c\n    tiers:\n      - [{target: azure-3/grok-4}]\n"
			  "  - name: d\n    tiers:\n      - [{target: openai/phi-4}]\n"
			  "  - name: e\n    tiers:\n      - [{target: azure-4/x}]\n",
			  "api_base: is in the variable TOLLGATE_TEST_NOT_SET, which is not set here; put it in by hand\n"
			  "azure: needs its base_url, such as https://NAME.openai.azure.com; put it in by hand\n");
	unsetenv("TOLLGATE_TEST_BASE");
}

static void models_on_bedrock_keep_their_region_and_keys(void)
{
	check_translation("model_list:\n"
			  "  - {model_name: a, litellm_params: {model: bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0,"
			  " aws_region_name: eu-west-1}}\n"
			  "  - {model_name: b, litellm_params: {model: bedrock/converse/us-west-2/meta.llama3-8b-instruct-v1:0,"
			  " aws_access_key_id: os.environ/ID, aws_secret_access_key: os.environ/SECRET}}\n"
			  "  - {model_name: c, litellm_params: {model: bedrock/amazon.nova-lite-v1:0, aws_access_key_id: AKID,"
			  " aws_secret_access_key: hush, aws_profile_name: dev}}\n",
			  "providers:\n"
			  "  - {name: bedrock, kind: bedrock, region: eu-west-1}\n"
			  "  - {name: bedrock-2, kind: bedrock, region: us-west-2, api_key: \"env:ID:SECRET\"}\n"
			  "  - {name: bedrock-3, kind: bedrock, api_key: \"AKID:hush\"}\n"
			  "chains:\n"
			  "  - name: a\n    tiers:\n      - [{target: \"bedrock/us.anthropic.claude-sonnet-4-5-20250929-v1:0\"}]\n"
			  "  - name: b\n    tiers:\n      - [{target: \"bedrock-2/meta.llama3-8b-instruct-v1:0\"}]\n"
			  "  - name: c\n    tiers:\n      - [{target: \"bedrock-3/amazon.nova-lite-v1:0\"}]\n",
			  "bedrock: has its keys in the file; env:ID:SECRET or file:PATH keeps them out\n"
			  "bedrock: roles and profiles of AWS are not known here; give keys or a bearer token\n");
}

static void what_is_not_known_is_said_and_left_out(void)
{
	check_translation("model_list:\n  - {model_name: a, litellm_params: {model: nobody/x}}\n", "providers: []\n",
			  "nobody/x: left out: its vendor is not known here; add the provider by hand\n");
}

static void another_file_is_refused(void)
{
	struct buf out, notes;
	struct err err = {0};
	json_t *config = yaml_read("a: 1", 4, &err);

	buf_init(&out, 1 << 16);
	buf_init(&notes, 1 << 16);
	CHECK_INT(litellm_translate(config, &out, &notes, &err), ERR_INVALID);
	CHECK_TEXT(err.text, "no model_list: is this LiteLLM's config.yaml?");
	json_decref(config);
	CHECK(yaml_read("a: [1", 5, &err) == NULL);
	CHECK(strstr(err.text, "not valid YAML in line") != NULL);
}

static void yaml_that_multiplies_itself_is_refused(void)
{
	struct buf yaml;
	struct err err = {0};

	buf_init(&yaml, 1 << 16);
	buf_puts(&yaml, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 9; i++)
		buf_printf(&yaml, "a%d: &a%d [*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d,*a%d]\n", i, i, i - 1, i - 1,
			   i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	CHECK(yaml_read(yaml.data, yaml.len, &err) == NULL);
	CHECK_INT(err.code, ERR_FULL);
	buf_release(&yaml);
}

CHECK_MAIN(TEST(deployments_of_one_name_become_one_tier), TEST(fallbacks_become_tiers_and_settings_are_kept),
	   TEST(accounts_that_differ_are_providers_that_differ), TEST(deployments_on_azure_keep_their_place_and_version),
	   TEST(models_on_bedrock_keep_their_region_and_keys), TEST(what_is_not_known_is_said_and_left_out),
	   TEST(another_file_is_refused), TEST(yaml_that_multiplies_itself_is_refused))
