/* The same comparisons done otherwise, as it is written. */
#ifndef NVC_TABLE_SENSITIVITY_H
#define NVC_TABLE_SENSITIVITY_H

#include "model/group/sensitivity.h"
#include "table/cells.h"

extern const struct nvc_column nvc_sensitivity_columns[];

int nvc_sensitivity_write(struct nvc_text *out, const struct nvc_sensitivity *t, enum nvc_table_kind kind,
                          struct nvc_error *err) NVC_CHECKED;

#endif
