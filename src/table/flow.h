/* The flow of numbers as it is written. */
#ifndef NVC_TABLE_FLOW_H
#define NVC_TABLE_FLOW_H

#include "model/group/flow.h"
#include "table/cells.h"

extern const struct nvc_column nvc_flow_columns[];

int nvc_flow_write(struct nvc_text *out, const struct nvc_flow *f, enum nvc_table_kind kind,
                   struct nvc_error *err) NVC_CHECKED;

#endif
