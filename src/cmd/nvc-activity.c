#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cmd/bold.h"
#include "io/tsv.h"
#include "math/lsq.h"
#include "model/activity.h"
#include "model/brain.h"
#include "model/confounds.h"
#include "table/activity.h"
#include "table/coupling.h"
#include "table/events.h"
#include "table/mask.h"

#include <math.h>
#include <nifti1.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

static const char *const alff_names[] = { "density", "dpabi", "afni", "xcpd", "none", NULL };
static const char *const neighbour_names[] = { "27", "19", "7", "none", NULL };
static const char *const centrality_names[] = { "none", "regions", "all", NULL };
enum centrality { DC_NONE, DC_REGIONS, DC_ALL };

struct options {
    const char *mask, *brain_mask, *grey_mask, *confound_table, *tr, *bids_name, *maps, *output;
    struct nvc_list confounds;
    int alff, neighbours, centrality, threads;
    double low_hz, high_hz, threshold;
};
static const struct options defaults = { .output = "-", .low_hz = 0.01, .high_hz = 0.08, .threshold = 0.25, .threads = 1 };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Where"),
    OPT_INPUT(struct options, mask, 'm', "mask", "NIFTI", "*.nii*", "regions of nvc-mask: a row for each and every index"),
    OPT_INPUT(struct options, brain_mask, 0, "brain-mask", "NIFTI", "*.nii*",
              "voxels to look at; without it those above the clip level of the mean image"),
    OPT_INPUT(struct options, grey_mask, 0, "grey-mask", "NIFTI", "*.nii*", "grey matter, to which lnalff refers; without it the brain"),
    OPT_TEXT(struct options, tr, 0, "tr", "WHICH", "repetition time to believe: header, sidecar or SECONDS"),
    OPT_TEXT(struct options, bids_name, 0, "bids-name", "NAME", "name of the run, when it comes from standard input"),
    OPT_GROUP("What"),
    OPT_CHOICE(struct options, alff, 0, "alff", "DEFINITION", alff_names, "definition of ALFF; see DEFINITIONS; none: leave out amplitudes"),
    OPT_CHOICE(struct options, neighbours, 0, "reho", "NEIGHBOURS", neighbour_names, "voxels of a neighbourhood of regional homogeneity"),
    OPT_CHOICE(struct options, centrality, 0, "centrality", "WHERE", centrality_names,
               "degree centrality of the voxels of the regions, or of all voxels (minutes)"),
    OPT_REAL(struct options, threshold, 0, "threshold", "R", NULL, -1, 1, "correlation above which a voxel counts for centrality"),
    OPT_REAL(struct options, low_hz, 0, "low", "HZ", "Hz", 0, 10, "lower edge of the band"),
    OPT_REAL(struct options, high_hz, 0, "high", "HZ", "Hz", 0, 10, "upper edge of the band"),
    OPT_GROUP("Nuisance"),
    OPT_INPUT(struct options, confound_table, 'c', "confound-table", "TSV", "*.tsv", "confounds, one row per volume, named as by fMRIPrep"),
    OPT_LIST(struct options, confounds, 0, "confounds", "WHICH", "6p, 24p, acompcorN, scrub:MM, names and globs, parted by commas (24p)"),
    OPT_GROUP("Output"),
    OPT_TEXT(struct options, maps, 0, "maps", "PREFIX", "write each map as PREFIX_stat-NAME_boldmap.nii.gz, and divided by the mean (mNAME) and standardised (zNAME)"),
    OPT_INT(struct options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "where to write the indices of the regions"),
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
        "regions are summarised by rbar.  dc: mean of r where r > threshold over all other voxels; dcbinary: their share.",
        "lnalff: ln of the ratio of the region's ALFF to that of grey matter (the region and 10 mm around it left out); its standard error is the "
        "delete-one-frequency jackknife.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "All rows are of class bold-fluctuation: vessels, breathing, heart and motion fluctuate, too.  None is neurovascular coupling; together with "
        "perfusion they make the coupling rows of nvc-coupling.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per region and index, of class bold-fluctuation", nvc_coupling_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-activity -m bla.nii.gz --brain-mask sub-01/func/*_desc-brain_mask.nii.gz sub-01/func/*_bold.nii.gz > activity.tsv",
      "indices of the amygdala" },
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

struct job {
    const struct options *o;
    struct bold bold;
    struct nvc_mask mask;
    bool *brain, *grey, *keep;
    struct nvc_confounds confounds;
    struct nvc_voxel_block block;
    size_t *index;             /* grid index of the voxels of the block */
    struct nvc_activity activity;
    struct nvc_activity_spec spec;
    struct nvc_input_mark marks[5];
    size_t n_marks;
};

static void job_release(struct job *j)
{
    bold_release(&j->bold);
    nvc_mask_release(&j->mask);
    nvc_confounds_release(&j->confounds);
    nvc_voxel_block_release(&j->block);
    nvc_activity_release(&j->activity);
    free(j->brain);
    free(j->grey);
    free(j->keep);
    free(j->index);
}

static int read_masks(struct job *j, struct nvc_error *err)
{
    const struct options *o = j->o;
    const struct nvc_grid *g = &nvc_nifti_header(j->bold.image)->grid;
    const struct { const char *path; bool **inside; } brains[] = { { o->brain_mask, &j->brain }, { o->grey_mask, &j->grey } };
    struct nvc_mask_source source;
    int status = 0;
    if (o->mask && !(status = nvc_mask_read(&j->mask, o->mask, NULL, &source, err))) {
        j->marks[j->n_marks++] = (struct nvc_input_mark){ o->mask, source.crc32, source.bytes };
        status = bold_check_grid(&j->bold, &j->mask.grid, o->mask, err);
    }
    for (size_t i = 0; i < 2 && !status; i++)
        if (brains[i].path && !(status = nvc_brain_read(brains[i].inside, brains[i].path, g, &source, err)))
            j->marks[j->n_marks++] = (struct nvc_input_mark){ brains[i].path, source.crc32, source.bytes };
    return status;
}

static int read_confounds(struct job *j, struct nvc_error *err)
{
    static const char *const usual[] = { "24p" };
    const struct nvc_list otherwise = { usual, 1 };
    const size_t n = nvc_nifti_header(j->bold.image)->n_volumes;
    struct nvc_table t = { 0 };
    if (!j->o->confound_table)
        return 0;
    int status = nvc_table_read(&t, j->o->confound_table, err);
    if (!status) {
        j->marks[j->n_marks++] = (struct nvc_input_mark){ j->o->confound_table, t.crc32, t.bytes };
        status = nvc_confounds_parse(&j->confounds, &t, j->o->confounds.n ? &j->o->confounds : &otherwise, n, 0, err);
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

/* Every voxel of the brain mask, or of the grid, through the whole run. */
static int read_volumes(struct job *j, struct nvc_error *err)
{
    const struct nvc_nifti_header *h = nvc_nifti_header(j->bold.image);
    const size_t n_grid = nvc_grid_voxels(&h->grid);
    struct nvc_progress progress;
    size_t n = 0;
    float *volume = nvc_array(n_grid, sizeof *volume, err);
    int status = volume && (j->index = nvc_array(n_grid, sizeof *j->index, err)) ? 0 : NVC_ESYS;
    for (size_t i = 0; i < n_grid && !status; i++)
        if (!j->brain || j->brain[i])
            j->index[n++] = i;
    if (!status)
        status = nvc_voxel_block_init(&j->block, h->n_volumes, n, err);
    nvc_progress_start(&progress, "volumes", h->n_volumes);
    for (size_t t = 0; t < h->n_volumes && !status; t++) {
        const void *bytes;
        if (!(status = nvc_nifti_next_raw(j->bold.image, &bytes, err))) {
            nvc_nifti_decode_float(j->bold.image, bytes, 0, n_grid, volume);
            nvc_voxel_block_add(&j->block, volume, j->index);
        }
        nvc_progress_step(&progress, t + 1);
    }
    nvc_progress_end(&progress);
    free(volume);
    return status ? status : bold_finish(&j->bold, err);
}

/* Keep the voxels that are finite and vary; without a brain mask only those whose mean exceeds the clip level. */
static int choose_voxels(struct job *j, struct nvc_error *err)
{
    struct nvc_voxel_block *b = &j->block;
    double *mean = nvc_array(2 * b->n_voxels, sizeof *mean, err), level = -INFINITY;
    size_t kept = 0;
    if (!mean)
        return NVC_ESYS;
#pragma omp parallel for schedule(static)
    for (size_t v = 0; v < b->n_voxels; v++) {
        const float *y = b->Y + b->n_volumes * v;
        float low = y[0], high = y[0];
        double sum = 0;
#pragma omp simd reduction(+ : sum) reduction(min : low) reduction(max : high)
        for (size_t t = 0; t < b->n_volumes; t++) {
            sum += (double)y[t];
            low = y[t] < low ? y[t] : low;
            high = y[t] > high ? y[t] : high;
        }
        mean[v] = isfinite(sum) && high > low ? sum / (double)b->n_volumes : NAN;
    }
    if (!j->brain) {
        size_t n = 0;
        for (size_t v = 0; v < b->n_voxels; v++)
            if (!isnan(mean[v]))
                mean[b->n_voxels + n++] = mean[v];
        level = nvc_clip_level(mean + b->n_voxels, n);
    }
    for (size_t v = 0; v < b->n_voxels; v++)
        if (mean[v] > level) {
            if (kept < v)
                memcpy(b->Y + b->n_volumes * kept, b->Y + b->n_volumes * v, b->n_volumes * sizeof *b->Y);
            j->index[kept++] = j->index[v];
        }
    b->n_voxels = kept;
    free(mean);
    return kept ? 0 : nvc_fail(err, NVC_EDATA, "%s: no voxel varies inside the brain", j->bold.path);
}

/* Number in the block of every voxel of the grid, or -1. */
static long *number_voxels(const struct job *j, struct nvc_error *err)
{
    const size_t n = nvc_grid_voxels(&nvc_nifti_header(j->bold.image)->grid);
    long *at = nvc_array(n, sizeof *at, err);
    for (size_t i = 0; at && i < n; i++)
        at[i] = -1;
    for (size_t v = 0; at && v < j->block.n_voxels; v++)
        at[j->index[v]] = (long)v;
    return at;
}

static int compute(struct job *j, const long *at, struct nvc_error *err)
{
    const struct options *o = j->o;
    size_t *sources = NULL, n_sources = 0;
    int status = 0;
    j->spec = (struct nvc_activity_spec){ .tr_s = j->bold.tr_s, .low_hz = o->low_hz, .high_hz = o->high_hz, .alff = (enum nvc_alff_kind)o->alff,
                                          .neighbours = o->neighbours < 3 ? atoi(neighbour_names[o->neighbours]) : 0,
                                          .centrality = o->centrality == DC_NONE ? NAN : o->threshold, .confounds = j->confounds.C,
                                          .n_confounds = j->confounds.n_cols, .keep = j->keep };
    if (o->centrality == DC_REGIONS) {
        bool *wanted = nvc_array(j->block.n_voxels, sizeof *wanted, err);
        if (!wanted || !(sources = nvc_array(j->block.n_voxels, sizeof *sources, err)))
            status = NVC_ESYS;
        for (size_t r = 0; r < j->mask.n_regions && !status; r++)
            for (size_t i = 0; i < j->mask.regions[r].n; i++)
                if (at[j->mask.regions[r].index[i]] >= 0)
                    wanted[at[j->mask.regions[r].index[i]]] = true;
        for (size_t v = 0; v < j->block.n_voxels && !status; v++)
            if (wanted[v])
                sources[n_sources++] = v;
        free(wanted);
    }
    if (!status)
        status = nvc_activity_compute(&j->activity, &j->block, &nvc_nifti_header(j->bold.image)->grid, j->index, sources, n_sources, &j->spec, err);
    free(sources);
    return status ? nvc_fail_in(err, "%s", j->bold.path) : 0;
}

/* A map as it is ('\0'), divided by its mean ('m') or standardised ('z'). */
static int write_map(const struct job *j, int which, char kind, struct nvc_error *err)
{
    const struct nvc_grid *g = &nvc_nifti_header(j->bold.image)->grid;
    const struct nvc_nifti_spec spec = { .grid = *g, .n_volumes = 1, .tr_s = NAN, .datatype = DT_FLOAT32 };
    const float *map = j->activity.map[which];
    const struct nvc_map_moments m = nvc_map_moments_of(map, j->activity.n_voxels);
    const char prefix[2] = { kind, '\0' };
    char *path = nvc_sprintf(err, "%s_stat-%s%s_boldmap.nii.gz", j->o->maps, prefix, nvc_activity_names[which]);
    float *volume = nvc_array(nvc_grid_voxels(g), sizeof *volume, err);
    struct nvc_nifti_writer *w = NULL;
    struct nvc_sidecar sidecar = { .inputs = j->marks, .n_inputs = j->n_marks };
    int status = path && volume ? nvc_nifti_create(&w, path, &spec, err) : NVC_ESYS;
    for (size_t v = 0; v < j->activity.n_voxels && !status; v++) {
        const double x = (double)map[v];
        volume[j->index[v]] = (float)(isnan(x) ? 0 : kind == 'm' ? x / m.mean : kind == 'z' ? (x - m.mean) / m.sd : x);
    }
    if (!status && (status = nvc_nifti_put(w, volume, err)))
        nvc_nifti_abandon(w);
    else if (!status && !(status = nvc_nifti_commit(w, err)))
        status = nvc_sidecar_write(path, &sidecar, err);
    free(path);
    free(volume);
    return status;
}

static int write_maps(const struct job *j, struct nvc_error *err)
{
    static const char kinds[] = { '\0', 'm', 'z' };
    int status = 0;
    for (int k = 0; k < NVC_ACTIVITY_MAPS && j->o->maps && !status; k++)
        for (size_t i = 0; i < sizeof kinds && j->activity.map[k] && !status; i++)
            status = write_map(j, k, kinds[i], err);
    return status;
}

static int write_rows(struct job *j, const long *at, struct nvc_error *err)
{
    struct nvc_coupling rows = { 0 };
    struct nvc_series who = { 0 };
    struct nvc_text text = { 0 };
    struct nvc_sidecar sidecar = { .columns = nvc_coupling_columns, .inputs = j->marks, .n_inputs = j->n_marks };
    const struct nvc_activity_rows source = { &j->activity, &j->block, &j->spec, &j->mask, at, j->index, j->grey, &who.who };
    int status = bold_identify(&j->bold, j->o->bids_name, &who, err);
    for (size_t r = 0; r < j->mask.n_regions && !status; r++)
        status = nvc_activity_indices(&rows, &source, r, err);
    if (!status)
        status = nvc_coupling_write(&text, &rows, true, err);
    if (!status)
        status = nvc_output(j->o->output, &text, &sidecar, err);
    nvc_coupling_release(&rows);
    nvc_text_release(&text);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    struct job j = { .o = options };
    const struct options *o = j.o;
    long *at = NULL;
    if (!o->mask && !o->maps)
        return nvc_fail(err, NVC_EUSAGE, "give --mask for indices of regions, --maps for maps, or both");
    if (o->centrality == DC_REGIONS && !o->mask)
        return nvc_fail(err, NVC_EUSAGE, "--centrality regions goes with --mask");
    nvc_blas_single_thread();
    omp_set_num_threads(o->threads);
    int status = bold_open(&j.bold, n_args ? args[0] : "-", NULL, o->tr, err);
    if (!status && !(status = read_masks(&j, err)) && !(status = read_confounds(&j, err)) && !(status = read_volumes(&j, err)) &&
        !(status = choose_voxels(&j, err)))
        status = (at = number_voxels(&j, err)) ? compute(&j, at, err) : NVC_ESYS;
    if (!status) {
        j.marks[j.n_marks++] = bold_mark(&j.bold);
        status = write_maps(&j, err);
    }
    if (!status && o->mask)
        status = write_rows(&j, at, err);
    free(at);
    job_release(&j);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-activity", .summary = "measure local activity of a resting run", .description = description, .args = args_table,
    .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
