#include "table/demographics.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <math.h>

const struct nvc_column nvc_demographics_columns[] = {
    { "variable", NULL, "column of participants.tsv" },
    { "level", NULL, "level of a factor, n/a for a number" },
    { "n_case", NULL, "cases with a value" },
    { "n_control", NULL, "controls with a value" },
    { "n_missing", NULL, "members of both groups without a value" },
    { "mean_case", NULL, "mean of the cases" },
    { "mean_control", NULL, "mean of the controls" },
    { "sd_case", NULL, "standard deviation of the cases" },
    { "sd_control", NULL, "standard deviation of the controls" },
    { "median_case", NULL, "median of the cases" },
    { "median_control", NULL, "median of the controls" },
    { "count_case", NULL, "cases with this level" },
    { "count_control", NULL, "controls with this level" },
    { "test", NULL, "welch, fisher, freeman-halton or chi2, on the first row of a variable" },
    { "stat", NULL, "Welch t or chi-square" },
    { "dof", NULL, "degrees of freedom" },
    { "p", NULL, "two-sided p that the groups do not differ" },
    { "p_variance", NULL, "p that the variances do not differ (Brown-Forsythe)" },
    { "smd", NULL, "standardised difference, case minus control" },
    { 0 },
};

static int full_row(struct nvc_cells *c, const struct nvc_demographic_row *r, struct nvc_error *err)
{
    double median[2] = { r->level ? NAN : r->cases.median, r->level ? NAN : r->controls.median };
    double mean[2] = { r->level ? NAN : r->cases.mean, r->level ? NAN : r->controls.mean };
    double sd[2] = { r->level ? NAN : r->cases.sd, r->level ? NAN : r->controls.sd };
    const double numbers[] = {
        (double)r->n_case, (double)r->n_control, (double)r->n_missing, mean[0], mean[1], sd[0], sd[1], median[0],
        median[1],         r->count_case,        r->count_control
    };
    const double tests[] = { r->stat, r->dof, r->p, r->p_variance, r->smd };
    int status = nvc_cells_text(c, r->variable, err);
    status = status ? status : nvc_cells_text(c, r->level, err);
    for (size_t k = 0; k < sizeof numbers / sizeof *numbers && !status; k++)
        status = nvc_cells_real(c, numbers[k], err);
    status = status ? status : nvc_cells_text(c, r->test, err);
    for (size_t k = 0; k < sizeof tests / sizeof *tests && !status; k++)
        status = nvc_cells_real(c, tests[k], err);
    return status;
}

static int paper_cell(struct nvc_cells *c, const struct nvc_demographic_row *r, const struct nvc_sample *s,
                      double count, size_t n, struct nvc_error *err)
{
    char mean[32], sd[32];
    if (r->level)
        return nvc_cells_printf(c, err, "%.0f (%.0f %%)", count, n ? 100 * count / (double)n : 0);
    nvc_print_number(mean, s->mean, 3);
    nvc_print_number(sd, s->sd, 3);
    return !n        ? nvc_cells_text(c, "none", err)
           : n == 1 ? nvc_cells_printf(c, err, "%s, 1", mean)
                    : nvc_cells_printf(c, err, "%s (%s)", mean, sd);
}

/* "Welch t(22.3) = -0.478", "chi-square(2) = 1.20", "Fisher" */
static int paper_test(struct nvc_cells *c, const struct nvc_demographic_row *r, struct nvc_error *err)
{
    char stat[32], dof[32];
    if (!r->test || isnan(r->p))
        return nvc_cells_text(c, " ", err);
    nvc_print_number(stat, r->stat, 3);
    nvc_print_number(dof, r->dof, r->dof == floor(r->dof) ? 1 : 3);
    return !strcmp(r->test, "fisher") ? nvc_cells_text(c, "Fisher", err)
                                      : nvc_cells_printf(c, err, "%s(%s) = %s", !strcmp(r->test, "welch") ? "Welch t" : "chi-square", dof, stat);
}

static int paper_row(struct nvc_cells *c, const struct nvc_demographic_row *r, struct nvc_error *err)
{
    char p[32], smd[32];
    nvc_print_p(p, r->p);
    nvc_print_number(smd, r->smd, 2);
    int status = nvc_cells_printf(c, err, "%s%s%s", r->variable, r->level ? ": " : "", r->level ? r->level : "");
    status = status ? status : paper_cell(c, r, &r->cases, r->count_case, r->n_case, err);
    status = status ? status : paper_cell(c, r, &r->controls, r->count_control, r->n_control, err);
    status = status ? status : nvc_cells_printf(c, err, "%zu", r->n_missing);
    status = status ? status : nvc_cells_text(c, smd, err);
    status = status ? status : paper_test(c, r, err);
    return status ? status : nvc_cells_text(c, r->test && !isnan(r->p) ? p : " ", err);
}

int nvc_demographics_write(struct nvc_text *out, const struct nvc_demographics *d, const char *case_label,
                           const char *control_label, enum nvc_table_kind kind, struct nvc_error *err)
{
    bool full = kind == NVC_TSV || kind == NVC_CSV;
    char label[2][320];
    size_t most[2] = { 0, 0 };
    for (size_t i = 0; i < d->n; i++) {
        most[0] = d->rows[i].n_case > most[0] ? d->rows[i].n_case : most[0];
        most[1] = d->rows[i].n_control > most[1] ? d->rows[i].n_control : most[1];
    }
    for (int k = 0; k < 2; k++)
        (void)snprintf(label[k], sizeof label[k], "%.280s, n = %zu", k ? control_label : case_label, most[k]);
    const char *const heads[] = { "Variable", label[0], label[1], "Missing", "SMD", "Test", "p" };
    struct nvc_cells c = { .n_cols =
                               full ? sizeof nvc_demographics_columns / sizeof *nvc_demographics_columns - 1 : 7 };
    int status = full ? nvc_cells_header(&c, nvc_demographics_columns, err) : 0;
    for (size_t k = 0; !full && k < 7 && !status; k++)
        status = nvc_cells_text(&c, heads[k], err);
    for (size_t i = 0; i < d->n && !status; i++)
        status = full ? full_row(&c, &d->rows[i], err) : paper_row(&c, &d->rows[i], err);
    if (!status)
        status = nvc_cells_write(out, &c, kind, "Demographics", "Mean (SD) or count (%). SMD: standardised difference.",
                                 err);
    nvc_cells_release(&c);
    return status;
}
