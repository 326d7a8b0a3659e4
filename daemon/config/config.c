/* SPDX-License-Identifier: MIT */
/* The file is read key by key, and its objects join those that are there. */
#include "config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "config/environment.h"
#include "config/objects.h"
#include "config/source.h"

#define FILE_MAX (8 * 1024 * 1024)
#define NUM_LISTS 4

void config_init(struct config *config)
{
	settings_init(&config->settings);
	config->providers = json_array();
	config->chains = json_array();
	config->teams = json_array();
	config->prices = json_array();
}

void config_release(struct config *config)
{
	settings_release(&config->settings);
	json_decref(config->providers);
	json_decref(config->chains);
	json_decref(config->teams);
	json_decref(config->prices);
}

int config_set(struct config *config, const char *name, const char *value, struct err *err)
{
	const struct setting *setting = setting_find(name);

	if (setting == NULL)
		return settings_unknown(name, NULL, err);
	return settings_set(&config->settings, setting, value, err);
}

/* -- reading -- */

/* In the order of object_shapes. */
static void lists_of(const struct config *config, json_t *lists[NUM_LISTS])
{
	lists[0] = config->providers;
	lists[1] = config->chains;
	lists[2] = config->teams;
	lists[3] = config->prices;
}

static int shape_of(const char *key)
{
	for (int i = 0; object_shapes[i].list != NULL; i++)
		if (strcmp(object_shapes[i].list, key) == 0)
			return i;
	return -1;
}

static int read_setting(struct config *config, struct source *source, const char *name, const yaml_node_t *key,
			const yaml_node_t *node, struct err *err)
{
	static const char *const lists[] = {"providers", "chains", "teams", "prices", NULL};
	const struct setting *setting = setting_find(name);
	const char *value = source_text(node);
	char found[SOURCE_FOUND];

	if (setting == NULL) {
		settings_unknown(name, lists, err);
		return source_wrap(source, key, err);
	}
	if (value == NULL || source_is_null(node))
		return source_error(source, node, err, "%s: expected a value, found %s", name,
				    source_found(node, found));
	if (settings_set(&config->settings, setting, value, err) == 0)
		return 0;
	err_wrap(err, "%s", name);
	return source_wrap(source, node, err);
}

/* "retention: {calls: 90d}" is another way to say "retention_calls: 90d". */
static int read_group(struct config *config, struct source *source, const char *group, const yaml_node_t *node,
		      struct err *err)
{
	char found[SOURCE_FOUND];
	int rc;

	if (node->type != YAML_MAPPING_NODE)
		return source_error(source, node, err, "%s: expected \"name: value\" in braces or below, found %s", group,
				    source_found(node, found));
	rc = source_check_keys(source, node, err);
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     rc == 0 && pair < node->data.mapping.pairs.top; pair++) {
		const yaml_node_t *key = source_node(source, pair->key);
		char *name = xasprintf("%s_%s", group, source_text(key));

		rc = read_setting(config, source, name, key, source_node(source, pair->value), err);
		free(name);
	}
	return rc;
}

/* nodes: where each list stands, NULL where it does not. */
static int read_settings(struct config *config, struct source *source, const yaml_node_t *root,
			 const yaml_node_t *nodes[NUM_LISTS], struct err *err)
{
	char found[SOURCE_FOUND];

	if (root->type != YAML_MAPPING_NODE)
		return source_error(source, root, err, "expected settings as \"name: value\", found %s",
				    source_found(root, found));
	if (source_check_keys(source, root, err) < 0)
		return ERR_INVALID;
	for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start; pair < root->data.mapping.pairs.top;
	     pair++) {
		const yaml_node_t *key = source_node(source, pair->key), *node = source_node(source, pair->value);
		const char *name = source_text(key);
		int shape = shape_of(name);

		if (shape >= 0)
			nodes[shape] = node;
		else if (setting_find(name) == NULL && setting_is_group(name) ?
				 read_group(config, source, name, node, err) < 0 :
				 read_setting(config, source, name, key, node, err) < 0)
			return ERR_INVALID;
	}
	return 0;
}

/* Those that targets may name: earlier files' and the environment's, beside this file's own. */
static json_t *known_providers(const struct config *config)
{
	json_t *known = environment_providers();

	json_array_extend(known, config->providers);
	return known;
}

static int read_lists(const struct config *config, struct source *source, const yaml_node_t *const nodes[NUM_LISTS],
		      json_t *fresh[NUM_LISTS], struct err *err)
{
	json_t *known = known_providers(config);
	int rc = 0;

	for (int i = 0; i < NUM_LISTS && rc == 0; i++) {
		const json_t *const providers[2] = {fresh[0], known};

		if (nodes[i] == NULL)
			continue;
		fresh[i] = objects_read(source, &object_shapes[i], nodes[i], providers, err);
		rc = fresh[i] != NULL ? 0 : ERR_INVALID;
	}
	json_decref(known);
	return rc;
}

static void remove_named(json_t *list, const char *name)
{
	json_t *object;
	size_t i;

	json_array_foreach(list, i, object)
	{
		const char *other = json_text_peek(object, "name");

		if (other == NULL || strcmp(other, name) != 0)
			continue;
		json_array_remove(list, i);
		return;
	}
}

static void join(json_t *list, const json_t *fresh)
{
	json_t *object;
	size_t i;

	json_array_foreach(fresh, i, object)
	{
		const char *name = json_text_peek(object, "name");

		if (name != NULL)
			remove_named(list, name);
		json_array_append(list, object);
	}
}

int config_parse(struct config *config, const char *text, size_t len, const char *file, struct err *err)
{
	const yaml_node_t *nodes[NUM_LISTS] = {NULL}, *root;
	json_t *fresh[NUM_LISTS] = {NULL}, *lists[NUM_LISTS];
	struct source source;
	int rc = 0;

	if (source_open(&source, text, len, file, err) < 0)
		return ERR_INVALID;
	root = source_root(&source);
	if (root != NULL && !source_is_null(root))
		rc = read_settings(config, &source, root, nodes, err);
	if (rc == 0)
		rc = read_lists(config, &source, nodes, fresh, err);
	lists_of(config, lists);
	for (int i = 0; i < NUM_LISTS; i++) {
		if (rc == 0)
			join(lists[i], fresh[i]);
		json_decref(fresh[i]);
	}
	source_close(&source);
	return rc;
}

static int read_whole(int fd, const char *path, struct buf *out, struct err *err)
{
	for (;;) {
		char *to = buf_reserve(out, 65536);
		ssize_t n;

		if (to == NULL)
			return err_set(err, ERR_FULL, "%s is too large for a configuration", path);
		n = read(fd, to, 65536);
		if (n < 0 && errno != EINTR)
			return err_errno(err, "reading %s", path);
		if (n == 0)
			return 0;
		if (n > 0)
			buf_commit(out, (size_t)n);
	}
}

int config_load(struct config *config, const char *path, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;
	struct buf text;

	if (fd < 0)
		return err_errno(err, "reading %s", path);
	buf_init(&text, FILE_MAX);
	rc = read_whole(fd, path, &text, err);
	close(fd);
	if (rc == 0)
		rc = config_parse(config, text.data, text.len, path, err);
	buf_release(&text);
	return rc;
}

/* -- the environment -- */

/* Whether a provider is there already: by name, or because it uses the same variable under another. */
static bool is_there(const struct config *config, const json_t *found)
{
	const char *key = json_text_peek(found, "api_key");
	json_t *object;
	size_t i;

	if (object_find(config->providers, json_text_peek(found, "name")) != NULL)
		return true;
	json_array_foreach(config->providers, i, object)
	{
		const char *other = json_text_peek(object, "api_key");

		if (key != NULL && other != NULL && strcmp(key, other) == 0)
			return true;
	}
	return false;
}

void config_add_from_environment(struct config *config)
{
	json_t *found = environment_providers(), *object;
	size_t i;

	json_array_foreach(found, i, object)
		if (!is_there(config, object))
			json_array_append(config->providers, object);
	json_decref(found);
}
