#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/activity/job.h"
#include "cmd/shared/map_file.h"
#include "io/tsv.h"
#include "math/lsq.h"
#include "model/activity/activity.h"
#include "model/design/confounds.h"
#include "table/activity.h"
#include "table/coupling.h"
#include "table/events.h"
#include "table/mask.h"

#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static const char *const alff_names[] = { "density", "dpabi", "afni", "xcpd", "none", NULL };
static const char *const neighbour_names[] = { "27", "19", "7", "none", NULL };
static const char *const centrality_names[] = { "none", "regions", "all", NULL };
enum centrality { DC_NONE, DC_REGIONS, DC_ALL };

static const struct activity_options defaults = { .output = "-", .low_hz = 0.01, .high_hz = 0.08, .threshold = 0.25, .threads = 1 };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Where"),
    OPT_INPUT(struct activity_options, mask, 'm', "mask", "NIFTI", "*.nii*", "regions of nvc-mask: a row for each and every index"),
    OPT_INPUT(struct activity_options, brain_mask, 0, "brain-mask", "NIFTI", "*.nii*",
              "voxels to look at; without it those above the clip level of the mean image"),
    OPT_INPUT(struct activity_options, grey_mask, 0, "grey-mask", "NIFTI", "*.nii*", "grey matter (mask, or probability over one half), to which lnalff refers "
              "and with which centrality is counted (without it the brain); its means are rows of region GM"),
    OPT_TEXT(struct activity_options, tr, 0, "tr", "TR", "repetition time to believe: header, sidecar or SECONDS"),
    OPT_ORIENTATION(struct activity_options, orientation),
    OPT_TEXT(struct activity_options, bids_name, 0, "bids-name", "NAME", "file name to read subject, task, run and space from, for standard input"),
    OPT_GROUP("What"),
    OPT_CHOICE(struct activity_options, alff, 0, "alff", "DEFINITION", alff_names, "definition of ALFF; see DEFINITIONS; none: leave out amplitudes"),
    OPT_CHOICE(struct activity_options, neighbours, 0, "reho", "NEIGHBOURS", neighbour_names, "voxels of a neighbourhood of regional homogeneity"),
    OPT_CHOICE(struct activity_options, centrality, 0, "centrality", "WHERE", centrality_names,
               "degree centrality of the voxels of the regions, or of all voxels (minutes)"),
    OPT_REAL(struct activity_options, threshold, 0, "threshold", "R", NULL, -1, 1, "correlation above which a voxel counts for centrality"),
    OPT_REAL(struct activity_options, low_hz, 0, "low", "HZ", "Hz", 0, 10, "lower edge of the band"),
    OPT_REAL(struct activity_options, high_hz, 0, "high", "HZ", "Hz", 0, 10, "upper edge of the band"),
    OPT_GROUP("Nuisance"),
    OPT_INPUT(struct activity_options, confound_table, 'c', "confound-table", "TSV", "*.tsv", "confounds, one row per volume, named as by fMRIPrep"),
    OPT_LIST(struct activity_options, confounds, 0, "confounds", "WHICH", "6p, 24p, acompcorN, scrub:MM, names and globs, parted by commas (24p)"),
    OPT_GROUP("Output"),
    OPT_TEXT(struct activity_options, maps, 0, "maps", "PREFIX",
             "write each map as PREFIX_stat-NAME_boldmap.nii.gz, and divided by the mean (mNAME) and standardised (zNAME); NaN where there is no signal"),
    OPT_FLAG(struct activity_options, half_maps, 0, "half-maps",
             "with --maps: also those of both halves of the run, PREFIX_desc-first_stat-NAME and desc-second, for nvc-coupling --activity-half"),
    OPT_OUTPUT(struct activity_options, halves, 0, "halves", "TSV", "*.tsv",
               "with --mask: the indices of the first and of the second half, as two runs, for nvc-group and nvc-reliability"),
    OPT_FLAG(struct activity_options, where_possible, 0, "where-possible",
              "a run too short for halves gives a warning, no rows of them and maps of NaN, instead of an error"),
    OPT_INT(struct activity_options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_FLAG(struct activity_options, standardise, 0, "standardise",
             "rows also of each index over its mean (mNAME) and in standard deviations (zNAME) of the brain"),
    OPT_OUTPUT(struct activity_options, output, 'o', "output", "TSV", "*.tsv", "the indices of the regions"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "BOLD", "resting run, 4-D; - is standard input", "*.nii *.nii.gz", 0, 1 },
    { 0 }
};

static const char *const description[] = {
    "Local activity of a resting run: amplitude of low-frequency fluctuation (ALFF, its fraction, RSFA), regional homogeneity, and degree "
    "centrality, as maps and as indices of regions.",
    "Nuisance and band are taken out in one projection, never one after the other.  ALFF, its fraction and RSFA see the trend and the "
    "confounds taken out, not the band.  Censored volumes (scrub) leave gaps: amplitudes are then Lomb's least-squares spectrum, ranks and "
    "correlations use the volumes that are left.",
    "Run it on unsmoothed images: smoothing makes every neighbourhood homogeneous.",
    NULL
};

static const struct nvc_section sections[] = {
    { "DEFINITIONS", (const char *const[]){
        "density: A(f) = sqrt(2 TR/N) |F(f)| of the series in percent of its mean, quadratic trend taken out; ALFF is the mean of A over the band, in "
        "%/sqrt(Hz).  It does not depend on the length of the run, so scrubbed and short runs compare; the others do.",
        "dpabi: 2|F|/N of the raw series padded to a power of two, linear trend; afni: 2 sum |F| / sqrt(N), as 3dRSFC; xcpd: twice the mean root of the "
        "periodogram times the standard deviation.  These are in units of the image: divide by the mean of the brain (the m maps).",
        "falff: sum of A in the band over that of all frequencies.  rsfa: standard deviation of the band-passed series.",
        "reho: Kendall's W with ties; rbar = (K W - 1)/(K - 1), the mean rank correlation of the K voxels, which missing neighbours do not raise: "
        "regions are summarised by rbar; the map neighbours is K, the voxel included.  dc: mean of r where r > threshold over all other "
        "voxels (of the grey mask, when there is one); dcbinary: their share.",
        "lnalff: ln of the ratio of the region's ALFF to that of grey matter (the region and 10 mm around it left out); its standard error is the "
        "delete-one-frequency jackknife.", NULL } },
    { "HALVES", (const char *const[]){
        "--halves makes the reliability inside the run, in the form of the coupling table with runs first and second (01-first of run 01); "
        "nvc-group --halves steps it up to the whole run by Spearman and Brown.  Nuisance and band are taken out of the run at once, so that "
        "a half is of the same measurement; its trend is taken out once more, and of an odd number of volumes the middle one is left out.",
        "A half has half of the frequencies: those below two cycles in it are gone with its trend, and the lower edge of the band is met only if "
        "the half lasts 1/low seconds.  afni and dpabi amplitudes depend on the length of the run, so that halves differ from the "
        "whole; a reliability does not.  What drifts over the run (sleep, motion, the scanner's warming) differs between its halves and lowers "
        "the reliability; what stays for the day does not, so it bounds that between days from above.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "All rows are of class bold-fluctuation: vessels, breathing, heart and motion fluctuate, too.  None is neurovascular coupling; together with "
        "perfusion they make the coupling rows of nvc-coupling.",
        "Noise of the scanner has an amplitude, too.  Where the signal is half, as beside the air of the ear, its percent is double: a group with "
        "more dropout has more ALFF.  Look at coverage and tSNR (nvc-qc) before lnalff, and at falff, which noise pulls the other way.",
        "ALFF and RSFA are largest in veins, cerebrospinal fluid and at edges that motion moves.  reho rises with every smoothing, also that of "
        "registration: compare runs that were resampled alike.  dc counts whatever is shared by the whole brain, first of all motion and breathing.",
        NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per region and index, of class bold-fluctuation", nvc_coupling_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-activity -m bla.nii.gz --brain-mask sub-01/func/*_desc-brain_mask.nii.gz sub-01/func/*_bold.nii.gz > activity.tsv",
      "indices of the amygdala" },
    { "nvc-activity -m bla.nii.gz --halves halves.tsv sub-01/func/*_bold.nii.gz > activity.tsv", "and of both halves of the run, for nvc-group --halves" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Zang YF, et al. Altered baseline brain activity in children with ADHD revealed by resting-state functional MRI. Brain Dev 2007;29:83-91. "
    "doi:10.1016/j.braindev.2006.07.002",
    "Zou QH, et al. An improved approach to detection of amplitude of low-frequency fluctuation (ALFF) for resting-state fMRI: fractional ALFF. "
    "J Neurosci Methods 2008;172:137-141. doi:10.1016/j.jneumeth.2008.04.012",
    "Zang Y, Jiang T, Lu Y, He Y, Tian L. Regional homogeneity approach to fMRI data analysis. NeuroImage 2004;22:394-400. "
    "doi:10.1016/j.neuroimage.2003.12.030",
    "Kannurpatti SS, Biswal BB. Detection and scaling of task-induced fMRI-BOLD response using resting state fluctuations. NeuroImage "
    "2008;40:1567-1574. doi:10.1016/j.neuroimage.2007.09.040",
    NULL
};
static const char *const see_also[] = { "nvc-mask(1)", "nvc-hrf(1)", "nvc-cbf(1)", "nvc-group(1)", "nvc-tables(5)", NULL };

static void job_release(struct activity_job *j)
{
    held_image_release(&j->image);
    nvc_mask_release(&j->mask);
    nvc_confounds_release(&j->confounds);
    nvc_activity_release(&j->activity);
    nvc_activity_release(&j->half[0]);
    nvc_activity_release(&j->half[1]);
    free(j->sources);
    free(j->targets);
    free(j->grey);
    free(j->keep);
}

/* A mask, or a probability. */
static int read_grey(struct activity_job *j, struct nvc_error *err)
{
    const struct nvc_grid *g = held_image_grid(&j->image);
    double *value = NULL;
    int status = map_read(&value, j->o->grey_mask, j->image.bold.orientation, g, "the run", &j->marks[j->n_marks++], err);
    if (!status && !(j->grey = nvc_array(nvc_grid_voxels(g), sizeof *j->grey, err)))
        status = NVC_ESYS;
    for (size_t v = 0; !status && v < nvc_grid_voxels(g); v++)
        j->grey[v] = value[v] > 0.5;
    free(value);
    return status;
}

static int read_masks(struct activity_job *j, struct nvc_error *err)
{
    const struct activity_options *o = j->o;
    struct nvc_mask_source source;
    int status = 0;
    if (o->mask && !(status = nvc_mask_read_as(&j->mask, o->mask, j->image.bold.orientation, NULL, &source, err))) {
        j->marks[j->n_marks++] = (struct nvc_input_mark){ o->mask, source.crc32, source.bytes };
        status = bold_check_grid(&j->image.bold, &j->mask.grid, o->mask, err);
    }
    return status || !o->grey_mask ? status : read_grey(j, err);
}

static int read_confounds(struct activity_job *j, struct nvc_error *err)
{
    static const char *const usual[] = { "24p" };
    const struct nvc_list otherwise = { usual, 1 };
    const size_t n = nvc_nifti_header(j->image.bold.image)->n_volumes;
    struct nvc_table t = { 0 };
    if (!j->o->confound_table)
        return 0;
    int status = nvc_table_read(&t, j->o->confound_table, err);
    if (!status) {
        j->marks[j->n_marks++] = (struct nvc_input_mark){ j->o->confound_table, t.crc32, t.bytes };
        status = nvc_confounds_parse(&j->confounds, &t, j->o->confounds.n ? &j->o->confounds : &otherwise, n, 0, err);
        if (!status && nvc_table_column(&t, "framewise_displacement") >= 0)
            status = nvc_mean_fd(&j->mean_fd_mm, &t, err);
    }
    nvc_table_release(&t);
    if (status || !j->confounds.n_censor)
        return status;
    if (!(j->keep = nvc_array(n, sizeof *j->keep, err)))
        return NVC_ESYS;
    memset(j->keep, true, n * sizeof *j->keep);
    for (size_t i = 0; i < j->confounds.n_censor; i++)
        j->keep[j->confounds.censor[i]] = false;
    return 0;
}

/* Number in the block of every voxel of the grid, or -1. */
static long *number_voxels(const struct activity_job *j, struct nvc_error *err)
{
    const size_t n = nvc_grid_voxels(held_image_grid(&j->image));
    long *at = nvc_array(n, sizeof *at, err);
    for (size_t i = 0; at && i < n; i++)
        at[i] = -1;
    for (size_t v = 0; at && v < j->image.block.n_voxels; v++)
        at[j->image.index[v]] = (long)v;
    return at;
}

/* Voxels of the block where centrality is wanted: those of the regions; NULL: all.  And those it is with: grey matter; NULL: all. */
static int choose_centrality(struct activity_job *j, const long *at, struct nvc_error *err)
{
    const struct nvc_voxel_block *block = &j->image.block;
    bool *wanted = nvc_array(block->n_voxels, sizeof *wanted, err);
    int status = wanted ? 0 : NVC_ESYS;
    if (!status && j->o->centrality == DC_REGIONS && !(j->sources = nvc_array(block->n_voxels, sizeof *j->sources, err)))
        status = NVC_ESYS;
    if (!status && j->grey && !(j->targets = nvc_array(block->n_voxels, sizeof *j->targets, err)))
        status = NVC_ESYS;
    for (size_t r = 0; r < j->mask.n_regions && !status; r++)
        for (size_t i = 0; i < j->mask.regions[r].n; i++)
            if (at[j->mask.regions[r].index[i]] >= 0)
                wanted[at[j->mask.regions[r].index[i]]] = true;
    for (size_t v = 0; v < block->n_voxels && !status; v++) {
        if (j->sources && wanted[v])
            j->sources[j->spec.n_sources++] = v;
        if (j->targets && j->grey[j->image.index[v]])
            j->targets[j->spec.n_targets++] = v;
    }
    if (!status && j->targets && !j->spec.n_targets)
        status = nvc_fail(err, NVC_EDATA, "%s: none of its voxels has a signal inside the brain", j->o->grey_mask);
    j->spec.sources = j->sources, j->spec.targets = j->targets;
    free(wanted);
    return status;
}

static int compute_one(struct activity_job *j, struct nvc_activity *a, const struct nvc_activity_spec *spec, struct nvc_error *err)
{
    return nvc_activity_compute(a, &j->image.block, held_image_grid(&j->image), j->image.index, spec, err);
}

/* Maps of halves that do not exist hold NaN: who takes them finds nothing in them, not no file. */
static int fill_halves(struct activity_job *j, struct nvc_error *err)
{
    for (int half = 0; half < 2; half++)
        for (int k = 0; k < NVC_ACTIVITY_MAPS; k++) {
            if (j->activity.map[k] && !(j->half[half].map[k] = nvc_array(j->activity.n_voxels, sizeof(float), err)))
                return NVC_ESYS;
            for (size_t v = 0; v < j->activity.n_voxels && j->half[half].map[k]; v++)
                j->half[half].map[k][v] = NAN;
        }
    return 0;
}

static int compute_halves(struct activity_job *j, struct nvc_error *err)
{
    int status = 0;
    for (int half = 0; half < 2 && !status; half++) {
        j->half_spec[half] = nvc_activity_half(&j->spec, j->image.block.n_volumes, half);
        if ((status = compute_one(j, &j->half[half], &j->half_spec[half], err)))
            status = nvc_fail_in(err, "%s: the %s half", j->image.bold.path, activity_half_names[half]);
    }
    if (!status)
        return 0;
    nvc_activity_release(&j->half[0]);
    if (status != NVC_EDATA || !j->o->where_possible)
        return status;
    nvc_warn("%s; there are no halves", err->text);
    return j->o->half_maps ? fill_halves(j, err) : 0;
}

static int compute(struct activity_job *j, const long *at, struct nvc_error *err)
{
    const struct activity_options *o = j->o;
    int status = 0;
    j->spec = (struct nvc_activity_spec){ .tr_s = j->image.bold.tr_s, .low_hz = o->low_hz, .high_hz = o->high_hz,
                                          .alff = (enum nvc_alff_kind)o->alff,
                                          .neighbours = o->neighbours < 3 ? atoi(neighbour_names[o->neighbours]) : 0,
                                          .centrality = o->centrality == DC_NONE ? NAN : o->threshold, .confounds = j->confounds.C,
                                          .n_confounds = j->confounds.n_cols, .keep = j->keep };
    if (o->centrality != DC_NONE)
        status = choose_centrality(j, at, err);
    if (!status && (status = compute_one(j, &j->activity, &j->spec, err)))
        status = nvc_fail_in(err, "%s", j->image.bold.path);
    return status || !(o->halves || o->half_maps) ? status : compute_halves(j, err);
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    struct activity_job j = { .o = options, .mean_fd_mm = NAN };
    const struct activity_options *o = j.o;
    long *at = NULL;
    if (!o->mask && !o->maps)
        return nvc_fail(err, NVC_EUSAGE, "give --mask for indices of regions, --maps for maps, or both");
    if ((o->halves && !o->mask) || (o->half_maps && !o->maps))
        return nvc_fail(err, NVC_EUSAGE, "%s", o->halves && !o->mask ? "--halves goes with --mask" : "--half-maps goes with --maps");
    if (o->centrality == DC_REGIONS && !o->mask)
        return nvc_fail(err, NVC_EUSAGE, "--centrality regions goes with --mask");
    if (o->alff == NVC_ALFF_NONE && o->neighbours == 3 && o->centrality == DC_NONE)
        return nvc_fail(err, NVC_EUSAGE, "--alff none and --reho none leave nothing to measure: ask for --centrality");
    nvc_blas_single_thread();
    omp_set_num_threads(o->threads);
    j.image.bold.orientation = (enum nvc_orientation)o->orientation;
    int status = nvc_output_apart(o->output, o->halves, "--halves", err);
    status = status ? status : held_image_open(&j.image, n_args ? args[0] : "-", NULL, o->tr, o->brain_mask, j.marks, &j.n_marks, err);
    if (!status && o->maps)
        status = held_image_try_output(o->maps, err);
    if (!status && !(status = read_masks(&j, err)) && !(status = read_confounds(&j, err)) &&
        !(status = held_image_read(&j.image, j.marks, &j.n_marks, err)))
        status = (at = number_voxels(&j, err)) ? compute(&j, at, err) : NVC_ESYS;
    if (!status)
        status = activity_write_maps(&j, err);
    if (!status && o->halves)
        status = activity_write_rows(&j, at, o->halves, true, err);
    if (!status && o->mask)
        status = activity_write_rows(&j, at, o->output, false, err);
    free(at);
    job_release(&j);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-activity", .summary = "measure local activity of a resting run", .description = description, .args = args_table, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run, .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
