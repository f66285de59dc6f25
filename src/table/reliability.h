/* The reliability table as it is written. */
#ifndef NVC_TABLE_RELIABILITY_H
#define NVC_TABLE_RELIABILITY_H

#include "model/group/reliability.h"
#include "table/cells.h"

extern const struct nvc_column nvc_reliability_columns[];

int nvc_reliability_write(struct nvc_text *out, const struct nvc_reliability *r, enum nvc_table_kind kind,
                          struct nvc_error *err) NVC_CHECKED;

#endif
