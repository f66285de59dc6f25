#include "table/scores.h"

#include "table/record.h"

#define COLUMNS(X, S) \
    NVC_KEY_COLUMNS(X, S) \
    X(TEXT, "score", NULL, S, score, "column of participants.tsv") \
    X(TEXT, "group", NULL, S, group, "label of the group, or all") \
    X(TEXT, "method", NULL, S, method, "pearson, spearman, kendall (tau-b), partial_pearson or partial_spearman") \
    X(TEXT, "covariates", NULL, S, covariates, "held constant by the partial ones") \
    X(COUNT, "n", NULL, S, n, "participants") \
    X(REAL, "r", NULL, S, r, "correlation") \
    X(REAL, "ci_low", NULL, S, ci_low, "lower limit of its 95 % interval (Fisher z; Spearman Bonett-Wright, Kendall " \
      "Fieller)") \
    X(REAL, "ci_high", NULL, S, ci_high, "upper limit") \
    X(REAL, "t", NULL, S, t, "t of the correlation") \
    X(REAL, "dof", NULL, S, dof, "degrees of freedom") \
    X(REAL, "p", NULL, S, p, "two-sided p") \
    X(REAL, "q", NULL, S, q, "Benjamini-Hochberg q over the indices, per score, group and method")

const struct nvc_column nvc_scores_columns[] = { COLUMNS(NVC_AS_COLUMN, struct nvc_score_row) { 0 } };
static const struct nvc_field fields[] = { COLUMNS(NVC_AS_FIELD, struct nvc_score_row) };

int nvc_scores_write(struct nvc_text *out, const struct nvc_scores *t, enum nvc_table_kind kind, struct nvc_error *err)
{
    return nvc_records_write(out, nvc_scores_columns, fields, sizeof fields / sizeof *fields, t->rows, t->n, sizeof *t->rows, kind,
                             "Correlations with scores", err);
}
