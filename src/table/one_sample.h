/* Means against 0, as it is written. */
#ifndef NVC_TABLE_ONE_SAMPLE_H
#define NVC_TABLE_ONE_SAMPLE_H

#include "model/group/one_sample.h"
#include "table/cells.h"

extern const struct nvc_column nvc_one_sample_columns[];

int nvc_one_sample_write(struct nvc_text *out, const struct nvc_one_sample_table *t, enum nvc_table_kind kind,
                         struct nvc_error *err) NVC_CHECKED;

#endif
