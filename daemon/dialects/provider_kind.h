/* SPDX-License-Identifier: MIT */
/*
 * provider_kind.h — the facts about each kind of provider; no behaviour.
 *
 * Most vendors are a row here.  Behaviour that differs is a dialect; what differs within a dialect is
 * a quirk.
 */
#ifndef DIALECTS_PROVIDER_KIND_H
#define DIALECTS_PROVIDER_KIND_H

#include "dialects/dialect.h"

enum provider_quirk {
	QUIRK_NO_STREAM_OPTIONS = 1 << 0,       /* refuses stream_options; what usage it sends unasked is taken */
	QUIRK_MAX_COMPLETION_TOKENS = 1 << 1,   /* wants max_completion_tokens, not max_tokens */
	QUIRK_KNOWS_USAGE_INCLUDE = 1 << 2,     /* knows usage: {"include": true}; taken out for all others */
	QUIRK_KNOWS_TOP_K = 1 << 3,             /* takes top_k, which OpenAI does not have */
	QUIRK_KNOWS_CACHE_CONTROL = 1 << 4,     /* takes Anthropic's cache_control on parts and tools */
	QUIRK_KNOWS_REASONING_DETAILS = 1 << 5, /* takes earlier reasoning back in reasoning_details */
	QUIRK_KNOWS_REASONING_CONTENT = 1 << 6, /* takes earlier reasoning back in reasoning_content */
	QUIRK_MISTRALS_WORDS = 1 << 7,          /* has words of its own for some of OpenAI's, and refuses those */
	QUIRK_VERTEX = 1 << 8,                  /* Google's Vertex AI, where it differs: the model is in paths only */
};

enum provider_auth {
	AUTH_NONE,
	AUTH_BEARER,            /* Authorization: Bearer … */
	AUTH_HEADER,            /* auth_header: … */
	AUTH_AWS,               /* "KEY_ID:SECRET" or "KEY_ID:SECRET:SESSION_TOKEN" signs; anything else is a bearer's */
	AUTH_GOOGLE,            /* an account's JSON, for which tokens are asked; anything else is a bearer's */
};

/*
 * Where a kind speaks a dialect, behind the base URL.  {model} in a path is the model's name,
 * percent-encoded, {model:word} what stands of it from that word on; any other {word} is the provider's
 * option of that name, and {word-} the same with a hyphen behind it, or nothing where it is "global".  So
 * it is in base URLs.
 */
struct endpoint {
	const struct dialect *dialect;
	const char *path;
	const char *stream_path;        /* NULL: the same */
	const char *option;             /* where the provider's option of this name is false it is not spoken, and
					   where its option "prefer" is this word all else is translated to it;
					   NULL: always spoken */
	const char *only_option, *only_value;   /* spoken only where that option has that value; NULL: always */
	const char *only_models;        /* spoken only to models whose names have this in them; NULL: to all */
	const char *except_models;      /* nor to those that have one of these: "claude|/"; NULL: none */
};

/* An option that paths use. */
struct provider_option {
	const char *name;
	const char *otherwise;          /* where it is not said; NULL: it must be */
	const char *environment[2];     /* variables that say it before that; NULL: none */
};

struct provider_kind {
	const char *name;               /* as written in the configuration */
	const char *title;              /* as shown to a person */
	bool simulated;                 /* it answers inside the daemon */
	const struct endpoint *endpoints;       /* the first of an operation is the one to translate to; ends with dialect == NULL */
	const char *base_url;           /* what the vendor's own client takes as base; NULL: has to be said */
	const char *models_path;        /* GET for provider test; NULL: none */
	enum provider_auth auth;
	const char *auth_header;        /* for AUTH_HEADER */
	const char *extra_headers[4];   /* "name: value"; NULL-terminated */
	const struct provider_option *options;  /* ends with name == NULL; NULL: none */
	const char *environment;        /* the variable people keep its key in (several as in "env:A:B"), or with AUTH_NONE its host
					   ("127.0.0.1:11434", with or without http://); NULL: none */
	bool by_name_only;              /* that variable alone makes no provider */
	bool keyless;                   /* it may be asked without a credential: a server of one's own */
	unsigned quirks;
};

/* Ends with name == NULL. */
extern const struct provider_kind provider_kinds[];

const struct provider_kind *provider_kind_find(const char *name);

/* The value of a provider's option: as its options (JSON, or NULL) have it, else the environment, else the
 * kind.  False where nobody does. */
bool provider_option_value(const struct provider_kind *, const char *options, const char *name, char *out, size_t size);

/* Where a client's dialect is best served: where it is spoken itself, else where its operation is first;
 * NULL: nowhere. */
const struct endpoint *provider_endpoint(const struct provider_kind *, const struct dialect *client);

/* The same where the provider's own options (JSON, or NULL) and the model's name (or NULL) have a say. */
const struct endpoint *provider_endpoint_with(const struct provider_kind *, const char *options, const char *model,
					      const struct dialect *client);

/* The same without the endpoints that are known to be missing there (a bit each, in their order). */
const struct endpoint *provider_endpoint_but(const struct provider_kind *, const char *options, const char *model,
					     unsigned missing, const struct dialect *client);

#define PROVIDER_KINDS_TEXT 200
/* "openai, anthropic, … (62 in all; tollgate provider kinds lists them)", for a sentence about a word
 * that is none of them. */
const char *provider_kind_names(char out[PROVIDER_KINDS_TEXT]);

#endif
