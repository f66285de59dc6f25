/* What a model leaves and hangs on (model/glm/diagnosis.h) as tables: a row for each region, and a row for each volume of each. */
#ifndef NVC_TABLE_DIAGNOSIS_H
#define NVC_TABLE_DIAGNOSIS_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "model/glm/diagnosis.h"

extern const struct nvc_column nvc_diagnosis_columns[], nvc_fit_columns[];

/* Append header and rows. */
int nvc_diagnosis_write(struct nvc_text *out, const struct nvc_diagnoses *l, struct nvc_error *err) NVC_CHECKED;
int nvc_fit_write(struct nvc_text *out, const struct nvc_diagnoses *l, struct nvc_error *err) NVC_CHECKED;

#endif
