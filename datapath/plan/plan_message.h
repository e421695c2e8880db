/* The sentences of a plan. All are allocated from the arena of the plan. */
#ifndef DATAPATH_PLAN_MESSAGE_H
#define DATAPATH_PLAN_MESSAGE_H 1

#include "datapath/plan/plan_context.h"

/* "l3 bridge" */
const char *plan_message_port(struct plan_context *ctx, uint8_t mode, uint8_t flag);
const char *plan_message_waiting_for(struct plan_context *ctx, const char *what);
/* Of a transient slave whose device is gone. */
const char *plan_message_spent(struct plan_context *ctx, const struct slave_plan *s);
const char *plan_message_awaited(struct plan_context *ctx,
				 const struct model_netns *want);
/* A command of `ip` for a namespace. */
const char *plan_message_command(struct plan_context *ctx, const char *netns,
				 const char *words);
/* "an" before a vowel. Static. */
const char *plan_message_article(const char *word);
/* "ns1"; "this host" for the daemon's own. */
const char *plan_message_netns(const char *netns);
/* "VLAN 5 of eth0", "a bridge" */
const char *plan_message_device(struct plan_context *ctx, const char *kind,
				const struct model_master *m);
const char *plan_message_renamed_master(struct plan_context *ctx,
					const struct master_plan *m);
const char *plan_message_device_change(struct plan_context *ctx,
				       const struct master_plan *m);
/* Of a slave: its master has drifted, and is left so. */
const char *plan_message_left_master(struct plan_context *ctx,
				     const struct master_plan *m);
const char *plan_message_held_device(struct plan_context *ctx,
				     const struct master_plan *m);
const char *plan_message_busy(struct plan_context *ctx, const struct master_plan *m);
const char *plan_message_stranger(struct plan_context *ctx, const struct master_plan *m);
const char *plan_message_crowded(struct plan_context *ctx, const struct master_plan *m);
const char *plan_message_sibling(struct plan_context *ctx, const struct master_plan *m);
const char *plan_message_foreign_route(struct plan_context *ctx,
				       const struct master_plan *m,
				       const struct slave_plan *s,
				       const struct model_route *r);
const char *plan_message_foreign_resolv(struct plan_context *ctx, const char *netns);
const char *plan_message_same_place(struct plan_context *ctx, const struct slave_plan *s,
				    const struct slave_plan *winner);
const char *plan_message_same_master(struct plan_context *ctx,
				     const struct master_plan *m,
				     const struct master_plan *winner);
const char *plan_message_detour(struct plan_context *ctx, const struct slave_plan *s,
				const struct ip_prefix *address);
const char *plan_message_duplicate(struct plan_context *ctx, const struct ip_addr *addr);
/* 'root': the device itself, or the one below a VLAN that causes it. */
const char *plan_message_master_down(struct plan_context *ctx,
				     const struct master_plan *m,
				     const struct model_master *root);
const char *plan_message_no_carrier(struct plan_context *ctx, const struct master_plan *m,
				    const struct model_master *root);
const char *plan_message_held_address(struct plan_context *ctx,
				      const struct slave_plan *s,
				      const struct ip_prefix *address);
/* A foreign ipvlan has the address. */
const char *plan_message_strangers_address(struct plan_context *ctx,
					   const struct model_held *h);
const char *plan_message_shared_address(struct plan_context *ctx,
					const struct slave_plan *s,
					const struct ip_prefix *address);
const char *plan_message_no_resolv(struct plan_context *ctx, const struct slave_plan *s);
const char *plan_message_low_mtu(struct plan_context *ctx, const struct slave_plan *s,
				 uint32_t mtu);
/* The master has ipv4.proxy_arp, and its mode prevents it. */
const char *plan_message_no_proxy_arp(struct plan_context *ctx,
				      const struct slave_plan *s,
				      const struct ip_addr *addr);
/* Of a link type that never has more than its master. */
const char *plan_message_mtu_refused(struct plan_context *ctx,
				     const struct slave_plan *s);
const char *plan_message_mtu_above(struct plan_context *ctx, const struct slave_plan *s);
/* How an observed address differs from one as ipvl adds it; only bits of 'notes'
 * count. */
const char *plan_message_noted(struct plan_context *ctx, const struct slave_plan *s,
			       const struct ip_prefix *p, unsigned int notes);

#endif
