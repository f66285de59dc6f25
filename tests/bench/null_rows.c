/* How often the rows of nvc-null differ between groups at p < .05 (Welch), where the groups are alike and where the response of the
 * cases is smaller: per cent of studies.  The second table is what a response of another form leaks into them, in per cent of its height.
 *     null_rows [STUDIES [THREADS [DESIGN]]]    (2000 1 all; DESIGN 0 to 3)
 * 20 cases, 20 controls; 240 volumes of 2 s; conditions A and B; noise sd 1 %; the response to A is .7 % (sd .3 over people), to B half of
 * it, the cases' .4 %; fitted with AR(1), of which the level hardly depends and which is ten times quicker.  Forms: canonical; late: mode 7 s, fwhm 7 s; early: 4 and 4 s; jitter: of the events logged, each is off by up to
 * 1 s; tires: a twentieth less from one event to the next. */
#include "math/random.h"
#include "math/lsq.h"
#include "model/glm/glm.h"
#include "model/response/negative_control.h"
#include "model/stat/stat_sample.h"
#include "math/vec.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = 240, EACH = 20, PEOPLE = 2 * EACH, DESIGNS = 10, ROWS = 5 };
static const double tr_s = 2;
enum design { BLOCKS, DENSE_BLOCKS, SLOW_EVENTS, FAST_EVENTS, N_DESIGNS };
enum noise { AR40, AR85, DRIFT, UNLIKE, N_NOISES };
enum form { CANONICAL, EARLY, LATE, JITTER, TIRES, N_FORMS };
static const char *const design_names[] = { "blocks 18/12 s", "blocks 24/0 s", "events 8-16 s", "events 2-6 s" };
static const char *const noise_names[] = { "AR .4", "AR .85", "AR .4 + drift", "cases AR .85, controls .3" };
static const char *const form_names[] = { "canonical", "early", "late", "jitter", "tires" };
static const char *const row_names[ROWS] = { "psc A", "prestim A", "shifted A", "prestim B", "shifted B" };

static struct nvc_error err;

static void check(int status)
{
    if (!status)
        return;
    (void)fprintf(stderr, "null_rows: %s\n", err.text);
    exit(1);
}

static void make_events(struct nvc_events *e, enum design which, uint64_t seed)
{
    const double end_s = N * tr_s - 12;
    struct nvc_rng r;
    nvc_rng_init(&r, seed, 1);
    check(nvc_events_init(e, NULL, &err));
    size_t k = 0;
    for (double t = 8; t < end_s; k++) {
        const bool block = which == BLOCKS || which == DENSE_BLOCKS;
        const double lasts = which == BLOCKS ? 18 : which == DENSE_BLOCKS ? 24 : 1;
        const bool b = block ? k % 2 : nvc_rng_below(&r, 2);
        check(nvc_events_add(e, &(struct nvc_event){ t, lasts, 1, b ? "B" : "A", NULL }, &err));
        t += which == BLOCKS ? 30 : which == DENSE_BLOCKS ? 24 : which == SLOW_EVENTS ? 8 + 8 * nvc_rng_uniform(&r) : 2 + 4 * nvc_rng_uniform(&r);
    }
    check(nvc_events_finish(e, &err));
}

static double gamma_lobe(double t, double mode, double fwhm)
{
    const double sd = fwhm / 2.3548, theta = (sqrt(mode * mode + 4 * sd * sd) - mode) / 2, a = mode / theta;
    return t > 0 ? exp(a * log(t / mode) - (t - mode) / theta) : 0;
}

/* Response to an impulse; the canonical one by its own formula. */
static double impulse(enum form form, double t)
{
    if (form == EARLY || form == LATE)
        return gamma_lobe(t, form == EARLY ? 4 : 7, form == EARLY ? 4 : 7) - 0.1 * gamma_lobe(t, 15, 9);
    return t > 0 ? exp(5 * log(t) - t - lgamma(6)) - exp(15 * log(t) - t - lgamma(16)) / 6 : 0;
}

/* What the run of one person would be without noise: the response to A of height 1 for the isolated event, to B of .5. */
static void respond(double *y, const struct nvc_events *e, enum form form, double frame_s, uint64_t seed)
{
    const double dt = 0.25;
    double highest = 0, sum[400] = { 0 }, lasts = e->duration_s[0];
    size_t number[2] = { 0, 0 };
    struct nvc_rng r;
    nvc_rng_init(&r, seed, 2);
    memset(y, 0, N * sizeof *y);
    for (size_t i = 1; i < 400; i++) /* integral, so that an event of any length is a difference of two */
        sum[i] = sum[i - 1] + dt * impulse(form, ((double)i - 0.5) * dt);
#define RISE(T) ((T) <= 0 ? 0 : sum[(size_t)fmin(399, (T) / dt)])
    for (double t = 0; t < 60; t += dt)
        highest = fmax(highest, RISE(t) - RISE(t - lasts));
    for (size_t k = 0; k < e->n; k++) {
        const bool b = e->conditions[e->condition[k]][0] == 'B';
        const double onset = e->onset_s[k] + (form == JITTER ? 2 * nvc_rng_uniform(&r) - 1 : 0);
        const double height = (b ? 0.5 : 1) * (form == TIRES ? pow(0.95, (double)number[b]) : 1) / highest;
        number[b]++;
        for (size_t i = 0; i < N; i++) {
            const double t = (double)i * tr_s + frame_s - onset;
            y[i] += height * (RISE(t) - RISE(t - lasts));
        }
    }
#undef RISE
}

static void add_noise(double *y, double rho, bool drift, struct nvc_rng *r)
{
    const double period = 180 + 220 * nvc_rng_uniform(r), phase = 2 * M_PI * nvc_rng_uniform(r), slope = nvc_rng_normal(r);
    double x = nvc_rng_normal(r);
    for (size_t t = 0; t < N; t++) {
        x = rho * x + sqrt(1 - rho * rho) * nvc_rng_normal(r);
        y[t] += x + (drift ? slope * (double)t / N + 0.5 * sin(2 * M_PI * (double)t * tr_s / period + phase) : 0);
    }
}

static void build(struct nvc_design *d, struct nvc_design_spec *s, const struct nvc_events *e, const struct nvc_hrf *hrf)
{
    nvc_design_defaults(s);
    s->n_volumes = N, s->tr_s = tr_s, s->events = e, s->hrf = hrf;
    check(nvc_design_build(d, s, &err));
    s->events = NULL, s->hrf = NULL;
}

/* Effects of column x (NULL: of column 0, at its height) beside the design, in all series; false: undefined. */
static bool fit(const struct nvc_design *d, const double *x, const double *Y, size_t n, int threads, double *effect)
{
    const size_t m = d->n_cols + (x ? 1 : 0);
    double *X = malloc(N * m * sizeof *X), *C = calloc(m, sizeof *C);
    struct nvc_glm *g;
    struct nvc_glm_fit f;
    memcpy(X, d->X, N * d->n_cols * sizeof *X);
    if (x)
        memcpy(X + N * d->n_cols, x, N * sizeof *X);
    C[x ? d->n_cols : 0] = x ? 1 : d->columns[0].h_ref;
    check(nvc_glm_new(&g, &(struct nvc_glm_spec){ .X = X, .n = N, .m = m, .C = C, .n_effects = 1, .noise = NVC_NOISE_AR1, .quick_tails = true }, &err));
    check(nvc_glm_fit_init(&f, g, n, &err));
    check(nvc_glm_run(g, &(struct nvc_glm_source){ nvc_glm_load_columns, &(struct nvc_glm_columns){ Y, N, N } }, &f, threads, &err));
    memcpy(effect, f.effect, n * sizeof *effect);
    nvc_glm_fit_release(&f);
    nvc_glm_free(g);
    free(X);
    free(C);
    return true;
}

/* The five rows of all series: effect + row * n. */
static void rows(bool there[ROWS], const struct nvc_design *d, const struct nvc_design *canonical, const struct nvc_design_spec *s,
                 const struct nvc_events *e, const double *Y, size_t n, int threads, double *effect)
{
    const struct nvc_negative_run run = { d, s, e };
    there[0] = fit(canonical, NULL, Y, n, threads, effect);
    for (size_t k = 1; k < ROWS; k++) {
        struct nvc_negative_control c;
        double lasts;
        check(nvc_events_median_duration(e, (k - 1) / 2, &lasts, &err));
        check(k % 2 ? nvc_negative_before(&c, &run, (k - 1) / 2, 8, &err) : nvc_negative_shifted(&c, &run, (k - 1) / 2, lasts, 8, &err));
        there[k] = c.x && fit(d, c.x, Y, n, threads, effect + k * n);
        nvc_negative_control_release(&c);
    }
}

static bool differ(const double *effect)
{
    double x[2][EACH];
    struct nvc_sample s[2];
    for (size_t g = 0; g < 2; g++) {
        memcpy(x[g], effect + g * EACH, sizeof x[g]);
        nvc_sort(x[g], EACH);
        s[g] = nvc_sample_describe(x[g], EACH);
    }
    return nvc_welch(&s[0], &s[1], 0.95).p < 0.05;
}

static void studies(enum design design, enum noise noise, enum form form, bool apart, size_t n_studies, int threads)
{
    const struct nvc_hrf informed = { .kind = NVC_HRF_SPM, .n_functions = 3, .length_s = 32 }, plain = { .kind = NVC_HRF_SPM, .n_functions = 1, .length_s = 32 };
    const size_t each = n_studies / DESIGNS, n = each * PEOPLE;
    double *Y = malloc(n * N * sizeof *Y), *effect = malloc(ROWS * n * sizeof *effect);
    size_t hits[ROWS] = { 0 }, of[ROWS] = { 0 };
    for (size_t k = 0; k < DESIGNS; k++) {
        struct nvc_events e;
        struct nvc_design d = { 0 }, canonical = { 0 };
        struct nvc_design_spec s;
        bool there[ROWS];
        make_events(&e, design, k);
        build(&d, &s, &e, &informed);
        build(&canonical, &s, &e, &plain);
        #pragma omp parallel for num_threads(threads)
        for (size_t v = 0; v < n; v++) {
            const bool patient = v % PEOPLE < EACH;
            double *y = Y + v * N;
            struct nvc_rng r;
            nvc_rng_init(&r, 100 + k + 100 * (uint64_t)(apart + 2 * (form + N_FORMS * (noise + N_NOISES * design))), v);
            const double height = (apart && patient ? 0.4 : 0.7) + 0.3 * nvc_rng_normal(&r);
            respond(y, &e, form, canonical.frame_offset_s, v);
            for (size_t t = 0; t < N; t++)
                y[t] = 100 + height * y[t];
            add_noise(y, noise == AR40 || noise == DRIFT ? 0.4 : noise == AR85 || patient ? 0.85 : 0.3, noise == DRIFT, &r);
        }
        rows(there, &d, &canonical, &s, &e, Y, n, threads, effect);
        for (size_t row = 0; row < ROWS; row++)
            for (size_t study = 0; study < each && there[row]; study++) {
                hits[row] += differ(effect + row * n + study * PEOPLE);
                of[row]++;
            }
        nvc_design_release(&d);
        nvc_design_release(&canonical);
        nvc_events_release(&e);
    }
    (void)printf("%s\t%s\t%s\t%s", design_names[design], noise_names[noise], form_names[form], apart ? "smaller" : "alike");
    for (size_t row = 0; row < ROWS; row++)
        (void)printf(of[row] ? "\t%.1f" : "\tn/a", 100 * (double)hits[row] / (double)of[row]);
    (void)printf("\n");
    (void)fflush(stdout);
    free(Y);
    free(effect);
}

/* Without noise but for a thousandth: what leaks, the mean and the largest over the runs of a design; functions: of the model. */
static void leaks(enum design design, enum form form, int functions)
{
    const struct nvc_hrf hrf = { .kind = NVC_HRF_SPM, .n_functions = functions, .length_s = 32 }, plain = { .kind = NVC_HRF_SPM, .n_functions = 1, .length_s = 32 };
    double most[ROWS] = { 0 }, y[N], effect[ROWS];
    for (size_t k = 0; k < DESIGNS; k++) {
        struct nvc_events e;
        struct nvc_design d = { 0 }, canonical = { 0 };
        struct nvc_design_spec s;
        struct nvc_rng r;
        bool there[ROWS];
        make_events(&e, design, k);
        build(&d, &s, &e, &hrf);
        build(&canonical, &s, &e, &plain);
        respond(y, &e, form, canonical.frame_offset_s, k);
        nvc_rng_init(&r, 9, k);
        for (size_t t = 0; t < N; t++)
            y[t] += 100 + 1e-3 * nvc_rng_normal(&r);
        rows(there, &d, &canonical, &s, &e, y, 1, 1, effect);
        for (size_t row = 0; row < ROWS; row++)
            most[row] = there[row] ? fmax(most[row], fabs(effect[row])) : most[row];
        nvc_design_release(&d);
        nvc_design_release(&canonical);
        nvc_events_release(&e);
    }
    (void)printf("%s\t%s\t%s", design_names[design], form_names[form], functions == 1 ? "canonical" : "with derivatives");
    for (size_t row = 0; row < ROWS; row++)
        (void)printf("\t%.1f", 100 * most[row]);
    (void)printf("\n");
}

static void heading(const char *first)
{
    (void)printf("%s", first);
    for (size_t row = 0; row < ROWS; row++)
        (void)printf("\t%s", row_names[row]);
    (void)printf("\n");
}

int main(int argc, char **argv)
{
    const size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
    const int threads = argc > 2 ? atoi(argv[2]) : 1;
    nvc_blas_single_thread();
    heading("design\tform\tmodel");
    for (int design = 0; design < N_DESIGNS; design++)
        for (int form = 0; form < N_FORMS && argc < 4; form++)
            for (int functions = 1; functions <= 3; functions += 2)
                leaks((enum design)design, (enum form)form, functions);
    if (n < DESIGNS)
        return 0;
    (void)printf("\n");
    heading("design\tnoise\tform\tresponse of the cases");
    for (int design = 0; design < N_DESIGNS; design++) {
        if (argc > 3 && design != atoi(argv[3]))
            continue;
        for (int noise = 0; noise < N_NOISES; noise++)
            for (int apart = 0; apart < 2; apart++)
                studies((enum design)design, (enum noise)noise, CANONICAL, apart, n, threads);
        for (int form = 1; form < N_FORMS; form++)
            studies((enum design)design, AR40, (enum form)form, true, n, threads);
    }
    return 0;
}
