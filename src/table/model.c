#include "table/model.h"

#include "table/record.h"

#define COLUMNS(X, S) \
    NVC_KEY_COLUMNS(X, S) \
    X(TEXT, "kind", NULL, S, kind, "term (type II F), coefficient, mean (estimated marginal) or contrast") \
    X(TEXT, "name", NULL, S, name, "term, column, FACTOR=LEVEL or contrast") \
    X(COUNT, "n", NULL, S, n, "participants") \
    X(REAL, "estimate", NVC_UNIT_OF_ROW, S, estimate, "coefficient, mean or contrast") \
    X(REAL, "se", NVC_UNIT_OF_ROW, S, se, "its standard error") \
    X(REAL, "ci_low", NVC_UNIT_OF_ROW, S, ci_low, "lower limit of the 95 % interval") \
    X(REAL, "ci_high", NVC_UNIT_OF_ROW, S, ci_high, "upper limit") \
    X(REAL, "hc3_se", NVC_UNIT_OF_ROW, S, hc3_se, "heteroscedasticity-consistent standard error (HC3)") \
    X(REAL, "hc3_p", NULL, S, hc3_p, "two-sided p with it") \
    X(REAL, "stat", NULL, S, stat, "F of a term, t of a coefficient or contrast") \
    X(REAL, "dof1", NULL, S, dof1, "degrees of freedom, numerator") \
    X(REAL, "dof2", NULL, S, dof2, "degrees of freedom, denominator") \
    X(REAL, "p", NULL, S, p, "p of F, two-sided p of t") \
    X(REAL, "partial_eta2", NULL, S, partial_eta2, "share of the variance left by the other terms") \
    X(REAL, "q", NULL, S, q, "Benjamini-Hochberg q over the indices (derived rows left out), per term or contrast")

const struct nvc_column nvc_model_columns[] = { COLUMNS(NVC_AS_COLUMN, struct nvc_model_row) { 0 } };
static const struct nvc_field fields[] = { COLUMNS(NVC_AS_FIELD, struct nvc_model_row) };

int nvc_model_write(struct nvc_text *out, const struct nvc_model_table *t, enum nvc_table_kind kind, struct nvc_error *err)
{
    return nvc_records_write(out, nvc_model_columns, fields, sizeof fields / sizeof *fields, t->rows, t->n, sizeof *t->rows, kind,
                             "Linear models", err);
}
