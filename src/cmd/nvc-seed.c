#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "cmd/seed/job.h"
#include "math/lsq.h"
#include "model/connectivity/connect.h"
#include "model/design/contrast.h"
#include "model/connectivity/ppi.h"
#include "table/connectivity.h"
#include "table/coupling.h"
#include "table/series.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static const char *const interaction_names[] = { [NVC_PPI_BOLD] = "bold", [NVC_PPI_NEURAL] = "neural", NULL };
static const struct seed_options defaults = { .run = RUN_INPUT_DEFAULTS, .output = "-", .low_hz = 0.01, .high_hz = 0.1,
                                              .interaction = NVC_PPI_NEURAL, .threads = 1 };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Seed and targets"),
    OPT_LIST(struct seed_options, seeds, 's', "seed", "REGION", "column of the series that is the seed, such as BLA_L"),
    OPT_LIST(struct seed_options, targets, 0, "to", "REGIONS", "names or globs of columns; without it every other region"),
    OPT_INPUT(struct seed_options, series, 0, "series", "TSV", "*.tsv", "of an image: the series of the same run that hold the seed"),
    OPT_GROUP("Correlation"),
    OPT_REAL(struct seed_options, low_hz, 0, "low", "HZ", "Hz", 0, 10, "lower edge of the band"),
    OPT_REAL(struct seed_options, high_hz, 0, "high", "HZ", "Hz", 0, 10, "upper edge of the band"),
    OPT_GROUP("Interaction"),
    OPT_FLAG(struct seed_options, ppi, 0, "ppi", "generalised psychophysiological interaction with the conditions of the events"),
    OPT_INPUT(struct seed_options, events, 'e', "events", "TSV", "*.tsv", "events of the run (BIDS): onset, duration, trial_type"),
    OPT_TEXT(struct seed_options, trial_type, 0, "trial-type", "COLUMN", "column of the events that names the condition (trial_type)"),
    OPT_LIST(struct seed_options, contrasts, 'C', "contrast", "CONTRAST", "[NAME =] EXPRESSION of conditions, as 'face - house'"),
    OPT_CHOICE(struct seed_options, interaction, 0, "interaction", "WHERE", interaction_names,
               "neural: of the deconvolved seed, convolved again, as in SPM; bold: product of seed and regressor"),
    RUN_INPUT_NUISANCE(struct seed_options, run),
    RUN_INPUT_IMAGE(struct seed_options, run),
    OPT_GROUP("Output"),
    OPT_INT(struct seed_options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_OUTPUT(struct seed_options, output, 'o', "output", "TSV", "*.tsv", "the rows of the regions"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "RUN", "series of nvc-extract, or an image with --maps; without it standard input", "*.tsv *.nii *.nii.gz", 0, 1 },
    { 0 }
};

static const char *const description[] = {
    "How a seed region moves with other regions, or with every voxel: correlation at rest (Fisher's z), or with --ppi how its slope on "
    "them changes with the conditions of a task.",
    "Correlation: trend, confounds and everything out of the band are taken out in one projection, never filtered twice; censored volumes "
    "(scrub) are left out.  The standard error of z counts the samples that filtering, nuisance and the slowness of both series leave: "
    "n_eff by their autocorrelations, scaled so that filtered white noise has its degrees of freedom exactly.",
    "Interaction: one model holds for every condition its regressor and its interaction, and the seed, with ARMA(1,1) noise.  A value is a "
    "change of slope: percent of the target per percent of the seed, while the condition lasts.  Give all conditions in the events, also "
    "those of no interest: what is in none of them is the baseline that slopes are compared with.",
    NULL
};

static const struct nvc_section sections[] = {
    { "ROWS", (const char *const[]){
        "fc_SEED (z), contrast rest; ppi_SEED (slope), contrast: each condition and each --contrast.  region and side are those of the target.  "
        "Notes: empty: no signal; derived: a contrast of conditions.",
        "Maps: stat-fc, stat-fcse; contrast-NAME_stat-ppi and stat-ppiz.", NULL } },
    { "HOW WELL IT IS KNOWN", (const char *const[]){
        "Intervals of z cover, of 500 pairs of 200 volumes at TR 2 s: white noise 477, AR(1) .7 both 474, .4 with .8 466; band .01-.1 Hz with "
        "AR(1) .7 and r = .5 474, with six confounds 467, censored by a tenth as well 471.  The naive 1/sqrt(N - 3) would "
        "be too short by a factor of 1.6 with AR(1) .7 and of 2 in the band.",
        "A planted change of slope of .4 between blocks of 20 s (240 volumes, 48 runs) is found as .398 with --interaction neural, 45 of 48 "
        "intervals cover; with bold as .354, 32 cover: the product of two signals that the vessels have smoothed is not the smoothed "
        "product.  Without a change both find none, and 45 of 48 intervals hold 0.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "Rows are of class connectivity.  They are called coupling of regions by many; they are not neurovascular coupling, and a vessel, "
        "a breath or a movement that two regions share connects them as well as neurons do.",
        "A correlation falls with the noise of either region: a patient group with more dropout or motion is less connected for that alone.  "
        "Neither correlation nor interaction has a direction, and a response to the task in both regions that the regressors do not fit "
        "looks like an interaction.",
        "The seed of one amygdala is mostly noise.  A warning says when a neural signal explains less than half of it; what --interaction neural "
        "finds then rests on the model of the response, and its size on noise taken for signal: compare it with --interaction bold.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per seed, target and contrast, of class connectivity", nvc_coupling_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-seed --seed BLA_L --to 'BLA_*' series.tsv > seed.tsv", "correlation of the left with the right amygdala" },
    { "nvc-seed --ppi --seed BLA_L -e sub-01/func/*_events.tsv --contrast 'face - shape' series.tsv > ppi.tsv",
      "does it move more with the other regions while faces are shown?" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Bartlett MS. Some aspects of the time-correlation problem in regard to tests of significance. J R Stat Soc 1935;98:536-543. "
    "doi:10.2307/2342284",
    "McLaren DG, Ries ML, Xu G, Johnson SC. A generalized form of context-dependent psychophysiological interactions (gPPI). NeuroImage "
    "2012;61:1277-1286. doi:10.1016/j.neuroimage.2012.03.068",
    "Gitelman DR, Penny WD, Ashburner J, Friston KJ. Modeling regional and psychophysiologic interactions in fMRI: the importance of "
    "hemodynamic deconvolution. NeuroImage 2003;19:200-207. doi:10.1016/S1053-8119(03)00058-2",
    NULL
};
static const char *const see_also[] = { "nvc-extract(1)", "nvc-glm(1)", "nvc-group(1)", "nvc-tables(5)", NULL };

static int check(const struct seed_options *o, struct nvc_error *err)
{
    int status = 0;
    if (!o->seeds.n)
        return nvc_fail(err, NVC_EUSAGE, "give the region that is the seed (--seed)");
    if (o->ppi != (o->events != NULL))
        return nvc_fail(err, NVC_EUSAGE, o->ppi ? "--ppi needs --events (-e)" : "--events (-e) goes with --ppi");
    if (o->contrasts.n && !o->ppi)
        return nvc_fail(err, NVC_EUSAGE, "--contrast goes with --ppi");
    if (!o->ppi && !(o->low_hz < o->high_hz))
        return nvc_fail(err, NVC_EUSAGE, "--low %g Hz is not below --high %g Hz", o->low_hz, o->high_hz);
    if ((o->run.maps != NULL) != (o->series != NULL))
        return nvc_fail(err, NVC_EUSAGE, o->series ? "--series goes with --maps" : "--maps needs the series that hold the seed (--series)");
    if (o->run.maps && (o->seeds.n > 1 || o->targets.n))
        return nvc_fail(err, NVC_EUSAGE, o->targets.n ? "--to is for tables, --maps takes every voxel" : "--maps takes one --seed");
    for (size_t i = 1; i < o->seeds.n; i++)
        for (size_t k = 0; k < i; k++)
            if (!strcmp(o->seeds.items[i], o->seeds.items[k]))
                return nvc_fail(err, NVC_EUSAGE, "--seed %s is given twice", o->seeds.items[i]);
    for (size_t i = 0; i < o->contrasts.n && !status; i++)
        status = nvc_contrast_check(o->contrasts.items[i], err);
    return status;
}

/* The seed of another run than that of the image correlates with it by chance only. */
static int check_same_run(const struct nvc_identity *seed, const struct nvc_identity *image, const char *path, struct nvc_error *err)
{
    const struct { const char *what, *a, *b; } names[] = {
        { "participant", seed->participant_id, image->participant_id }, { "session", seed->session, image->session },
        { "task", seed->task, image->task }, { "run", seed->run, image->run },
    };
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        if (strcmp(names[k].a, "n/a") != 0 && strcmp(names[k].b, "n/a") != 0 && strcmp(names[k].a, names[k].b) != 0)
            return nvc_fail(err, NVC_EDATA, "%s: is of %s %s, the image of %s; the series must be of the same run", path, names[k].what, names[k].a, names[k].b);
    return 0;
}

static int read_seeds(struct seed_job *j, struct nvc_error *err)
{
    const struct seed_options *o = j->o;
    struct nvc_table t = { 0 };
    int status = 0;
    if (o->series && !(status = run_input_table(&j->run, &t, o->series, err)) && !(status = nvc_series_parse(&j->own, &t, err)) &&
        j->own.n_volumes != j->run.n)
        status = nvc_fail(err, NVC_EDATA, "%s: %zu rows for %zu volumes of the image", o->series, j->own.n_volumes, j->run.n);
    if (!status && o->series)
        status = check_same_run(&j->own.who, &j->run.series.who, o->series, err);
    nvc_table_release(&t);
    j->from = o->series ? &j->own : &j->run.series;
    if (!status && !(j->seeds = nvc_array(o->seeds.n, sizeof *j->seeds, err)))
        status = NVC_ESYS;
    for (size_t k = 0; k < o->seeds.n && !status; k++) {
        status = run_input_region(j->from, o->seeds.items[k], j->seeds + k, err);
        if (!status && isnan(j->from->Y[j->from->n_volumes * j->seeds[k]]))
            status = nvc_fail(err, NVC_EDATA, "the seed %s has no signal", o->seeds.items[k]);
    }
    return status;
}

static int choose_targets(struct seed_job *j, struct nvc_error *err)
{
    const struct nvc_series *s = &j->run.series;
    const struct nvc_list *asked = &j->o->targets;
    if (!(j->target = nvc_array(s->n_regions, sizeof *j->target, err)))
        return NVC_ESYS;
    for (size_t r = 0; r < s->n_regions; r++)
        j->target[r] = !asked->n;
    for (size_t i = 0; i < asked->n; i++) {
        size_t found = 0;
        for (size_t r = 0; r < s->n_regions; r++)
            if (nvc_glob_match(asked->items[i], s->regions[r].column))
                j->target[r] = true, found++;
        if (!found)
            return nvc_fail(err, NVC_EDATA, "no region '%s' in the series", asked->items[i]);
    }
    return 0;
}

void seed_percent(const struct seed_job *j, size_t k, double *y)
{
    const size_t n = j->run.n;
    const double *from = j->from->Y + n * j->seeds[k];
    double sum = 0, kept = 0;
    for (size_t t = 0; t < n; t++)
        if (!j->run.keep || j->run.keep[t])
            sum += from[t], kept++;
    for (size_t t = 0; t < n; t++)
        y[t] = 100 * (from[t] * kept / sum - 1);
}

struct prepared { double *y, *rho, *work; bool good; };

static int prepared_init(struct prepared *p, const struct nvc_connect *c, size_t n, struct nvc_error *err)
{
    *p = (struct prepared){ .y = nvc_array(n + nvc_connect_lags(c) + nvc_connect_work(c), sizeof *p->y, err) };
    if (!p->y)
        return NVC_ESYS;
    p->rho = p->y + n, p->work = p->rho + nvc_connect_lags(c);
    return 0;
}

static struct nvc_connection connect(const struct seed_job *j, const struct nvc_connect *c, const struct prepared *seed, struct prepared *p, size_t v)
{
    run_input_percent(&j->run, v, p->y);
    p->good = nvc_connect_prepare(c, p->y, p->rho, p->work);
    return p->good ? nvc_connect_pair(c, seed->y, seed->rho, p->y, p->rho) : (struct nvc_connection){ NAN, NAN, NAN, NAN, NAN, NAN };
}

static int correlate_maps(const struct seed_job *j, const struct nvc_connect *c, const struct prepared *seed, struct nvc_error *err)
{
    const size_t n = j->run.n_series;
    float *z = nvc_array(2 * n, sizeof *z, err);
    bool good = true;
    if (!z)
        return NVC_ESYS;
#pragma omp parallel reduction(&& : good)
    {
        struct nvc_error mine;
        struct prepared p;
        const bool mine_good = !prepared_init(&p, c, j->run.n, &mine);
        good = good && mine_good;
#pragma omp for schedule(static)
        for (size_t v = 0; v < n; v++)
            if (mine_good) {
                const struct nvc_connection found = connect(j, c, seed, &p, v);
                z[v] = (float)found.z, z[n + v] = (float)found.se;
            }
        free(p.y);
    }
    int status = good ? run_input_map(&j->run, j->o->run.maps, "fc", z, "Fisher's z of the correlation with the seed", NULL, err)
                      : nvc_fail(err, NVC_ESYS, "out of memory (correlation of %zu voxels)", n);
    if (!status)
        status = run_input_map(&j->run, j->o->run.maps, "fcse", z + n, "standard error of Fisher's z", NULL, err);
    free(z);
    return status;
}

static int correlate_regions(struct seed_job *j, const struct nvc_connect *c, const struct prepared *seed, size_t k, struct nvc_error *err)
{
    const struct nvc_series *s = &j->run.series;
    struct prepared p;
    int status = prepared_init(&p, c, j->run.n, err);
    for (size_t r = 0; r < s->n_regions && !status; r++) {
        if (!j->target[r] || r == j->seeds[k])
            continue;
        const struct nvc_connection found = connect(j, c, seed, &p, r);
        status = nvc_seed_index(&j->rows, s, j->seeds[k], r, p.good ? &found : NULL, j->run.mean_fd_mm, err);
    }
    free(p.y);
    return status;
}

static int correlate(struct seed_job *j, struct nvc_error *err)
{
    const struct run_input *r = &j->run;
    const struct nvc_cleaner_spec spec = { .n = r->n, .tr_s = r->series.tr_s, .trend = j->o->run.trend, .confounds = r->confounds.C,
                                           .n_confounds = r->confounds.n_cols, .low_hz = j->o->low_hz, .high_hz = j->o->high_hz, .keep = r->keep };
    struct nvc_connect *c = NULL;
    struct prepared seed = { 0 };
    int status = nvc_connect_new(&c, &spec, err);
    if (!status)
        status = prepared_init(&seed, c, r->n, err);
    for (size_t k = 0; k < j->o->seeds.n && !status; k++) {
        seed_percent(j, k, seed.y);
        if (!nvc_connect_prepare(c, seed.y, seed.rho, seed.work))
            status = nvc_fail(err, NVC_EDATA, "nuisance and band leave nothing of the seed %s", j->o->seeds.items[k]);
        else
            status = r->image ? correlate_maps(j, c, &seed, err) : correlate_regions(j, c, &seed, k, err);
    }
    free(seed.y);
    nvc_connect_free(c);
    return status;
}

static int write_rows(const struct seed_job *j, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    struct nvc_sidecar sidecar = { .columns = nvc_coupling_columns, .inputs = j->run.marks, .n_inputs = j->run.n_marks };
    int status = j->rows.n ? nvc_coupling_write(&text, &j->rows, true, err) : nvc_fail(err, NVC_EDATA, "no target beside the seed");
    if (!status)
        status = nvc_output(j->o->output, &text, &sidecar, err);
    nvc_text_release(&text);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    struct seed_job j = { .o = options };
    nvc_blas_single_thread();
    omp_set_num_threads(j.o->threads);
    int status = check(j.o, err);
    if (!status && !(status = run_input_read(&j.run, &j.o->run, n_args ? args[0] : "-", err)) && !(status = read_seeds(&j, err)) &&
        !(status = choose_targets(&j, err)))
        status = j.o->ppi ? seed_ppi(&j, err) : correlate(&j, err);
    if (!status && !j.run.image)
        status = write_rows(&j, err);
    run_input_release(&j.run);
    nvc_series_release(&j.own);
    nvc_coupling_release(&j.rows);
    free(j.seeds);
    free(j.target);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-seed", .summary = "measure how a seed region moves with others", .description = description, .args = args_table,
    .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
