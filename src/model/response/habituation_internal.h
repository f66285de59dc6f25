/* Events of a condition in their order, for the files of habituation. */
#ifndef NVC_MODEL_HABITUATION_INTERNAL_H
#define NVC_MODEL_HABITUATION_INTERNAL_H

#include "model/design/events.h"

struct nvc_in_time { double onset_s; size_t event; };

/* Block (from 0) of each event of a condition into block[e->n], order[e->n] as room; returns how many blocks begin before end_s. */
size_t nvc_number_blocks(const struct nvc_events *e, size_t condition, double gap_s, double end_s, struct nvc_in_time *order, size_t *block);
/* Event i of e under another name, which is freed (NULL: no memory), its weight times height. */
int nvc_events_add_part(struct nvc_events *out, const struct nvc_events *e, size_t i, double height, char *name, struct nvc_error *err) NVC_CHECKED;

#endif
