/* SPDX-License-Identifier: MIT */
/* litellm.h — LiteLLM's config.yaml said in our words. */
#ifndef CLI_LITELLM_H
#define CLI_LITELLM_H

#include <jansson.h>

struct buf;
struct err;

/*
 * config is LiteLLM's file as yaml_read() gives it.  Appends our configuration file to out, and to
 * notes a line for each thing that has no counterpart or deserves a look.  0, or a negative code where
 * there is no model_list.
 *
 * model_list entries of one model_name → a chain's first tier; fallbacks → its next tiers; what an
 * entry calls by the same credential and address → a provider.
 */
int litellm_translate(const json_t *config, struct buf *out, struct buf *notes, struct err *err);

/* What deployments of these clouds need beyond a key goes into the provider; the model's name without what
 * stands before it is returned. */
const char *litellm_azure(const json_t *params, const char *model, json_t *provider, struct buf *notes);
const char *litellm_azure_ai(const json_t *params, const char *model, json_t *provider, struct buf *notes);
const char *litellm_bedrock(const json_t *params, const char *model, json_t *provider, struct buf *notes);

#endif
