/* participants.tsv of BIDS: participant_id and any variables. */
#ifndef NVC_TABLE_PARTICIPANTS_H
#define NVC_TABLE_PARTICIPANTS_H

#include "base/status.h"
#include "base/text.h"
#include "io/tsv.h"
#include "model/group/cohort.h"

/* Ids are read with or without "sub-".  A column is numeric when all its cells but n/a are numbers, and
 * categorical when none is or when its name is in `factors`.  NVC_EDATA: an id twice, an empty id.  A column
 * that mixes numbers and words (line and cell named), or whose labels differ only by case or blanks, is
 * refused when it is used (nvc_participants_need). */
int nvc_participants_parse(struct nvc_participants *p, const struct nvc_table *t, const struct nvc_list *factors,
                           struct nvc_error *err) NVC_CHECKED;
int nvc_participants_read(struct nvc_participants *p, const char *path, const struct nvc_list *factors,
                          struct nvc_error *err) NVC_CHECKED;

#endif
