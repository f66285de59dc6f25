#include "table/sensitivity.h"

#include "table/record.h"

#define COLUMNS(X, S) \
    NVC_KEY_COLUMNS(X, S) \
    X(TEXT, "analysis", NULL, S, analysis, "welch, ancova, ancova_hc3, yuen, fd_adjusted, tsnr_adjusted, pgm_adjusted, volume_adjusted, matched, " \
      "overlap_weighted, precision, site, sites_pooled, without_site, group_x_site, at_mean_dose, at_dose_0, " \
      "dose_slope, no_exclusions, qc_fd_case, qc_fd_control, smd_before, smd_matched, smd_weighted") \
    X(TEXT, "detail", NULL, S, detail, "the site, the column of the dose, the variable of a standardised difference") \
    X(TEXT, "scale", NULL, S, scale, "what the estimate is: unit (that of the index), g (Hedges), r (correlation), " \
      "sd (standard deviations), F (partial eta squared of the interaction)") \
    X(COUNT, "n_case", NULL, S, n_case, "cases") \
    X(COUNT, "n_control", NULL, S, n_control, "controls") \
    X(REAL, "estimate", NVC_UNIT_OF_ROW, S, estimate, "difference, case minus control, or effect") \
    X(REAL, "se", NVC_UNIT_OF_ROW, S, se, "standard error") \
    X(REAL, "ci_low", NVC_UNIT_OF_ROW, S, ci_low, "lower limit of the 95 % interval") \
    X(REAL, "ci_high", NVC_UNIT_OF_ROW, S, ci_high, "upper limit") \
    X(REAL, "stat", NULL, S, stat, "t, or F of the interaction") \
    X(REAL, "dof", NULL, S, dof, "degrees of freedom") \
    X(REAL, "p", NULL, S, p, "two-sided p") \
    X(REAL, "i2", "%", S, i2, "share of the variance between sites that is not chance") \
    X(REAL, "tau2", NULL, S, tau2, "variance of the true effect between sites") \
    X(REAL, "prediction_low", NULL, S, prediction_low, "lower limit of the effect in a new site (95 %)") \
    X(REAL, "prediction_high", NULL, S, prediction_high, "upper limit")

const struct nvc_column nvc_sensitivity_columns[] = { COLUMNS(NVC_AS_COLUMN, struct nvc_sensitivity_row) { 0 } };
static const struct nvc_field fields[] = { COLUMNS(NVC_AS_FIELD, struct nvc_sensitivity_row) };

int nvc_sensitivity_write(struct nvc_text *out, const struct nvc_sensitivity *t, enum nvc_table_kind kind, struct nvc_error *err)
{
    return nvc_records_write(out, nvc_sensitivity_columns, fields, sizeof fields / sizeof *fields, t->rows, t->n, sizeof *t->rows, kind,
                             "Sensitivity analyses", err);
}
