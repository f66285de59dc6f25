/* Every value of tests/expect/stats/expected.tsv (but of the logistic model, which is not computed) from the
 * cohort beside it, to the relative tolerance listed with it. */
#include "nvc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct nvc_participants who;
static struct nvc_contrast_groups groups;
static struct nvc_error err;

#define OK(CALL) assert_int_equal(CALL, 0)

static int load(void **state)
{
    (void)state;
    OK(nvc_participants_read(&who, SRCDIR "/tests/expect/stats/cohort.tsv", NULL, &err));
    return nvc_contrast_groups_init(&groups, &who, "group", "patient", "control", &err);
}

static int unload(void **state)
{
    (void)state;
    nvc_contrast_groups_release(&groups);
    nvc_participants_release(&who);
    return 0;
}

/* "fa_illness_years_..." -> the variable whose name stands first; *at moves behind it. */
static const struct nvc_variable *variable(const char **at)
{
    const struct nvc_variable *best = NULL;
    for (size_t i = 0; i < who.n_variables; i++) {
        size_t n = strlen(who.variables[i].name);
        if (!strncmp(*at, who.variables[i].name, n) && ((*at)[n] == '_' || !(*at)[n]) && (!best || n > strlen(best->name)))
            best = &who.variables[i];
    }
    assert_non_null(best);
    *at += strlen(best->name);
    *at += **at == '_';
    return best;
}

struct two {
    double a[64], b[64];
    size_t n1, n0;
    struct nvc_sample sa, sb;
};

static struct two split(const struct nvc_variable *v)
{
    struct two t = { .n1 = 0 };
    for (size_t i = 0; i < who.n; i++)
        if (!isnan(v->value[i]) && groups.group.value[i] > 0)
            t.a[t.n1++] = v->value[i];
        else if (!isnan(v->value[i]))
            t.b[t.n0++] = v->value[i];
    nvc_sort(t.a, t.n1);
    nvc_sort(t.b, t.n0);
    t.sa = nvc_sample_describe(t.a, t.n1), t.sb = nvc_sample_describe(t.b, t.n0);
    return t;
}

struct value {
    const char *name;
    double value;
};

static double pick(const struct value *values, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(values[i].name, name))
            return values[i].value;
    fail_msg("no statistic %s", name);
    return NAN;
}
#define PICK(NAME, ...) pick((const struct value[]){ __VA_ARGS__ }, sizeof((const struct value[]){ __VA_ARGS__ }) / sizeof(struct value), NAME)

static double of_samples(const char *method, const char *what, const char *stat)
{
    struct two t = split(variable(&what));
    const double *const x[] = { t.a, t.b };
    const size_t n[] = { t.n1, t.n0 };
    struct nvc_effect e = nvc_effect_size(&t.sa, &t.sb, 0.95);
    struct nvc_ttest w = *method == 'w' ? nvc_welch(&t.sa, &t.sb, 0.95) : nvc_student(&t.sa, &t.sb, 0.95);
    struct nvc_ftest f = nvc_variance_ratio(&t.sa, &t.sb);
    struct nvc_rank_law law = { 0 };
    struct nvc_mann_whitney u;
    struct nvc_auc auc;
    if (*method == 'b')
        OK(nvc_brown_forsythe(x, n, 2, &f, &err));
    OK(nvc_mann_whitney_test(t.a, t.n1, t.b, t.n0, 0.95, &law, &u, &err));
    OK(nvc_auc(t.a, t.n1, t.b, t.n0, t.sa.mean > t.sb.mean, NVC_AUC_NORMAL, 0.95, &auc, &err));
    nvc_rank_law_release(&law);
    if (!strcmp(method, "auc"))
        return PICK(stat, { "auc", auc.auc }, { "var_delong", auc.variance }, { "ci95_low", auc.ci_low }, { "ci95_high", auc.ci_high });
    return PICK(stat, { "n_patient", (double)t.n1 }, { "n_control", (double)t.n0 }, { "mean_patient", t.sa.mean },
                { "mean_control", t.sb.mean }, { "sd_patient", t.sa.sd }, { "sd_control", t.sb.sd },
                { "median_patient", t.sa.median }, { "median_control", t.sb.median }, { "q25_patient", t.sa.q25 },
                { "q25_control", t.sb.q25 }, { "q75_patient", t.sa.q75 }, { "q75_control", t.sb.q75 },
                { "t", w.t }, { "df", w.dof }, { "p_two_sided", *method == 'v' ? f.p : w.p }, { "diff", w.diff },
                { "diff_ci95_low", w.ci_low }, { "diff_ci95_high", w.ci_high }, { "p_less", w.p_less }, { "p_greater", w.p_greater },
                { "cohen_d", e.d }, { "cohen_d_ci95_low", e.d_low }, { "cohen_d_ci95_high", e.d_high }, { "hedges_g", e.g },
                { "hedges_g_ci95_low", e.g_low }, { "hedges_g_ci95_high", e.g_high }, { "glass_delta", e.glass },
                { "U_patient", u.u }, { "p_asymptotic_cc", u.p_normal_cc }, { "p_asymptotic", u.p_normal }, { "p_exact", u.p },
                { "rank_biserial", u.rank_biserial }, { "cliffs_delta", u.rank_biserial }, { "hodges_lehmann", u.shift },
                { "hodges_lehmann_ci_low", u.shift_low }, { "hodges_lehmann_ci_high", u.shift_high }, { "F", f.f }, { "p", f.p });
}

/* Estimated mean of group g: numbers at their mean, levels alike. */
static struct nvc_estimate marginal(const struct nvc_lm *lm, const struct nvc_matrix *M, double g)
{
    double c[8];
    memcpy(c, M->marginal, M->m * sizeof *c);
    c[1] = g;
    return nvc_lm_contrast(lm, c, false, 0.95);
}

/* "t_grouppatient": the part before the name of a column, which is returned by number. */
static size_t column_of(const char *stat, const struct nvc_matrix *M, const char **rest)
{
    for (size_t j = 0; j < M->m; j++) {
        const char *name = j ? M->names[j] : "Intercept";
        if (nvc_has_suffix(stat, name) && stat[strlen(stat) - strlen(name) - 1] == '_') {
            *rest = stat + strlen(stat) - strlen(name);
            return j;
        }
    }
    return SIZE_MAX;
}

static size_t term_of(const char *stat, const struct nvc_terms *terms)
{
    for (size_t k = 0; k < terms->n; k++)
        if (nvc_has_suffix(stat, terms->terms[k].of[0]->name))
            return k;
    return SIZE_MAX;
}

static double of_model(const char *what, const char *stat)
{
    const struct nvc_variable *y = variable(&what), *v = &groups.group;
    struct nvc_terms terms = { 0 };
    struct nvc_matrix M;
    struct nvc_lm lm;
    struct nvc_lm_f f = { NAN, NAN, NAN, NAN, NAN };
    double values[64], c[8] = { 0 }, total = 0, out;
    bool use[64];
    const char *name = NULL;
    OK(nvc_terms_add(&terms, &v, 1, &err));
    while (*what) {
        v = variable(&what);
        OK(nvc_terms_add(&terms, &v, 1, &err));
    }
    for (size_t i = 0; i < who.n; i++)
        use[i] = !isnan(y->value[i]);
    OK(nvc_matrix_init(&M, &terms, use, who.n, &err));
    for (size_t i = 0; i < M.n; i++)
        values[i] = y->value[M.row[i]];
    OK(nvc_lm_fit(&lm, M.X, values, M.n, M.m, (const char *const *)M.names, &err));
    total = nvc_sum_squares(values, M.n, nvc_mean(values, M.n));
    size_t col = column_of(stat, &M, &name), k = term_of(stat, &terms), cols[8] = { 1, 2, 3, 4, 5, 6, 7 };
    double rest = (double)(M.m - 1);
    if (strstr(stat, "type2") || strstr(stat, "eta2"))
        OK(nvc_lm_drop(&lm, cols + M.first[k] - 1, M.first[k + 1] - M.first[k], &f, &err));
    else if (!strcmp(stat, "F_model"))
        OK(nvc_lm_drop(&lm, cols, M.m - 1, &f, &err));
    if (!strncmp(stat, "emm", 3)) {
        struct nvc_estimate e = marginal(&lm, &M, nvc_has_suffix(stat, "patient"));
        out = strstr(stat, "se") ? e.se : e.estimate;
    } else if (f.dof1 > 0)
        out = *stat == 'F' ? f.f : strstr(stat, "eta2") ? f.partial_eta2 : f.p;
    else if (col != SIZE_MAX && strcmp(stat, "emm_control") != 0) {
        char kind[32] = "";
        c[col] = 1;
        memcpy(kind, stat, (size_t)(name - stat) - 1);
        struct nvc_estimate e = nvc_lm_contrast(&lm, c, !strcmp(kind, "se_hc3"), 0.95);
        out = PICK(kind, { "coef", e.estimate }, { "se", e.se }, { "se_hc3", e.se }, { "t", e.t }, { "p", e.p },
                   { "ci95_low", e.ci_low }, { "ci95_high", e.ci_high });
    } else
        out = PICK(stat, { "n_used", (double)M.n }, { "df_residual", lm.dof }, { "R2", 1 - lm.rss / total },
                   { "R2_adjusted", 1 - lm.rss / lm.dof / (total / (lm.dof + rest)) }, { "residual_sd", lm.sigma },
                   { "adjusted_d_residual_sd", lm.beta[1] / lm.sigma });
    nvc_lm_release(&lm);
    nvc_matrix_release(&M);
    nvc_terms_release(&terms);
    return out;
}

static double of_pairs(const char *method, const char *what, const char *stat)
{
    const struct nvc_variable *x = variable(&what), *y = variable(&what), *v;
    struct nvc_terms terms = { 0 };
    struct nvc_matrix M;
    struct nvc_correlation r;
    bool use[64], ranks = !strcmp(method, "partial_spearman");
    double a[64], b[64], ties;
    if (*what) {
        assert_true(nvc_has_prefix(what, "given_"));
        what += strlen("given_");
    }
    while (*what) {
        v = variable(&what);
        OK(nvc_terms_add(&terms, &v, 1, &err));
    }
    for (size_t i = 0; i < who.n; i++)
        use[i] = !isnan(x->value[i]) && !isnan(y->value[i]);
    OK(nvc_matrix_init(&M, &terms, use, who.n, &err));
    for (size_t i = 0; i < M.n; i++)
        a[i] = x->value[M.row[i]], b[i] = y->value[M.row[i]];
    if (ranks) {
        OK(nvc_midranks(a, M.n, a, &ties, &err));
        OK(nvc_midranks(b, M.n, b, &ties, &err));
        for (size_t k = 0; k < terms.n; k++)
            if (terms.terms[k].of[0]->numeric)
                OK(nvc_midranks(M.X + M.n * M.first[k], M.n, M.X + M.n * M.first[k], &ties, &err));
    }
    if (!strcmp(method, "pearson"))
        r = nvc_corr_pearson(a, b, M.n, 0.95);
    else if (!strcmp(method, "spearman"))
        OK(nvc_corr_spearman(a, b, M.n, 0.95, &r, &err));
    else if (!strcmp(method, "kendall"))
        OK(nvc_corr_kendall(a, b, M.n, 0.95, &r, &err));
    else
        OK(nvc_corr_partial(a, b, M.X, M.n, M.m, 0.95, &r, &err));
    nvc_matrix_release(&M);
    nvc_terms_release(&terms);
    return PICK(stat, { "n", (double)r.n }, { "r", r.r }, { "rho", r.r }, { "tau_b", r.r }, { "t", r.t }, { "df", r.dof },
                { "p_two_sided", r.p }, { "p_t", r.p }, { "ci95_low", r.ci_low }, { "ci95_high", r.ci_high },
                { "ci95_low_fisher", r.fisher_low }, { "ci95_high_fisher", r.fisher_high },
                { "ci95_low_bonett_wright", r.ci_low }, { "ci95_high_bonett_wright", r.ci_high });
}

static double of_counts(const char *method, const char *stat)
{
    const char *name = "sex";
    const struct nvc_variable *sex = variable(&name);
    double count[4] = { 0 }; /* patient M, patient F, control M, control F */
    for (size_t i = 0; i < who.n; i++)
        if (!isnan(sex->value[i]))
            count[2 * (groups.group.value[i] == 0) + (sex->value[i] == 0)]++;
    struct nvc_fisher f = nvc_fisher_test(count[0], count[1], count[2], count[3], 0.95);
    struct nvc_chi2 c = nvc_chi2_test(count, 2, 2, !strcmp(method, "chi2_yates"));
    return PICK(stat, { "p_two_sided", f.p }, { "odds_ratio_conditional", f.odds_ratio }, { "ci95_low", f.ci_low },
                { "ci95_high", f.ci_high }, { "odds_ratio_sample", f.sample_odds_ratio }, { "chi2", c.chi2 }, { "p", c.p });
}

static double compute(const char *method, const char *what, const char *stat)
{
    if (!strcmp(method, "ancova"))
        return of_model(what, stat);
    if (strstr(method, "pearson") || strstr(method, "spearman") || !strcmp(method, "kendall"))
        return of_pairs(method, what, stat);
    if (!strcmp(method, "fisher") || strstr(method, "chi2"))
        return of_counts(method, stat);
    return of_samples(method, what, stat);
}

static void every_value_is_that_of_r_and_scipy(void **state)
{
    (void)state;
    struct nvc_table t = { 0 };
    size_t checked = 0, wrong = 0;
    double worst = 0;
    char where[128] = "";
    OK(nvc_table_read(&t, SRCDIR "/tests/expect/stats/expected.tsv", &err));
    for (size_t i = 0; i < t.n_rows; i++) {
        char method[64] = "";
        const char *name = nvc_table_cell(&t, i, 0), *dot = strchr(name, '.');
        double want, rtol;
        memcpy(method, name, (size_t)(dot - name));
        if (!strcmp(method, "logistic"))
            continue;
        OK(nvc_table_real(&t, i, 3, &want, &err));
        OK(nvc_table_real(&t, i, 4, &rtol, &err));
        double got = compute(method, strchr(dot + 1, '.') + 1, nvc_table_cell(&t, i, 2));
        checked++;
        if (!(fabs(got - want) <= worst * rtol * fabs(want))) {
            worst = want != 0 ? fabs(got - want) / (rtol * fabs(want)) : worst;
            (void)snprintf(where, sizeof where, "%s %s", name, nvc_table_cell(&t, i, 2));
        }
        if (!(fabs(got - want) <= rtol * fabs(want))) {
            print_error("%s %s: got %.17g, wanted %.17g\n", name, nvc_table_cell(&t, i, 2), got, want);
            wrong++;
        }
    }
    print_message("%zu values; worst: %s, at %.2g of its tolerance\n", checked, where, worst);
    nvc_table_release(&t);
    assert_int_equal(wrong, 0);
    assert_int_equal(checked, 377);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_value_is_that_of_r_and_scipy) };
    return cmocka_run_group_tests(tests, load, unload);
}
