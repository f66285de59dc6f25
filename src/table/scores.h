/* Indices against clinical scores, as it is written. */
#ifndef NVC_TABLE_SCORES_H
#define NVC_TABLE_SCORES_H

#include "model/group/scores.h"
#include "table/cells.h"

extern const struct nvc_column nvc_scores_columns[];

int nvc_scores_write(struct nvc_text *out, const struct nvc_scores *t, enum nvc_table_kind kind,
                     struct nvc_error *err) NVC_CHECKED;

#endif
