#include "table/one_sample.h"

#include "table/record.h"

#define COLUMNS(X, S) \
    NVC_KEY_COLUMNS(X, S) \
    X(TEXT, "group", NULL, S, group, "label of the group, or all") \
    X(COUNT, "n", NULL, S, n, "participants") \
    X(REAL, "mean", NVC_UNIT_OF_ROW, S, mean, "mean") \
    X(REAL, "sd", NVC_UNIT_OF_ROW, S, sd, "standard deviation") \
    X(REAL, "ci_low", NVC_UNIT_OF_ROW, S, ci_low, "lower limit of the 95 % interval of the mean") \
    X(REAL, "ci_high", NVC_UNIT_OF_ROW, S, ci_high, "upper limit") \
    X(REAL, "t", NULL, S, t, "mean over its standard error") \
    X(REAL, "dof", NULL, S, dof, "degrees of freedom") \
    X(REAL, "p", NULL, S, p, "two-sided p") \
    X(REAL, "hedges_g", NULL, S, g, "mean over the standard deviation, with the exact small-sample factor") \
    X(REAL, "hedges_g_ci_low", NULL, S, g_low, "lower limit of its 95 % interval (noncentral t)") \
    X(REAL, "hedges_g_ci_high", NULL, S, g_high, "upper limit") \
    X(REAL, "wilcoxon_p", NULL, S, wilcoxon_p, "signed-rank p, exact up to 200 values that are not 0") \
    X(REAL, "perm_p", NULL, S, perm_p, "two-sided p of flipping signs") \
    X(REAL, "perm_p_fwe", NULL, S, perm_p_fwe, "the same for the largest t over the indices of the group") \
    X(COUNT, "perm_n", NULL, S, perm_n, "arrangements") \
    X(TEXT, "perm_method", NULL, S, perm_method, "exact or monte-carlo")

const struct nvc_column nvc_one_sample_columns[] = { COLUMNS(NVC_AS_COLUMN, struct nvc_one_sample_row) { 0 } };
static const struct nvc_field fields[] = { COLUMNS(NVC_AS_FIELD, struct nvc_one_sample_row) };

int nvc_one_sample_write(struct nvc_text *out, const struct nvc_one_sample_table *t, enum nvc_table_kind kind, struct nvc_error *err)
{
    return nvc_records_write(out, nvc_one_sample_columns, fields, sizeof fields / sizeof *fields, t->rows, t->n, sizeof *t->rows, kind,
                             "Means against 0", err);
}
