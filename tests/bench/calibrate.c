/* How often intervals cover and tests reject, over many simulated studies of 24 and 24: what
 *     nvc-simulate --series --seed S; nvc-glm; nvc-coupling; nvc-group
 * give for S = 1 .. SEEDS, in one process, since starting half a million would take longer than they do.
 *     calibrate [SEEDS [NOISE-MODEL [CONFOUNDS [GAIN-OF-CASES]]]]    (4000 ar1 24p,acompcor5,scrub:0.5 0.6) */
#include "model/design/design.h"
#include "model/simulate/simulate.h"
#include "model/stat/stat_lm.h"
#include "model/stat/stat_sample.h"
#include "math/lsq.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEOPLE = 48, OUTCOMES = 3 }; /* left, right, mean of both */
static const char *const outcome_names[OUTCOMES] = { "BLA_L", "BLA_R", "mean of both" };

struct study {
    struct nvc_sim_spec spec;
    struct nvc_sim_chain chain;
    struct nvc_events events;
    struct nvc_mask bla;
};

struct result { double psc[OUTCOMES], fd, age; bool male, is_case; };

static int examine(struct result *out, const struct study *s, size_t index, struct nvc_error *err)
{
    struct nvc_sim_person p = nvc_sim_person(&s->spec, index);
    struct nvc_sim_head head = { 0 };
    struct nvc_sim_run run = { 0 };
    struct nvc_design design = { 0 };
    struct nvc_series series = { 0 };
    *out = (struct result) { .age = p.age, .male = p.sex == 'M', .is_case = p.is_case };
    int status = nvc_sim_head_init(&head, &s->spec, &p, &s->bla, true, err);
    if (!status)
        status = nvc_sim_run_init(&run, &s->spec, &s->events, &p, err);
    if (!status)
        status = nvc_sim_series(&series, &s->spec, &p, &head, &run, &s->bla, false, err);
    if (!status)
        status = nvc_sim_design(&design, &s->chain, &s->spec, &s->events, &run, err);
    if (!status)
        status = nvc_sim_psc(out->psc, &s->chain, &design, &series, err);
    out->psc[2] = (out->psc[0] + out->psc[1]) / 2;
    for (size_t t = 1; t < s->spec.n_volumes; t++)
        out->fd += run.framewise_displacement[t] / (double)(s->spec.n_volumes - 1);
    nvc_design_release(&design);
    nvc_series_release(&series);
    nvc_sim_run_release(&run);
    nvc_sim_head_release(&head);
    return status;
}

struct count { size_t covered, welch, ancova; double diff, diff2, width; };

/* Welch's interval against the population difference, and the two tests against none. */
static int judge(struct count *c, const struct result *people, size_t outcome, double planted, struct nvc_error *err)
{
    double group[2][PEOPLE], X[PEOPLE * 5], y[PEOPLE];
    size_t n[2] = { 0 };
    static const char *const names[] = { "constant", "group", "age", "sexM", "mean_fd" };
    for (size_t i = 0; i < PEOPLE; i++) {
        const struct result *r = &people[i];
        group[r->is_case][n[r->is_case]++] = y[i] = r->psc[outcome];
        const double row[5] = { 1, r->is_case, r->age, r->male, r->fd };
        for (size_t k = 0; k < 5; k++)
            X[i + PEOPLE * k] = row[k];
    }
    nvc_sort(group[0], n[0]);
    nvc_sort(group[1], n[1]);
    struct nvc_sample control = nvc_sample_describe(group[0], n[0]), cases = nvc_sample_describe(group[1], n[1]);
    struct nvc_ttest t = nvc_welch(&cases, &control, 0.95);
    struct nvc_lm lm = { 0 };
    static const double contrast[5] = { 0, 1 };
    int status = nvc_lm_fit(&lm, X, y, PEOPLE, 5, names, err);
    c->covered = t.ci_low <= planted && planted <= t.ci_high;
    c->welch = t.p < 0.05;
    c->ancova = !status && nvc_lm_contrast(&lm, contrast, false, 0.95).p < 0.05;
    c->diff = t.diff;
    c->diff2 = t.diff * t.diff;
    c->width = t.ci_high - t.ci_low;
    nvc_lm_release(&lm);
    return status;
}

static int one_seed(struct count counts[OUTCOMES], struct study s, size_t seed, const double planted[OUTCOMES],
                    struct nvc_error *err)
{
    struct result people[PEOPLE];
    int status = 0;
    s.spec.seed = seed;
    for (size_t i = 0; !status && i < PEOPLE; i++)
        status = examine(&people[i], &s, i, err);
    for (size_t k = 0; !status && k < OUTCOMES; k++)
        status = judge(&counts[k], people, k, planted[k], err);
    return status;
}

static void print(const struct count *c, double planted, const char *name, double n)
{
    double mean = c->diff / n;
    printf("%-12s  planted %+.5f  mean difference %+.5f (se %.5f)  width %.3f  covered %.2f %%  Welch p < .05: %.2f %%  "
           "ANCOVA p < .05: %.2f %%\n", name, planted, mean, sqrt((c->diff2 / n - mean * mean) / n), c->width / n,
           100 * (double)c->covered / n, 100 * (double)c->welch / n, 100 * (double)c->ancova / n);
}

static int set_up(struct study *s, const char *const words[5], double planted[OUTCOMES], struct nvc_error *err)
{
    struct nvc_sim_population population;
    nvc_sim_defaults(&s->spec);
    s->spec.gain_case = atof(words[4]);
    s->chain.confounds = (struct nvc_list) { &words[3], strcmp(words[3], "none") != 0 };
    while (nvc_noise_names[s->chain.noise] && strcmp(nvc_noise_names[s->chain.noise], words[2]))
        s->chain.noise++;
    if (!nvc_noise_names[s->chain.noise])
        return nvc_fail(err, NVC_EUSAGE, "noise model '%s'?", words[2]);
    int status = nvc_sim_events(&s->events, &s->spec, err);
    if (!status)
        status = nvc_sim_bla(&s->bla, &s->spec, err);
    if (!status)
        status = nvc_sim_population(&population, &s->chain, &s->spec, &s->events, &s->bla, err);
    for (size_t k = 0; !status && k < OUTCOMES; k++)
        planted[k] = population.psc_case[k] - population.psc_control[k];
    return status;
}

int main(int argc, char **argv)
{
    const char *words[5] = { "", "4000", "ar1", "24p,acompcor5,scrub:0.5", "0.6" };
    struct study s = { 0 };
    struct nvc_error err = { 0 };
    struct count total[OUTCOMES] = { { 0 } };
    double planted[OUTCOMES] = { 0 };
    int failed;
    for (int k = 1; k < argc && k < 5; k++)
        words[k] = argv[k];
    size_t seeds = strtoul(words[1], NULL, 10);
    nvc_blas_single_thread();
    failed = set_up(&s, words, planted, &err);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t seed = 1; seed <= (failed ? 0 : seeds); seed++) {
        struct count mine[OUTCOMES];
        struct nvc_error problem;
        int status = one_seed(mine, s, seed, planted, &problem);
#pragma omp critical
        if (status) {
            failed = status;
            err = problem;
        } else {
            for (size_t k = 0; k < OUTCOMES; k++) {
                total[k].covered += mine[k].covered, total[k].welch += mine[k].welch, total[k].ancova += mine[k].ancova;
                total[k].diff += mine[k].diff, total[k].diff2 += mine[k].diff2, total[k].width += mine[k].width;
            }
        }
    }
    printf("%zu studies of 24 and 24, noise model %s, confounds %s, mean gain of cases %s\n", seeds, words[2], words[3], words[4]);
    for (size_t k = 0; k < OUTCOMES && !failed; k++)
        print(&total[k], planted[k], outcome_names[k], (double)seeds);
    if (failed)
        fprintf(stderr, "calibrate: %s\n", err.text);
    nvc_mask_release(&s.bla);
    nvc_events_release(&s.events);
    return failed;
}
