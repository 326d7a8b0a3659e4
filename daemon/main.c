/* SPDX-License-Identifier: MIT */
/*
 * tollgated: the parts are built in order, run until a signal says stop, and taken down in reverse.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/demo.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "config/config.h"
#include "gateway/worker.h"
#include "loop/listen.h"
#include "loop/signals.h"
#include "routing/publish.h"
#include "store/ledger_store.h"
#include "store/store.h"
#include "store/writer.h"

#define MAX_WORKERS STATS_WORKERS
#define JOURNAL_SLOTS 16384
/* Clients of one worker, at once. */
#define CONNECTIONS_LEAST 8
#define CONNECTIONS_MOST 20000
/* File descriptors of a worker itself, and of everything else: the database, the admin socket and
 * whoever is connected to it. */
#define FDS_WORKER 24
#define FDS_KEPT 100
/* How long open calls may go on after SIGTERM. */
#define DRAIN_MS 60000

struct daemon {
	struct config config;
	const char *config_path;
	bool check_only;

	int lock_fd;
	char *db_path;
	struct db *db;
	struct health_table *health;
	struct view_registry *registry;
	struct publisher *publisher;
	struct journal *journals[MAX_WORKERS];  /* of the workers, then those that an earlier run with more left */
	unsigned num_journals;
	struct writer *writer;
	struct worker *workers[MAX_WORKERS];
	struct stats_table stats;
	unsigned num_workers;
	int64_t newest_id;                      /* of the ledger at the start */
	unsigned connections;                   /* of clients, at most, by worker */
	char *listen;                           /* with the port the kernel chose */
	struct admin *_Atomic admin;
	struct demo *demo;

	struct loop *loop;                      /* of the main thread: signals and draining */
	struct signals signals;
	struct loop_timer drain_timer;
	uint64_t drain_until_us;
	bool draining;
};

/* The options; those with a setting are checked as the file is. */
static const struct {
	const char *name, *setting, *arg, *help;
} options[] = {
	{"config", NULL, "FILE", "read settings and seeds from a YAML file"},
	{"home", "home", "DIR", "where the database, the journals and the sealing key live"},
	{"listen", "listen", "HOST:PORT", "the data API; port 0 takes any free one"},
	{"socket", "socket", "PATH", "the admin socket"},
	{"workers", "workers", "N", "threads that carry calls (default: the cores)"},
	{"demo", NULL, NULL, "simulated providers and a little traffic, to look at"},
	{"check", NULL, NULL, "validate the configuration and exit"},
	{"version", NULL, NULL, "print the version and exit"},
	{"help", NULL, NULL, "print this and exit"},
};

static void print_help(void)
{
	puts("usage: tollgated [options]\n\nThe gateway's daemon; watch and run it with tollgate.\n");
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		printf("  --%-8s %-10s %s\n", options[i].name, options[i].arg != NULL ? options[i].arg : "",
		       options[i].help);
}

static void fill_long_options(struct option *out)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		out[i] = (struct option){options[i].name,
					 options[i].arg != NULL ? required_argument : no_argument, NULL, (int)i + 1};
}

/* The file is read before the options are applied, wherever --config stands. */
static int read_config(struct daemon *d, char *const values[], struct err *err)
{
	config_init(&d->config);
	if (values[0] != NULL && config_load(&d->config, values[0], err) < 0)
		return err->code;
	d->config_path = values[0];
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].setting != NULL && values[i] != NULL &&
		    config_set(&d->config, options[i].setting, values[i], err) < 0)
			return err_wrap(err, "--%s", options[i].name);
	return 0;
}

/* 0: go on; 1: all was said, exit with success; 2: wrong usage. */
static int parse_options(int argc, char **argv, struct daemon *d)
{
	struct option longs[ARRAY_LEN(options) + 1] = {{0}};
	char *values[ARRAY_LEN(options)] = {NULL};
	struct err err;
	int c;

	fill_long_options(longs);
	while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
		if (c == '?')
			return 2;
		values[c - 1] = optarg != NULL ? optarg : (char *)"";
		if (strcmp(options[c - 1].name, "version") == 0) {
			puts("tollgated " TOLLGATE_VERSION);
			return 1;
		}
		if (strcmp(options[c - 1].name, "help") == 0) {
			print_help();
			return 1;
		}
		d->check_only |= strcmp(options[c - 1].name, "check") == 0;
	}
	if (optind < argc) {
		fprintf(stderr, "tollgated: unexpected argument \"%s\"; see tollgated --help\n", argv[optind]);
		return 2;
	}
	if (read_config(d, values, &err) < 0) {
		fprintf(stderr, "tollgated: %s\n", err.text);
		return 2;
	}
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (strcmp(options[i].name, "demo") == 0 && values[i] != NULL)
			d->config.settings.demo = true;
	return 0;
}

/* -- building ------------------------------------------------------------------------------------- */

static int make_directory(const char *path, struct err *err)
{
	char *copy = xstrdup(path);

	for (char *p = copy + 1; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		mkdir(copy, 0755);
		*p = '/';
	}
	free(copy);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_errno(err, "making %s", path);
	return 0;
}

/* Two daemons on one database would both take over the same journals. */
static int lock_home(struct daemon *d, struct err *err)
{
	char *path = xasprintf("%s/lock", d->config.settings.home);

	d->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (d->lock_fd < 0)
		err_errno(err, "opening %s", path);
	else if (flock(d->lock_fd, LOCK_EX | LOCK_NB) < 0)
		err_set(err, ERR_CONFLICT, "another tollgated runs on %s; stop it, or give this one a --home of its own",
			d->config.settings.home);
	else
		err->code = ERR_NONE;
	free(path);
	return err->code;
}

static int open_database(struct daemon *d, struct err *err)
{
	d->db_path = xasprintf("%s/tollgate.db", d->config.settings.home);
	d->db = db_open(d->db_path, DB_WRITE, err);
	if (d->db == NULL || db_migrate(d->db, err) < 0)
		return err->code;
	config_add_from_environment(&d->config);
	if (d->config.settings.demo && demo_configure(&d->config, err) < 0)
		return err->code;
	if (admin_seed(d->db, &d->config, err) < 0 || admin_load_catalogue(d->db, err) < 0)
		return err->code;
	if (d->config.settings.demo && (d->demo = demo_new(d->db, err)) == NULL)
		return err->code;
	return 0;
}

static unsigned count_workers(const struct daemon *d)
{
	long n = d->config.settings.workers;

	if (n <= 0)
		n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 1 ? 1 : n > MAX_WORKERS ? MAX_WORKERS : (unsigned)n;
}

static void on_committed(void *arg, const struct call_record *records, size_t num)
{
	struct daemon *d = arg;
	struct admin *admin = atomic_load(&d->admin);

	if (admin != NULL)
		admin_feed(admin, records, num);
}

/* What an earlier run left in the journals is in the ledger when this returns, so that budgets can
 * be restored from it. */
static int start_ledger(struct daemon *d, struct err *err)
{
	const struct settings *s = &d->config.settings;
	struct writer_options o = {.db_path = d->db_path, .journals = d->journals, .committed = on_committed, .arg = d};

	d->num_workers = count_workers(d);
	for (unsigned i = 0; i < MAX_WORKERS; i++) {
		char *path = xasprintf("%s/journal-%u", s->home, i);
		bool wanted = i < d->num_workers || access(path, F_OK) == 0;

		if (wanted)
			d->journals[d->num_journals++] =
				journal_open(path, (size_t)s->journal_mb << 20, JOURNAL_SLOTS, err);
		free(path);
		if (wanted && d->journals[d->num_journals - 1] == NULL)
			return err->code;
	}
	o.num_journals = d->num_journals;
	o.retention = (struct retention_ages){s->retention_calls, s->retention_minutes, s->retention_hours};
	d->writer = writer_start(&o, err);
	return d->writer != NULL ? 0 : err->code;
}

/* A clock that was set back while nobody looked must not make ids anew that calls have already: they would be
 * taken for those calls. */
static int go_on_behind_newest(struct daemon *d, struct err *err)
{
	char text[CLOCK_TEXT];
	int64_t newest_ms;

	if (ledger_newest_id(d->db, &d->newest_id, err) < 0)
		return err->code;
	newest_ms = id_wall_ms(d->newest_id) + 1;
	if (d->newest_id != 0 && !clock_wall_begin(newest_ms))
		log_warn("the newest call is of %s, more than a day ahead of this machine's clock, and calls are never dated "
			 "before it; set the clock right", clock_format(newest_ms, text));
	return 0;
}

static int build_view(struct daemon *d, struct err *err)
{
	struct view *view;

	d->health = health_table_new();
	d->registry = view_registry_new(d->health, d->config.settings.home);
	view = view_build(d->registry, d->db, err);
	if (view == NULL)
		return err->code;
	d->publisher = publisher_new(view);
	return 0;
}

/* The first worker finds the port; the others share it. */
static void note_port(struct daemon *d, unsigned port)
{
	const char *asked = d->config.settings.listen, *colon = strrchr(asked, ':');
	int host = colon != NULL ? (int)(colon - asked) : (int)strlen(asked);

	free(d->listen);
	d->listen = xasprintf("%.*s:%u", host, asked, port);
}

/* As many file descriptors as we may have; how many that is. */
static rlim_t raise_fd_limit(void)
{
	struct rlimit limit = {0};

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur;
}

/* How many clients a worker takes at once, so that there is always a descriptor for the call's other
 * half, and one for the admin who wants to know what is going on. */
static int share_fds(struct daemon *d, struct err *err)
{
	rlim_t limit = raise_fd_limit(), kept = FDS_KEPT + d->num_workers * FDS_WORKER;
	rlim_t least = kept + 2 * CONNECTIONS_LEAST * d->num_workers;

	if (limit < least)
		return err_set(err, ERR_SYSTEM, "%llu file descriptors are too few for %u workers; allow at least %llu "
			       "(ulimit -n, LimitNOFILE)", (unsigned long long)limit, d->num_workers,
			       (unsigned long long)least);
	limit = (limit - kept) / 2 / d->num_workers;
	d->connections = limit < CONNECTIONS_MOST ? (unsigned)limit : CONNECTIONS_MOST;
	return 0;
}

static int start_workers(struct daemon *d, struct err *err)
{
	if (share_fds(d, err) < 0 || listen_try(d->config.settings.listen, err) < 0)
		return err->code;
	for (unsigned i = 0; i < d->num_workers; i++) {
		struct worker_options o = {
			.number = i,
			.listen = i == 0 ? d->config.settings.listen : d->listen,
			.publisher = d->publisher,
			.journal = d->journals[i],
			.writer = d->writer,
			.connections = d->connections,
			.power_safe = strcmp(d->config.settings.durability, "power") == 0,
			.stats = &d->stats,
			.newest_id = d->newest_id,
		};

		d->workers[i] = worker_start(&o, err);
		if (d->workers[i] == NULL)
			return err->code;
		if (i == 0)
			note_port(d, worker_port(d->workers[0]));
	}
	return 0;
}

static int start_admin(struct daemon *d, struct err *err)
{
	struct admin_options o = {
		.settings = &d->config.settings,
		.config = &d->config,
		.db_path = d->db_path,
		.registry = d->registry,
		.publisher = d->publisher,
		.health = d->health,
		.writer = d->writer,
		.workers = d->workers,
		.num_workers = d->num_workers,
		.listen = d->listen,
	};
	struct admin *admin = admin_start(&o, err);

	atomic_store(&d->admin, admin);
	return admin != NULL ? 0 : err->code;
}

/* -- running -------------------------------------------------------------------------------------- */

static int64_t open_calls(const struct daemon *d)
{
	int64_t open = 0;

	for (unsigned i = 0; i < d->num_workers; i++)
		open += atomic_load(&worker_stats(d->workers[i])->open);
	return open;
}

static void on_drain_timer(struct loop_timer *timer)
{
	struct daemon *d = CONTAINER_OF(timer, struct daemon, drain_timer);

	if (open_calls(d) == 0 || loop_now_us(d->loop) >= d->drain_until_us)
		loop_stop(d->loop);
	else
		loop_timer_after(d->loop, timer, 20);
}

static void begin_drain(struct daemon *d)
{
	d->draining = true;
	for (unsigned i = 0; i < d->num_workers; i++)
		worker_drain(d->workers[i]);
	log_info("stopping: %lld calls open, up to %d s for them; a second signal stops at once",
		 (long long)open_calls(d), DRAIN_MS / 1000);
	d->drain_until_us = loop_now_us(d->loop) + DRAIN_MS * UINT64_C(1000);
	loop_timer_after(d->loop, &d->drain_timer, 20);
}

/* What the file names and the database lacks is created, and credentials are read again; settings that
 * need a restart are said. */
static void reread(struct daemon *d)
{
	struct config fresh;
	struct err err = {0};

	config_init(&fresh);
	if ((d->config_path != NULL && config_load(&fresh, d->config_path, &err) < 0) ||
	    admin_reseed(atomic_load(&d->admin), &fresh, &err) < 0)
		log_error("SIGHUP: %s; nothing was changed", err.text);
	else if (d->config_path == NULL)
		log_info("SIGHUP: credentials were read again; there is no configuration file to read");
	else
		log_info("SIGHUP: %s and credentials were read; settings of the daemon itself take effect at its next start",
			 d->config_path);
	config_release(&fresh);
}

static void on_signal(struct signals *signals, int signo)
{
	struct daemon *d = CONTAINER_OF(signals, struct daemon, signals);

	if (signo == SIGHUP)
		reread(d);
	else if (d->draining)
		loop_stop(d->loop);
	else
		begin_drain(d);
}

static int build(struct daemon *d, struct err *err)
{
	if (make_directory(d->config.settings.home, err) < 0 || lock_home(d, err) < 0 || open_database(d, err) < 0 ||
	    start_ledger(d, err) < 0 || go_on_behind_newest(d, err) < 0 || build_view(d, err) < 0)
		return err->code;
	d->loop = loop_new(err);
	d->signals.on_signal = on_signal;
	d->drain_timer.fire = on_drain_timer;
	if (d->loop == NULL || signals_start(&d->signals, d->loop, err) < 0 || start_workers(d, err) < 0 ||
	    start_admin(d, err) < 0)
		return err->code;
	return d->demo != NULL ? demo_start(d->demo, d->listen, err) : 0;
}

static void take_down(struct daemon *d)
{
	struct admin *admin = atomic_load(&d->admin);

	if (d->demo != NULL)
		demo_free(d->demo);
	if (admin != NULL)
		admin_drain(admin);
	for (unsigned i = 0; i < d->num_workers; i++)
		if (d->workers[i] != NULL)
			worker_free(d->workers[i]);
	/* The last records reach the ledger before what they are fed to goes. */
	if (d->writer != NULL)
		writer_flush(d->writer, 10000);
	if (d->writer != NULL) {
		writer_stop(d->writer);
		atomic_store(&d->admin, NULL);
	}
	if (admin != NULL)
		admin_stop(admin);
	for (unsigned i = 0; i < d->num_journals; i++)
		if (d->journals[i] != NULL)
			journal_close(d->journals[i]);
	if (d->publisher != NULL)
		publisher_free(d->publisher);
	if (d->registry != NULL)
		view_registry_free(d->registry);
	if (d->health != NULL)
		health_table_free(d->health);
	if (d->db != NULL)
		db_close(d->db);
	if (d->loop != NULL) {
		loop_timer_clear(d->loop, &d->drain_timer);
		signals_stop(&d->signals, d->loop);
		loop_free(d->loop);
	}
	free(d->listen);
	free(d->db_path);
	config_release(&d->config);
}

int main(int argc, char **argv)
{
	static struct daemon d;
	struct err err;
	int status;

	signals_block();
	umask(077);
	status = parse_options(argc, argv, &d);
	if (status != 0)
		return status == 1 ? 0 : 2;
	if (d.check_only) {
		puts("the configuration is valid");
		config_release(&d.config);
		return 0;
	}
	status = build(&d, &err);
	if (status == 0) {
		log_info("tollgated " TOLLGATE_VERSION " listens on http://%s, admin socket %s, %u workers, pid %d", d.listen,
			 d.config.settings.socket, d.num_workers, (int)getpid());
		loop_run(d.loop);
		log_info("stopped");
	} else {
		log_error("%s", err.text);
	}
	take_down(&d);
	return status == 0 ? 0 : 1;
}
