/* SPDX-License-Identifier: MIT */
/*
 * demo.h — --demo: a simulated provider family and a little traffic from a few teams, so that a
 * newcomer sees a live dashboard with no account anywhere.  Never on otherwise.
 */
#ifndef ADMIN_DEMO_H
#define ADMIN_DEMO_H

struct config;
struct db;
struct demo;
struct err;

/* Adds the demo's providers, chains, teams and prices to what the configuration seeds. */
int demo_configure(struct config *, struct err *err);

/* Gives each demo team a key "demo-traffic" whose secret only this process knows.  Before the live
 * view is built. */
struct demo *demo_new(struct db *, struct err *err);

/* Sends the traffic to the data API, from a thread of its own. */
int demo_start(struct demo *, const char *listen, struct err *err);
void demo_free(struct demo *);

#endif
