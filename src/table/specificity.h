/* Is a difference one of this region?, as it is written. */
#ifndef NVC_TABLE_SPECIFICITY_H
#define NVC_TABLE_SPECIFICITY_H

#include "model/group/specificity.h"
#include "table/cells.h"

extern const struct nvc_column nvc_specificity_columns[];

int nvc_specificity_write(struct nvc_text *out, const struct nvc_specificity *t, enum nvc_table_kind kind,
                          struct nvc_error *err) NVC_CHECKED;

#endif
