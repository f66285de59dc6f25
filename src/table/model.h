/* Linear models of every index, as it is written. */
#ifndef NVC_TABLE_MODEL_H
#define NVC_TABLE_MODEL_H

#include "model/group/formula.h"
#include "table/cells.h"

extern const struct nvc_column nvc_model_columns[];

int nvc_model_write(struct nvc_text *out, const struct nvc_model_table *t, enum nvc_table_kind kind,
                    struct nvc_error *err) NVC_CHECKED;

#endif
