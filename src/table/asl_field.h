/* Fields of the sidecar of a perfusion run: numbers, or arrays with one for each volume, within what is plausible. */
#ifndef NVC_TABLE_ASL_FIELD_H
#define NVC_TABLE_ASL_FIELD_H

#include "base/status.h"
#include "io/json.h"

#include <stdbool.h>

struct asl_fields { const json_t *meta; const char *what; size_t n_volumes; };
struct asl_range { const char *name, *option; double low, high; };

/* A number of the range.  NVC_EDATA: no number, or outside; milliseconds are recognised. */
int nvc_asl_check(double *value, const json_t *number, const struct asl_fields *f, const struct asl_range *r, struct nvc_error *err) NVC_CHECKED;
/* Of volume t, from a number or an array of n_volumes.  A field that is not there: NaN, or NVC_EDATA when it is needed. */
int nvc_asl_field_at(double *value, const struct asl_fields *f, const struct asl_range *r, size_t t, bool needed, struct nvc_error *err) NVC_CHECKED;
/* The one value of all volumes; zeros of an array (M0 volumes) do not count.  NVC_EDATA: they differ. */
int nvc_asl_field_same(double *value, const struct asl_fields *f, const struct asl_range *r, bool needed, struct nvc_error *err) NVC_CHECKED;
/* A number, or the first of an array of any length; NaN when the field is not there. */
int nvc_asl_field_first(double *value, const struct asl_fields *f, const struct asl_range *r, struct nvc_error *err) NVC_CHECKED;

#endif
