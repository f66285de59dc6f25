#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/shared/defaults.h"
#include "cmd/simulate/files.h"
#include "math/lsq.h"

#include <omp.h>
#include <stdlib.h>
#include <unistd.h>

struct options {
    int seed, cases, controls, volumes, threads, series, rest, perfusion, tiny, force, noise_model;
    double gain_case, gain_control, gain_sd, noise, habituation, tr_s;
    struct nvc_list confounds;
};
static const struct options defaults = {
    .seed = 1, .cases = NVC_NO_INT, .controls = NVC_NO_INT, .volumes = NVC_NO_INT, .threads = NVC_NO_INT,
    .gain_case = 0.6, .gain_control = 1, .gain_sd = 0.25, .noise = 1, .habituation = 0.05, .tr_s = 2, .noise_model = NVC_NOISE_ARMA11
};

static const char *const noise_choices[] = { "ols", "ar1", "ar1-reml", "arma11", NULL };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Cohort"),
    OPT_INT(struct options, cases, 0, "cases", "N", 0, 5000, "patients (24; with --tiny 4)"),
    OPT_INT(struct options, controls, 0, "controls", "N", 0, 5000, "controls (24; with --tiny 4)"),
    OPT_REAL(struct options, gain_case, 0, "gain-case", "GAIN", NULL, 0, 20, "mean coupling gain of the patients"),
    OPT_REAL(struct options, gain_control, 0, "gain-control", "GAIN", NULL, 0, 20, "mean coupling gain of the controls"),
    OPT_REAL(struct options, gain_sd, 0, "gain-sd", "SD", NULL, 0, 2, "sd of the logarithm of the gain within a group"),
    OPT_INT(struct options, seed, 0, "seed", "N", 0, INT_MAX, "seed of the random numbers"),
    OPT_GROUP("Runs"),
    OPT_INT(struct options, volumes, 0, "volumes", "N", 60, 5000, "volumes of a run (200; with --tiny 90)"),
    OPT_REAL(struct options, tr_s, 0, "tr", "SECONDS", "s", 0.2, 10, "repetition time"),
    OPT_REAL(struct options, noise, 0, "noise", "SCALE", NULL, 0, 100,
             "scale of all that is not the response: 1 is realistic, 0 is none"),
    OPT_REAL(struct options, habituation, 0, "habituation", "SHARE", NULL, 0, 1,
             "share of the neural response lost from one block to the next of its kind"),
    OPT_FLAG(struct options, tiny, 0, "tiny", "a small cohort with a slab around the amygdalae, for examples and tests"),
    OPT_FLAG(struct options, series, 0, "series", "regional series instead of images, for calibration studies", .exclusive = 1),
    OPT_FLAG(struct options, rest, 0, "rest", "also a resting run of each person"),
    OPT_FLAG(struct options, perfusion, 0, "asl", "also a perfusion run of each person (PCASL, M0 and ten pairs), for nvc-cbf", .exclusive = 1),
    OPT_GROUP("Truth"),
    OPT_LIST(struct options, confounds, 0, "confounds", "WHICH",
             "confounds of the chain that psc_noisefree refers to, as for nvc-run (" NVC_RUN_CONFOUNDS ")"),
    OPT_CHOICE(struct options, noise_model, 0, "noise-model", "MODEL", noise_choices, "noise model of that chain, as for nvc-glm"),
    OPT_GROUP("Running"),
    OPT_INT(struct options, threads, 'j', "jobs", "N", 1, 256,
            "people at a time (as many as there are processors); the result does not depend on it"),
    OPT_FLAG(struct options, force, 0, "force", "write over a cohort that is already there"),
    OPT_END
};

static const struct nvc_arg args[] = { { "OUT", "folder for the dataset; made when it is not there", NULL, 1, 1 }, { 0 } };

static const char *const description[] = {
    "Simulate a case-control study of the amygdala as a BIDS derivatives dataset with a known truth: preprocessed BOLD "
    "images in standard space, events, confounds in fMRIPrep's names, brain masks, participants.tsv and truth.tsv.",
    "Everybody sees blocks of faces and shapes. The neural response of the basolateral amygdala (BLA) passes through the "
    "Balloon-Windkessel model, multiplied by the person's coupling gain, and appears with the weights of the built-in atlas. "
    "Gains are log-normal within a group; the difference of the groups' mean gains is what the study should find.",
    "Added are spontaneous fluctuations of the BLA, a fusiform region that answers alike in everybody, a vein above the "
    "amygdala that answers late and strongly, physiological noise, drift that a 128-s high pass removes, head motion with its "
    "confounds, loss of signal towards the ear canals and the sphenoid sinus, and AR(1) and thermal noise of each voxel.",
    "--rest adds a resting run: bursts of the amygdala at random times, seen through the same gain, so that patients fluctuate less; "
    "elsewhere fluctuations grow with flow. --asl adds flow, the same in both groups, and parcels: what patients lack at rest, their flow does "
    "not explain.",
    "truth.tsv gives each person's gain and psc_noisefree, the percent signal change to a block of faces that the same chain "
    "(canonical response, 128-s high pass, the same confounds and noise model) finds when everything but the response is "
    "taken away; its sidecar truth.json gives the means over the populations that were drawn from.",
    NULL
};

static const struct nvc_output outputs[] = {
    { "participants.tsv", "one row per person", nvc_sim_participants_columns },
    { "events.tsv", "one row per block, the same in every run", nvc_sim_events_columns },
    { "truth.tsv", "one row per person", nvc_sim_truth_columns },
    { 0 }
};

static const char *const limits[] = {
    "The simulated noise has the size and colour of real noise, not its every cause: there is no distortion, no "
    "misregistration, no slice timing, no heartbeat or breath at its own frequency, and motion acts through the gradient of "
    "the image alone. A method that works here may fail on real runs; one that fails here will fail there.",
    "Coupling gain and neural response are one product: the images cannot tell a patient whose vessels answer weakly from one "
    "whose neurons do. Only the truth knows that here it was the gain.",
    NULL
};
static const struct nvc_section sections[] = { { "WHAT THE SIMULATION CANNOT TELL", limits }, { 0 } };

static const struct nvc_example examples[] = {
    { "nvc-simulate --tiny --seed 3 tiny", "A cohort of 4 and 4 for a first look:" },
    { "nvc-simulate --series --cases 10 --controls 10 --gain-case 1 null", "Regional series of a study with nothing to find:" },
    { 0 }
};
static const char *const references[] = {
    "Friston et al. 2000. Nonlinear responses in fMRI: the Balloon model, Volterra kernels, and other hemodynamics. "
    "doi:10.1006/nimg.2000.0630",
    "Stephan et al. 2007. Comparing hemodynamic models with DCM. doi:10.1016/j.neuroimage.2007.07.040",
    "Power et al. 2012. Spurious but systematic correlations in functional connectivity MRI networks arise from subject "
    "motion. doi:10.1016/j.neuroimage.2011.10.018",
    NULL
};
static const char *const see_also[] = { "nvc-run(1)", "nvc-group(1)", NULL };

static int put_people(const struct nvc_study *s, int threads, struct nvc_error *err)
{
    size_t n = s->spec.n_cases + s->spec.n_controls, done = 0;
    int failed = 0;
    struct nvc_progress progress;
    nvc_progress_start(&progress, "people", n);
#pragma omp parallel for schedule(dynamic, 1) num_threads(threads)
    for (size_t i = 0; i < n; i++) {
        struct nvc_error mine;
        int status, stop;
#pragma omp atomic read
        stop = failed;
        status = stop ? 0 : nvc_study_put_person(s, i, &mine);
#pragma omp critical
        {
            if (status && !failed) {
                failed = status;
                *err = mine;
            }
            nvc_progress_step(&progress, ++done);
        }
    }
    nvc_progress_end(&progress);
    return failed;
}

static int check_root(const char *root, bool force, struct nvc_error *err)
{
    char *there = nvc_sprintf(err, "%s/participants.tsv", root);
    int status = there ? nvc_make_folders(root, err) : NVC_ESYS;
    if (!status && !force && !access(there, F_OK))
        status = nvc_fail(err, NVC_EDATA, "%s: a dataset is already there; choose another folder or add --force", root);
    free(there);
    return status;
}

static int number_or(int asked, int otherwise)
{
    return asked == NVC_NO_INT ? otherwise : asked;
}

static void fill_spec(struct nvc_study *s, const struct options *o)
{
    static const char *const confounds[] = { NVC_RUN_CONFOUNDS };
    nvc_sim_defaults(&s->spec);
    s->spec.seed = (uint64_t)o->seed;
    s->spec.n_cases = (size_t)number_or(o->cases, o->tiny ? 4 : 24);
    s->spec.n_controls = (size_t)number_or(o->controls, o->tiny ? 4 : 24);
    s->spec.n_volumes = (size_t)number_or(o->volumes, o->tiny ? 90 : 200);
    s->spec.gain_case = o->gain_case, s->spec.gain_control = o->gain_control, s->spec.gain_sd = o->gain_sd;
    s->spec.noise = o->noise, s->spec.habituation = o->habituation, s->spec.tr_s = o->tr_s, s->spec.tiny = o->tiny;
    s->chain.confounds = o->confounds.n ? o->confounds : (struct nvc_list) { confounds, 1 };
    s->chain.noise = (enum nvc_noise)o->noise_model;
    snprintf(s->seed, sizeof s->seed, "%d", o->seed);
}

static int run(const void *options, char **arg, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    struct nvc_study s = { .root = arg[0], .series = o->series, .rest = o->rest, .perfusion = o->perfusion };
    (void)n_args;
    nvc_blas_single_thread();
    fill_spec(&s, o);
    if (o->rest && o->series)
        return nvc_fail(err, NVC_EUSAGE, "--rest is a run of images: leave out --series");
    int status = check_root(s.root, o->force, err);
    if (!status)
        status = nvc_sim_events(&s.events, &s.spec, err);
    if (!status)
        status = nvc_sim_bla(&s.bla, &s.spec, err);
    if (!status && !(s.truth = nvc_array(s.spec.n_cases + s.spec.n_controls, sizeof *s.truth, err)))
        status = (int)err->status;
    if (!status)
        status = put_people(&s, number_or(o->threads, omp_get_max_threads()), err);
    if (!status && s.perfusion)
        status = nvc_study_put_parcels(&s, err);
    if (!status)
        status = nvc_study_put_tables(&s, err);
    free(s.truth);
    nvc_mask_release(&s.bla);
    nvc_events_release(&s.events);
    return status;
}

static const struct nvc_cmd nvc_simulate_cmd = {
    .name = "nvc-simulate", .summary = "simulate a case-control study with a known truth", .description = description,
    .args = args, .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references,
    .see_also = see_also, .defaults = &defaults, .size = sizeof defaults, .run = run
};

int main(int argc, char **argv)
{
    return nvc_main(&nvc_simulate_cmd, argc, argv);
}
