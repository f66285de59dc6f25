/* Events and confounds from tables into the words of the model. */
#ifndef NVC_TABLE_EVENTS_H
#define NVC_TABLE_EVENTS_H

#include "base/status.h"
#include "base/text.h"
#include "io/tsv.h"
#include "model/confounds.h"
#include "model/events.h"

/* A BIDS events table: `onset`, `duration`, `trial_type` (or `trial_type_column`; without one every event is
 * of condition "event"); rows whose trial_type is n/a are left out; the columns named in `modulators` come
 * along as numbers. n/a or a non-number in onset or duration is refused with its line. */
int nvc_events_parse(struct nvc_events *e, const struct nvc_table *t, const char *trial_type_column,
                     const struct nvc_list *modulators, struct nvc_error *err) NVC_CHECKED;

/* The confounds asked for, of a run of n_volumes stored volumes; a table of another length is refused. */
int nvc_confounds_parse(struct nvc_confounds *c, const struct nvc_table *t, const struct nvc_list *requests,
                        size_t n_volumes, size_t n_dummy, struct nvc_error *err) NVC_CHECKED;

#endif
