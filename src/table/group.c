#include "table/group.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define UNIT "see unit"
/* Kind, name, unit, where the number lives in the row (of the key: in the key), words. */
#define COLUMNS(X) \
    X(KEY, "index", NULL, index, "name of the index") \
    X(KEY, "contrast", NULL, contrast, "condition or contrast that the index belongs to") \
    X(KEY, "atlas", NULL, atlas, "atlas of the region") \
    X(KEY, "region", NULL, region, "region, without its side") \
    X(KEY, "side", NULL, side, "L, R, B (both), RL (right minus left) or n/a") \
    X(KEY, "task", NULL, task, "BIDS task") \
    X(KEY, "session", NULL, session, "BIDS session") \
    X(KEY, "unit", NULL, unit, "unit of the index") \
    X(TEXT, "case", NULL, key, "label of the cases") \
    X(TEXT, "control", NULL, key, "label of the controls") \
    X(COUNT, "n_case", NULL, cases.n, "cases with a value") \
    X(COUNT, "n_control", NULL, controls.n, "controls with a value") \
    X(COUNT, "n_missing", NULL, n_missing, "members of both groups without a value; note says why") \
    X(REAL, "mean_case", UNIT, cases.mean, "mean of the cases") \
    X(REAL, "mean_control", UNIT, controls.mean, "mean of the controls") \
    X(REAL, "sd_case", UNIT, cases.sd, "standard deviation of the cases (n - 1)") \
    X(REAL, "sd_control", UNIT, controls.sd, "standard deviation of the controls") \
    X(REAL, "diff", UNIT, welch.diff, "mean of cases minus mean of controls") \
    X(REAL, "diff_ci_low", UNIT, welch.ci_low, "lower limit of its 95 % interval (Welch)") \
    X(REAL, "diff_ci_high", UNIT, welch.ci_high, "upper limit") \
    X(REAL, "t", NULL, welch.t, "Welch t") \
    X(REAL, "dof", NULL, welch.dof, "its degrees of freedom (Satterthwaite)") \
    X(REAL, "p", NULL, welch.p, "two-sided p of Welch t") \
    X(REAL, "hedges_g", NULL, effect.g, "difference over the pooled standard deviation, with the exact small-sample factor") \
    X(REAL, "hedges_g_ci_low", NULL, effect.g_low, "lower limit of its 95 % interval (noncentral t)") \
    X(REAL, "hedges_g_ci_high", NULL, effect.g_high, "upper limit") \
    X(REAL, "adj_diff", UNIT, adjusted.estimate, "difference adjusted for the covariates (ANCOVA)") \
    X(REAL, "adj_se", UNIT, adjusted.se, "its standard error") \
    X(REAL, "adj_ci_low", UNIT, adjusted.ci_low, "lower limit of its 95 % interval") \
    X(REAL, "adj_ci_high", UNIT, adjusted.ci_high, "upper limit") \
    X(REAL, "adj_t", NULL, adjusted.t, "adjusted difference over its standard error") \
    X(REAL, "adj_dof", NULL, adjusted.dof, "residual degrees of freedom") \
    X(REAL, "adj_p", NULL, adjusted.p, "two-sided p of the adjusted difference") \
    X(REAL, "q", NULL, q, "Benjamini-Hochberg q over the family") \
    X(TEXT, "q_of", NULL, key, "p value that q is of") \
    X(TEXT, "family_m", NULL, key, "number of tests in the family") \
    X(TEXT, "covariates", NULL, key, "covariates of the adjusted difference") \
    X(TEXT, "note", NULL, key, "words joined by ;")

#define AS_COLUMN(KIND, NAME, UNIT_OF, FIELD, HELP) { NAME, UNIT_OF, HELP },
const struct nvc_column nvc_group_columns[] = { COLUMNS(AS_COLUMN) { 0 } };

enum kind { KEY, TEXT, REAL, COUNT };
struct field {
    enum kind kind;
    size_t offset;
};
#define OFFSET_KEY(FIELD) offsetof(struct nvc_key, FIELD)
#define OFFSET_TEXT(FIELD) 0
#define OFFSET_REAL(FIELD) offsetof(struct nvc_group_row, FIELD)
#define OFFSET_COUNT(FIELD) offsetof(struct nvc_group_row, FIELD)
#define AS_FIELD(KIND, NAME, UNIT_OF, FIELD, HELP) { KIND, OFFSET_##KIND(FIELD) },
static const struct field fields[] = { COLUMNS(AS_FIELD) };
enum { FIELDS = sizeof fields / sizeof *fields };

/* Words of the note: what was missing and why, what could not be computed. */
static int note(struct nvc_cells *c, const struct nvc_group_row *r, struct nvc_error *err)
{
    char text[256] = "";
    size_t n = 0;
    for (size_t m = 1; m < NVC_MISSING_REASONS; m++)
        if (r->missing[m] && n < sizeof text)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s=%zu", n ? ";" : "", nvc_missing_text((enum nvc_missing)m), r->missing[m]);
    const struct {
        bool holds;
        const char *word;
    } words[] = { { r->few, "too_few" }, { r->rank_deficient, "rank_deficient" }, { r->key->derived, "derived" }, { r->key->quality, "quality" } };
    for (size_t k = 0; k < sizeof words / sizeof *words; k++)
        if (words[k].holds && n < sizeof text)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n ? ";" : "", words[k].word);
    return nvc_cells_text(c, text, err);
}

static int text_cell(struct nvc_cells *c, const char *name, const struct nvc_group_row *r,
                     const struct nvc_group_heading *h, struct nvc_error *err)
{
    if (!strcmp(name, "case"))
        return nvc_cells_text(c, h->case_label, err);
    if (!strcmp(name, "control"))
        return nvc_cells_text(c, h->control_label, err);
    if (!strcmp(name, "covariates"))
        return nvc_cells_text(c, h->covariates, err);
    if (!strcmp(name, "q_of"))
        return nvc_cells_text(c, !r->family_m ? NULL : r->q_of_adjusted ? "adj_p" : "p", err);
    if (!strcmp(name, "family_m"))
        return r->family_m ? nvc_cells_printf(c, err, "%zu", r->family_m) : nvc_cells_text(c, NULL, err);
    return note(c, r, err);
}

static int full_row(struct nvc_cells *c, const struct nvc_group_row *r, const struct nvc_group_heading *h, struct nvc_error *err)
{
    int status = 0;
    for (size_t k = 0; k < FIELDS && !status; k++) {
        const char *at = (const char *)(fields[k].kind == KEY ? (const void *)r->key : r) + fields[k].offset, *text;
        size_t count;
        double number;
        switch (fields[k].kind) {
        case KEY:
            memcpy(&text, at, sizeof text);
            status = nvc_cells_text(c, text, err);
            break;
        case COUNT:
            memcpy(&count, at, sizeof count);
            status = nvc_cells_printf(c, err, "%zu", count);
            break;
        case REAL:
            memcpy(&number, at, sizeof number);
            status = nvc_cells_real(c, number, err);
            break;
        case TEXT:
            status = text_cell(c, nvc_group_columns[k].name, r, h, err);
            break;
        }
    }
    return status;
}

/* ---- as a paper prints it ----------------------------------------------------------------------- */

static void name_of(char out[static 256], const struct nvc_key *k)
{
    const char *const parts[] = { k->index, k->contrast, k->region, k->side, k->task, k->session };
    const char *const between[] = { "", " ", " ", " ", ", ", ", " };
    size_t n = 0;
    *out = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof *parts && n < 256; i++)
        if (strcmp(parts[i], "n/a") != 0)
            n += (size_t)snprintf(out + n, 256 - n, "%s%s", n ? between[i] : "", parts[i]);
    if (strcmp(k->unit, "n/a") != 0 && n < 256)
        (void)snprintf(out + n, 256 - n, " (%s)", k->unit);
}

static int mean_sd(struct nvc_cells *c, const struct nvc_sample *s, struct nvc_error *err)
{
    char mean[32], sd[32];
    nvc_print_number(mean, s->mean, 3);
    nvc_print_number(sd, s->sd, 3);
    return nvc_cells_printf(c, err, "%s (%s), %zu", mean, sd, s->n);
}

static int with_interval(struct nvc_cells *c, double v, double low, double high, struct nvc_error *err)
{
    char text[3][32];
    nvc_print_number(text[0], v, 3);
    nvc_print_number(text[1], low, 3);
    nvc_print_number(text[2], high, 3);
    return isnan(v) ? nvc_cells_text(c, NULL, err) : nvc_cells_printf(c, err, "%s [%s, %s]", text[0], text[1], text[2]);
}

static int print_p(struct nvc_cells *c, double p, struct nvc_error *err)
{
    char text[32];
    nvc_print_p(text, p);
    return nvc_cells_text(c, text, err);
}

static int paper_row(struct nvc_cells *c, const struct nvc_group_row *r, bool adjusted, struct nvc_error *err)
{
    char name[256], t[32], dof[32];
    name_of(name, r->key);
    nvc_print_number(t, r->welch.t, 3);
    nvc_print_number(dof, r->welch.dof, 3);
    int status = nvc_cells_text(c, name, err);
    status = status ? status : mean_sd(c, &r->cases, err);
    status = status ? status : mean_sd(c, &r->controls, err);
    status = status ? status : with_interval(c, r->welch.diff, r->welch.ci_low, r->welch.ci_high, err);
    status = status ? status : isnan(r->welch.t) ? nvc_cells_text(c, NULL, err) : nvc_cells_printf(c, err, "%s (%s)", t, dof);
    status = status ? status : print_p(c, r->welch.p, err);
    status = status ? status : with_interval(c, r->effect.g, r->effect.g_low, r->effect.g_high, err);
    if (!status && adjusted) {
        status = with_interval(c, r->adjusted.estimate, r->adjusted.ci_low, r->adjusted.ci_high, err);
        status = status ? status : print_p(c, r->adjusted.p, err);
    }
    return status ? status : print_p(c, r->q, err);
}

static int paper(struct nvc_text *out, const struct nvc_group_table *t, const struct nvc_group_heading *h,
                 enum nvc_table_kind kind, struct nvc_error *err)
{
    struct nvc_cells c = { .n_cols = h->covariates ? 10 : 8 };
    struct nvc_text notes = { 0 };
    size_t m = 0;
    int status = nvc_cells_text(&c, "Index", err);
    status = status ? status : nvc_cells_printf(&c, err, "%s, mean (SD), n", h->case_label);
    status = status ? status : nvc_cells_printf(&c, err, "%s, mean (SD), n", h->control_label);
    static const char *const heads[] = { "Difference [95% CI]", "Welch t (df)", "p", "Hedges g [95% CI]", "Adjusted difference [95% CI]", "adjusted p", "q" };
    for (size_t k = 0; k < 7 && !status; k++)
        if (h->covariates || (k != 4 && k != 5))
            status = nvc_cells_text(&c, heads[k], err);
    for (size_t i = 0; i < t->n && !status; i++) {
        m = t->rows[i].family_m > m ? t->rows[i].family_m : m;
        status = paper_row(&c, &t->rows[i], h->covariates != NULL, err);
    }
    if (!status)
        status = nvc_text_printf(&notes, err,
                                 "Differences are %s minus %s.%s%s%s q: Benjamini-Hochberg over %zu tests of the %s p; rows "
                                 "without q describe data quality or follow from others and belong to no family.",
                                 h->case_label, h->control_label, h->covariates ? " Adjusted for " : "", h->covariates ? h->covariates : "",
                                 h->covariates ? "." : "", m, h->covariates ? "adjusted" : "Welch");
    if (!status)
        status = nvc_cells_write(out, &c, kind, "Indices by group", notes.data, err);
    nvc_text_release(&notes);
    nvc_cells_release(&c);
    return status;
}

int nvc_group_write(struct nvc_text *out, const struct nvc_group_table *t, const struct nvc_group_heading *h,
                    enum nvc_table_kind kind, struct nvc_error *err)
{
    struct nvc_cells c = { .n_cols = FIELDS };
    if (kind != NVC_TSV && kind != NVC_CSV)
        return paper(out, t, h, kind, err);
    int status = nvc_cells_header(&c, nvc_group_columns, err);
    for (size_t i = 0; i < t->n && !status; i++)
        status = full_row(&c, &t->rows[i], h, err);
    if (!status)
        status = nvc_cells_write(out, &c, kind, NULL, NULL, err);
    nvc_cells_release(&c);
    return status;
}
