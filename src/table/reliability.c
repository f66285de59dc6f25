#include "table/reliability.h"

#include "table/record.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define UNIT "see unit"
#define ICC(KIND, NAME, WORDS) \
    X(NAME, NULL, agreement.icc[KIND].icc, "intraclass correlation, " WORDS) \
    X(NAME "_ci_low", NULL, agreement.icc[KIND].ci_low, "lower limit of its 95 % interval") \
    X(NAME "_ci_high", NULL, agreement.icc[KIND].ci_high, "upper limit")
/* Name, unit, where the number lives in a row, words. */
#define NUMBERS \
    ICC(NVC_ICC_1_1, "icc_1_1", "one-way, of one measurement") \
    ICC(NVC_ICC_2_1, "icc_2_1", "two-way, absolute agreement of one measurement") \
    ICC(NVC_ICC_3_1, "icc_3_1", "two-way, consistency of one measurement") \
    ICC(NVC_ICC_1_K, "icc_1_k", "one-way, of the mean over occasions") \
    ICC(NVC_ICC_2_K, "icc_2_k", "two-way, absolute agreement of the mean over occasions") \
    ICC(NVC_ICC_3_K, "icc_3_k", "two-way, consistency of the mean over occasions") \
    X("f", NULL, agreement.icc[NVC_ICC_3_1].f, "F of participants in the two-way analysis") \
    X("f_dof1", NULL, agreement.icc[NVC_ICC_3_1].dof1, "its degrees of freedom, numerator") \
    X("f_dof2", NULL, agreement.icc[NVC_ICC_3_1].dof2, "its degrees of freedom, denominator") \
    X("f_p", NULL, agreement.icc[NVC_ICC_3_1].p, "p that participants do not differ") \
    X("sem_consistency", UNIT, agreement.sem_consistency, "standard error of measurement, differences of occasions aside") \
    X("sem_agreement", UNIT, agreement.sem_agreement, "standard error of measurement with them") \
    X("sdc_consistency", UNIT, agreement.sdc_consistency, "smallest detectable change of one participant (95 %), from sem_consistency") \
    X("sdc_agreement", UNIT, agreement.sdc_agreement, "the same from sem_agreement") \
    X("r", NULL, r, "Pearson correlation of the first two occasions") \
    X("half_r", NULL, halves.r, "correlation of the odd with the even occasions") \
    X("spearman_brown", NULL, halves.sb, "reliability of both halves together, 2 r / (1 + r)") \
    X("spearman_brown_ci_low", NULL, halves.sb_low, "lower limit of its 95 % interval") \
    X("spearman_brown_ci_high", NULL, halves.sb_high, "upper limit") \
    X("bias", UNIT, limits.bias, "mean of second minus first occasion") \
    X("bias_ci_low", UNIT, limits.bias_low, "lower limit of its 95 % interval") \
    X("bias_ci_high", UNIT, limits.bias_high, "upper limit") \
    X("loa_low", UNIT, limits.lower, "lower limit of agreement (Bland-Altman)") \
    X("loa_low_ci_low", UNIT, limits.lower_low, "lower limit of its 95 % interval") \
    X("loa_low_ci_high", UNIT, limits.lower_high, "upper limit") \
    X("loa_high", UNIT, limits.upper, "upper limit of agreement") \
    X("loa_high_ci_low", UNIT, limits.upper_low, "lower limit of its 95 % interval") \
    X("loa_high_ci_high", UNIT, limits.upper_high, "upper limit") \
    X("slope", NULL, limits.slope, "change of the difference per unit of the mean: proportional bias") \
    X("slope_p", NULL, limits.slope_p, "its p") \
    X("hedges_g", NULL, g, "Hedges g of the mean over occasions, case minus control (with groups)") \
    X("g_true", NULL, g_true, "g without the noise of measurement, g / sqrt(ICC(3,k) within groups)") \
    X("g_true_ci_low", NULL, g_true_low, "lower limit of its 95 % interval (BCa bootstrap)") \
    X("g_true_ci_high", NULL, g_true_high, "upper limit") \
    X("shrinkage", NULL, shrinkage, "sqrt(ICC(3,1) within groups): what one measurement leaves of a true g") \
    X("detectable_true_g", NULL, detectable_true_g, "true g that one measurement finds with power 0.8 at these numbers")

#define X(NAME, UNIT_OF, FIELD, HELP) { NAME, UNIT_OF, HELP },
const struct nvc_column nvc_reliability_columns[] = {
    { "index", NULL, "name of the index" },
    { "contrast", NULL, "condition or contrast that the index belongs to" },
    { "atlas", NULL, "atlas of the region" },
    { "region", NULL, "region, without its side" },
    { "side", NULL, "L, R, B (both), RL (right minus left) or n/a" },
    { "task", NULL, "BIDS task" },
    { "session", NULL, "BIDS session; n/a where sessions are the occasions" },
    { "unit", NULL, "unit of the index" },
    { "occasions", NULL, "the occasions, parted by commas" },
    { "n", NULL, "participants with a value on every occasion" },
    { "n_incomplete", NULL, "participants with a value on some occasions only, left out" },
    NUMBERS { 0 },
};
#undef X
#define X(NAME, UNIT_OF, FIELD, HELP) offsetof(struct nvc_reliability_row, FIELD),
static const size_t offsets[] = { NUMBERS };
#undef X
enum { N_NUMBERS = sizeof offsets / sizeof *offsets, N_TEXTS = 11 };

static int join_occasions(struct nvc_cells *c, const struct nvc_repeats *t, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    int status = 0;
    for (size_t j = 0; j < t->k && !status; j++)
        status = nvc_text_printf(&text, err, "%s%s", j ? "," : "", t->occasions[j]);
    if (!status)
        status = nvc_cells_text(c, text.data, err);
    nvc_text_release(&text);
    return status;
}

static int full_row(struct nvc_cells *c, const struct nvc_reliability_row *r, struct nvc_error *err)
{
    const struct nvc_key *k = &r->repeats->key;
    const char *const texts[] = { k->index, k->contrast, k->atlas, k->region, k->side, k->task, k->session, k->unit };
    int status = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !status; i++)
        status = nvc_cells_text(c, texts[i], err);
    status = status ? status : join_occasions(c, r->repeats, err);
    status = status ? status : nvc_cells_printf(c, err, "%zu", r->repeats->n);
    status = status ? status : nvc_cells_printf(c, err, "%zu", r->repeats->n_incomplete);
    for (size_t i = 0; i < N_NUMBERS && !status; i++) {
        double v;
        memcpy(&v, (const char *)r + offsets[i], sizeof v);
        status = nvc_cells_real(c, v, err);
    }
    return status;
}

static int paper_row(struct nvc_cells *c, const struct nvc_reliability_row *r, struct nvc_error *err)
{
    const struct nvc_agreement *a = &r->agreement;
    const double small[] = { a->sem_agreement, a->sdc_agreement };
    char name[256], text[32];
    nvc_key_print(name, &r->repeats->key, false);
    int status = nvc_cells_text(c, name, err);
    status = status ? status : nvc_cells_printf(c, err, "%zu x %zu", r->repeats->n, r->repeats->k);
    for (size_t i = 0; i < 2 && !status; i++) {
        const struct nvc_icc *icc = &a->icc[i ? NVC_ICC_3_1 : NVC_ICC_2_1];
        status = nvc_cells_interval(c, icc->icc, icc->ci_low, icc->ci_high, err);
    }
    status = status ? status : nvc_cells_interval(c, r->halves.sb, r->halves.sb_low, r->halves.sb_high, err);
    for (size_t i = 0; i < 2 && !status; i++) {
        nvc_print_number(text, small[i], 3);
        status = nvc_cells_text(c, text, err);
    }
    status = status ? status : nvc_cells_interval(c, r->limits.bias, r->limits.lower, r->limits.upper, err);
    return status ? status : nvc_cells_interval(c, r->g_true, r->g_true_low, r->g_true_high, err);
}

int nvc_reliability_write(struct nvc_text *out, const struct nvc_reliability *r, enum nvc_table_kind kind, struct nvc_error *err)
{
    static const char *const heads[] = { "Index", "n x occasions", "ICC(2,1) [95% CI]", "ICC(3,1) [95% CI]", "Spearman-Brown [95% CI]",
                                         "SEM", "SDC", "Bias [limits of agreement]", "True g [95% CI]" };
    bool full = kind == NVC_TSV || kind == NVC_CSV;
    struct nvc_cells c = { .n_cols = full ? N_TEXTS + N_NUMBERS : sizeof heads / sizeof *heads };
    int status = full ? nvc_cells_header(&c, nvc_reliability_columns, err) : 0;
    for (size_t k = 0; !full && k < c.n_cols && !status; k++)
        status = nvc_cells_text(&c, heads[k], err);
    for (size_t i = 0; i < r->n && !status; i++)
        status = full ? full_row(&c, &r->rows[i], err) : paper_row(&c, &r->rows[i], err);
    if (!status)
        status = nvc_cells_write(out, &c, kind, "Reliability",
                                 "SEM, SDC: standard error of measurement and smallest detectable change, absolute agreement. "
                                 "True g: Hedges g of the mean over occasions divided by sqrt(ICC(3,k)).", err);
    nvc_cells_release(&c);
    return status;
}
