#include "table/specificity.h"

#include "table/record.h"

#define COLUMNS(X, S) \
    NVC_KEY_COLUMNS(X, S) \
    X(TEXT, "control_region", NULL, S, control_region, "the region that shows what is not specific") \
    X(COUNT, "n_case", NULL, S, n_case, "cases with both regions") \
    X(COUNT, "n_control", NULL, S, n_control, "controls with both regions") \
    X(REAL, "rho", NULL, S, rho, "sum of the region over sum of the control region, in everybody") \
    X(REAL, "mean_case", NVC_UNIT_OF_ROW, S, mean_case, "mean of D = region - rho * control region in the cases") \
    X(REAL, "mean_control", NVC_UNIT_OF_ROW, S, mean_control, "mean of D in the controls") \
    X(REAL, "diff", NVC_UNIT_OF_ROW, S, diff, "difference of D, case minus control (with covariates adjusted)") \
    X(REAL, "se", NVC_UNIT_OF_ROW, S, se, "its standard error (Welch; with covariates HC3)") \
    X(REAL, "ci_low", NVC_UNIT_OF_ROW, S, ci_low, "lower limit of the 95 % interval") \
    X(REAL, "ci_high", NVC_UNIT_OF_ROW, S, ci_high, "upper limit") \
    X(REAL, "t", NULL, S, t, "difference over its standard error") \
    X(REAL, "dof", NULL, S, dof, "degrees of freedom") \
    X(REAL, "p", NULL, S, p, "two-sided p") \
    X(REAL, "percent", "%", S, percent, "change of the ratio of group means, cases against controls") \
    X(REAL, "percent_ci_low", "%", S, percent_low, "lower limit of its 95 % interval (delta method)") \
    X(REAL, "percent_ci_high", "%", S, percent_high, "upper limit") \
    X(REAL, "diff_region", NVC_UNIT_OF_ROW, S, diff_region, "difference of the region alone") \
    X(REAL, "p_region", NULL, S, diff_region_p, "its p (Welch)") \
    X(REAL, "diff_control_region", NVC_UNIT_OF_ROW, S, diff_control_region, "difference of the control region alone") \
    X(REAL, "p_control_region", NULL, S, diff_control_region_p, "its p (Welch)") \
    X(REAL, "control_over_se", NULL, S, control_over_se, "mean of the control region over its standard error; D " \
      "needs more than 4") \
    X(TEXT, "verdict", NULL, S, verdict, "specific, shared or undetermined, by the interaction alone") \
    X(REAL, "spatial_rank", NULL, S, spatial_rank, "share of null regions with an effect as large, this one counted; " \
      "descriptive") \
    X(COUNT, "n_null", NULL, S, n_null, "null regions") \
    X(TEXT, "note", NULL, S, note, "weak_control, negative_mean or n/a")

const struct nvc_column nvc_specificity_columns[] = { COLUMNS(NVC_AS_COLUMN, struct nvc_specificity_row) { 0 } };
static const struct nvc_field fields[] = { COLUMNS(NVC_AS_FIELD, struct nvc_specificity_row) };

int nvc_specificity_write(struct nvc_text *out, const struct nvc_specificity *t, enum nvc_table_kind kind, struct nvc_error *err)
{
    return nvc_records_write(out, nvc_specificity_columns, fields, sizeof fields / sizeof *fields, t->rows, t->n, sizeof *t->rows, kind,
                             "Specificity", err);
}
