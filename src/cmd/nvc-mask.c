#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/provenance.h"
#include "cmd/shared/atlas_choice.h"
#include "cmd/shared/map_file.h"
#include "cmd/shared/bold.h"
#include "io/bids.h"
#include "io/nifti.h"
#include "model/region/roi_edit.h"
#include "model/region/roi_null.h"
#include "model/region/roi_space.h"
#include "table/mask.h"
#include "table/overlap.h"
#include "table/region.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    struct nvc_list regions, atlas_paths, exclude, compare;
    const char *atlas, *labels, *atlas_name, *atlas_space, *space, *grid, *output, *table, *overlap, *null_inside, *null_like;
    int list, orientation, sampling, binary, bilateral, allow_mismatch, null_copies, seed;
    double threshold, trim_mm;
};
static const struct options defaults = { .output = "-", .sampling = -1, .threshold = NAN, .seed = 1 };

static const struct nvc_opt opts[] = {
    OPT_GROUP("What"),
    OPT_LIST(struct options, regions, 'r', "region", "REGION",
             "region to make: a name or glob of the atlas, a common name (BLA, CM, SF, amygdala), or NAME=TERM+TERM... where "
             "TERM is PATTERN or WEIGHT*PATTERN; without it BLA of the built-in atlas"),
    OPT_TEXT(struct options, atlas, 'a', "atlas", "ATLAS",
             "label image (3-D), probability image (4-D), FSL atlas description (.xml) or a name that --list prints; without it the "
             "built-in ellipsoids"),
    OPT_INPUT(struct options, labels, 'l', "labels", "TABLE", "*.tsv *.txt *.xml",
              "names of the atlas' values: one a line, TSV with index and name, XML of FSL or SPM, table of FreeSurfer or ITK-SNAP; without it the table "
              "beside the image"),
    OPT_TEXT(struct options, atlas_name, 0, "atlas-name", "NAME", "name of the atlas in tables; without it from the file name"),
    OPT_LIST(struct options, atlas_paths, 0, "atlas-path", "DIR",
             "folder in which atlases are looked for by name, before $FSLDIR, $FREESURFER_HOME and $TEMPLATEFLOW_HOME"),
    OPT_FLAG(struct options, list, 0, "list", "print the known atlases and where they are on this machine, and end", .exclusive = 1),
    OPT_GROUP("Where"),
    OPT_INPUT(struct options, grid, 'g', "grid", "IMAGE", "*.nii *.nii.gz",
              "image whose grid the mask gets, as a rule the run; only its header is read", .flags = NVC_OPT_REQUIRED, .exclusive = 1),
    OPT_ORIENTATION(struct options, orientation),
    OPT_TEXT(struct options, space, 0, "space", "NAME", "template space of the run; without it the space- entity of its name"),
    OPT_TEXT(struct options, atlas_space, 0, "atlas-space", "NAME", "template space of the atlas; without it from its name or the catalogue"),
    OPT_CHOICE(struct options, sampling, 0, "sampling", "HOW", nvc_sampling_names,
               "how the atlas is looked up: at the centre of each voxel (nearest, linear) or over the whole voxel (volume); "
               "without it nearest for labels, linear for probabilities"),
    OPT_REAL(struct options, threshold, 0, "threshold", "SHARE", NULL, 0, 1,
             "leave out voxels of smaller weight; without it 0.5 for probabilities, none otherwise"),
    OPT_REAL(struct options, trim_mm, 0, "trim", "DEPTH", "mm", 0, 50,
             "erode each region from its medial-dorsal side, where the basal vein runs"),
    OPT_LIST(struct options, exclude, 0, "exclude", "IMAGE", "leave out the voxels in which this image on the same grid is above 0",
             .glob = "*.nii *.nii.gz"),
    OPT_FLAG(struct options, bilateral, 0, "bilateral", "add the union of left and right as side B"),
    OPT_FLAG(struct options, binary, 0, "binary", "one 3-D label image of the voxels of weight 0.5 or more, instead of weights"),
    OPT_FLAG(struct options, allow_mismatch, 0, "allow-side-mismatch",
             "go on when a region lies on the other side than its name says"),
    OPT_GROUP("Pseudo-regions"),
    OPT_INT(struct options, null_copies, 0, "null", "N", 0, 999,
            "add N copies of each region, voxel for voxel, at random places, named null<REGION>001 and so on; goes with --binary"),
    OPT_INPUT(struct options, null_inside, 0, "null-inside", "IMAGE", "*.nii *.nii.gz", "where copies may lie: grey matter or brain of the whole group"),
    OPT_INPUT(struct options, null_like, 0, "null-like", "MAP", "*.nii *.nii.gz",
              "a map (temporal signal-to-noise ratio of the group), of which copies have the region's mean within a fifth"),
    OPT_INT(struct options, seed, 0, "seed", "N", 0, INT_MAX, "seed of the random places"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "IMAGE", "*.nii *.nii.gz", "mask image; its region table is written beside it"),
    OPT_OUTPUT(struct options, table, 0, "table", "TSV", "*.tsv", "region table, when not beside the image"),
    OPT_LIST(struct options, compare, 0, "compare", "MASK", "say how far the regions agree with those of this mask: Dice, distance of centres",
             .glob = "*.nii *.nii.gz"),
    OPT_OUTPUT(struct options, overlap, 0, "overlap", "TSV", "*.tsv", "that comparison as a table"),
    OPT_END
};

static const char *const description[] = {
    "Regions of an atlas on the grid of a run, as weights from 0 to 1: one volume a region, with a table that says for each "
    "where it lies and how large it is.  Regions are chosen by name, never by number, and each is checked: a region named left "
    "whose centre lies on the right ends the command with the numbers.",
    "Without --atlas the amygdala nuclei groups BLA (laterobasal), CM (centromedial) and SF (superficial) come from ellipsoids "
    "with the moments of Julich-Brain 3.1, evaluated on any grid as the share of each voxel that belongs to the group.  A point "
    "belongs to the nucleus with the smallest squared Mahalanobis distance over its own k, so the weights of all regions sum to at "
    "most 1.  Weights are counted on a lattice of points at most 0.4 mm apart in each voxel; they are within 0.02 of those of a "
    "lattice ten times as fine.",
    "Side is read from the label (-lh, _L, Left, rh. and the like) and stripped from the region.  A label without a side is split "
    "at x = 0 when it covers both hemispheres.  Where each hemisphere has its own file (lh.hippoAmygLabels-T1.v22.nii, "
    "JulichBrainAtlas_3.1_207areas_MPM_lh_MNI152.nii.gz) the file says the side; a name that --list prints means both files, a path the "
    "one that it names.",
    "The templates that atlas and run claim (space- or tpl- entity, catalogue, code of the header) must agree: another space is refused, "
    "another MNI template is a warning that says how far the centre may move, and so is a template that nobody names.  --space and "
    "--atlas-space declare them.",
    "--null adds pseudo-regions for a null distribution in space: the voxels of a region moved as they are to random places of the same hemisphere, "
    "at least 10 mm from every region, none on another, with at least four fifths of the region's share inside --null-inside and, with "
    "--null-like, its mean of that map within a fifth.  The same seed and images make the same places for everybody.  Extract and fit them "
    "like any region; nvc-group --specificity --null-regions 'nullBLA*' says where the region stands among them.",
    NULL
};

static const struct nvc_section sections[] = {
    { "WHAT THE MASK CANNOT TELL", (const char *const[]){
        "The built-in ellipsoids are in ICBM 152 2009c asymmetric space (MNI152NLin2009cAsym).  On a run in MNI152NLin6Asym the "
        "amygdala lies up to about 3 mm elsewhere: in the Tian atlas, published in both spaces, the centre of the lateral amygdala "
        "differs by 3.2 mm on the left and 2.5 mm on the right.  That is one voxel, and the command warns.",
        "An ellipsoid overlaps the parcel whose moments it has with Dice 0.78 to 0.84; published atlases of the BLA overlap each "
        "other with Dice 0.38 to 0.51 only.  Report an index for more than one atlas.",
        "No atlas knows where the amygdala of one person lies; nvc-qc draws the outline on the run.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "region table", "beside the image as X.tsv, and in its header extension", nvc_region_columns },
    { "overlap", "with --compare and --overlap: one row for each pair of regions of one side", nvc_overlap_columns },
    { "atlases", "with --list, on standard output", nvc_catalogue_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-mask -r BLA -g sub-01/func/*_bold.nii.gz -o bla.nii.gz", "built-in atlas, left and right" },
    { "nvc-mask -r BLA -r CM --binary -g sub-01/func/*_bold.nii.gz -o amygdala.nii.gz", "a label image of four regions" },
    { "nvc-mask --list", "which atlases are known, and which are here" },
    { "nvc-mask -r BLA -g sub-01/func/*_bold.nii.gz --binary --null 20 --null-inside sub-01/func/*_mask.nii.gz -o null.nii.gz",
      "the same with copies elsewhere in the brain" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Amunts K, et al. Cytoarchitectonic mapping of the human amygdala, hippocampal region and entorhinal cortex: intersubject "
    "variability and probability maps. Anat Embryol 2005;210:343-352. doi:10.1007/s00429-005-0025-5",
    "Kedo O, et al. Receptor-driven, multimodal mapping of the human amygdala. Brain Struct Funct 2018;223:1637-1666. "
    "doi:10.1007/s00429-017-1577-x",
    NULL
};
static const char *const see_also[] = { "nvc-extract(1)", "nvc-qc(1)", "nvc-tables(5)", NULL };

/* Everything that one run of the command holds. */
struct job {
    const struct options *o;
    struct nvc_mask mask;
    struct nvc_atlas atlas;
    const struct nvc_catalogue_entry *entry; /* what the catalogue knows of the atlas, or NULL */
    char run_space[96];
};

static int read_grid(struct job *j, struct nvc_error *err)
{
    struct nvc_nifti *n;
    struct nvc_bids_name name;
    int status = nvc_nifti_open(&n, j->o->grid, (enum nvc_orientation)j->o->orientation, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    j->mask.grid = nvc_nifti_header(n)->grid;
    nvc_nifti_close(n);
    status = nvc_bids_parse(&name, j->o->grid, err);
    if (!status) /* NIfTI codes: 1 the scanner's own space, 3 Talairach, 4 some MNI 152 */
        (void)snprintf(j->run_space, sizeof j->run_space, "%s", j->o->space ? j->o->space : strcmp(name.space, "n/a") ? name.space
                       : j->mask.grid.space_code == 1 ? "scanner" : j->mask.grid.space_code == 3 ? "Talairach"
                       : j->mask.grid.space_code == 4 ? "MNI152" : "n/a");
    return status;
}

static int check_space(const struct job *j, struct nvc_error *err)
{
    double moved_mm;
    switch (nvc_space_compare(j->atlas.space, j->run_space, &moved_mm)) {
    case NVC_SPACE_OTHER:
        return nvc_fail(err, NVC_EDATA, "atlas %s is in space %s, the run in %s: no voxel corresponds; if one of them is misnamed, say so "
                        "with --space or --atlas-space", j->atlas.name, j->atlas.space, j->run_space);
    case NVC_SPACE_NEAR:
        if (isnan(moved_mm))
            nvc_warn("atlas %s is in space %s, the run in %s: how far the regions move is not known", j->atlas.name, j->atlas.space, j->run_space);
        else
            nvc_warn("atlas %s is in space %s, the run in %s: the centre of the amygdala may move by %.1f mm", j->atlas.name,
                     j->atlas.space, j->run_space, moved_mm);
        return 0;
    case NVC_SPACE_UNKNOWN:
        nvc_warn("whether atlas %s (space %s) and the run (space %s) have one template is not known: say it with --space or --atlas-space",
                 j->atlas.name, j->atlas.space, j->run_space);
        return 0;
    case NVC_SPACE_SAME:
        break;
    }
    return 0;
}

static int choose(struct nvc_groups *groups, const struct job *j, struct nvc_error *err)
{
    static const char *const fallback[] = { "BLA" };
    const struct nvc_atlas *a = &j->atlas;
    struct nvc_alias aliases[4];
    size_t n_aliases = j->entry ? nvc_catalogue_aliases(j->entry, aliases) : 0;
    struct nvc_list wanted = j->o->regions.n ? j->o->regions : (struct nvc_list){ fallback, 1 };
    if (!j->o->regions.n && (!n_aliases || strcmp(aliases[0].name, "BLA") != 0))
        return nvc_fail(err, NVC_EUSAGE, "which region of the atlas? give -r NAME (it has %zu, '%s' ... '%s')", a->n_parts,
                        a->parts[0].name, a->parts[a->n_parts - 1].name);
    for (size_t i = 0; i < wanted.n; i++) {
        int status = nvc_select(groups, a->parts, a->n_parts, aliases, n_aliases, wanted.items[i], err);
        if (status)
            return nvc_fail_in(err, "%s", a->builtin ? "built-in atlas" : a->table);
    }
    return 0;
}

static int sample(struct job *j, struct nvc_error *err)
{
    const struct options *o = j->o;
    struct nvc_groups groups = { 0 };
    struct nvc_atlas_sampling s = {
        .how = o->sampling >= 0 ? (enum nvc_sampling)o->sampling : j->atlas.probability ? NVC_SAMPLE_LINEAR : NVC_SAMPLE_NEAREST,
        .threshold = !isnan(o->threshold) ? o->threshold : j->atlas.probability ? 0.5 : 0 };
    int status = choose(&groups, j, err);
    if (!status)
        status = nvc_atlas_load(&j->atlas, &groups, err);
    for (size_t i = 0; !status && i < groups.n; i++)
        status = nvc_atlas_region(&j->mask, &j->atlas, &groups.items[i], &s, err);
    nvc_groups_release(&groups);
    return status;
}

/* Checked before anything is taken away. */
static int edit(struct job *j, struct nvc_error *err)
{
    struct nvc_mask_source source;
    struct nvc_mask *m = &j->mask;
    int status = 0;
    for (size_t i = 0; !status && i < m->n_regions; i++) {
        if (strcmp(m->regions[i].side_check, "from_x") != 0)
            status = nvc_region_check_side(&m->regions[i], j->o->allow_mismatch, err);
        if (j->o->trim_mm > 0)
            nvc_region_trim(&m->regions[i], &m->grid, j->o->trim_mm);
    }
    for (size_t e = 0; !status && e < j->o->exclude.n; e++) {
        bool *excluded;
        if ((status = nvc_brain_read_as(&excluded, j->o->exclude.items[e], (enum nvc_orientation)j->o->orientation, &m->grid, &source, err)))
            return status;
        for (size_t i = 0; i < m->n_regions; i++)
            (void)nvc_region_exclude(&m->regions[i], &m->grid, excluded);
        free(excluded);
    }
    for (size_t i = 0; j->o->binary && i < m->n_regions; i++)
        nvc_region_binarise(&m->regions[i], &m->grid, 0.5);
    return !status && j->o->bilateral ? nvc_mask_add_bilateral(m, err) : status;
}

/* Copies of the regions elsewhere, on the images that say where. */
static int add_null(struct job *j, struct nvc_error *err)
{
    const struct options *o = j->o;
    const enum nvc_orientation how = (enum nvc_orientation)o->orientation;
    struct nvc_null_places p = { .n = (size_t)o->null_copies, .seed = (uint64_t)o->seed };
    struct nvc_mask_source source;
    struct nvc_input_mark mark;
    bool *inside = NULL;
    double *like = NULL;
    size_t fewest = 0;
    int status = nvc_brain_read_as(&inside, o->null_inside, how, &j->mask.grid, &source, err);
    if (!status && o->null_like)
        status = map_read(&like, o->null_like, how, &j->mask.grid, o->grid, &mark, err);
    p.inside = inside, p.like = like;
    if (!status && (status = nvc_mask_add_null(&j->mask, &p, &fewest, err)))
        status = nvc_fail_in(err, "%s", o->null_inside);
    if (!status && fewest < p.n)
        nvc_warn("--null %zu: there is room for %zu copies of a region only", p.n, fewest);
    free(inside);
    free(like);
    return status;
}

static int report(const struct nvc_mask *m, struct nvc_error *err)
{
    size_t empty = 0;
    for (size_t i = 0; i < m->n_regions; i++) {
        const struct nvc_region *r = &m->regions[i];
        if (!strcmp(r->method, "moved"))
            continue;
        if (!strcmp(r->side_check, "mismatch"))
            nvc_warn("region %s lies at x = %.2f mm, on the other side than its name says", r->column, r->centre_mm[0]);
        if (r->n)
            nvc_note("%s: %zu voxels (%zu of weight 0.5 or more), %.0f mm3, centre %.1f %.1f %.1f mm%s%s", r->column, r->n, r->n_half,
                     r->volume_mm3, r->centre_mm[0], r->centre_mm[1], r->centre_mm[2], *r->note ? "; " : "", r->note);
        else
            nvc_warn("region %s has no voxel on this grid", r->column);
        empty += !r->n;
    }
    return empty < m->n_regions ? 0 : nvc_fail(err, NVC_EDATA, "no region has a voxel on this grid: is the run in the space of the atlas?");
}

static int compare(const struct job *j, struct nvc_error *err)
{
    struct nvc_text table = { 0 };
    int status = 0;
    for (size_t c = 0; !status && c < j->o->compare.n; c++) {
        struct nvc_mask other;
        struct nvc_mask_source source;
        if ((status = nvc_mask_read(&other, j->o->compare.items[c], NULL, &source, err)))
            break;
        if (!nvc_grid_equal(&other.grid, &j->mask.grid))
            status = nvc_fail(err, NVC_EDATA, "%s: its grid is not that of %s", j->o->compare.items[c], j->o->grid);
        for (size_t a = 0; !status && a < j->mask.n_regions; a++)
            for (size_t b = 0; b < other.n_regions; b++) {
                const struct nvc_region *r = &j->mask.regions[a], *s = &other.regions[b];
                if (!strcmp(r->side, s->side))
                    nvc_note("%s against %s of %s: Dice %.2f, centres %.1f mm apart", r->column, s->column,
                             strcmp(s->atlas, "n/a") ? s->atlas : j->o->compare.items[c], nvc_region_dice(r, s), nvc_region_distance_mm(r, s));
            }
        if (!status)
            status = nvc_overlap_write(&table, &j->mask, &other, c == 0, err);
        nvc_mask_release(&other);
    }
    if (!status && j->o->overlap)
        status = nvc_output(j->o->overlap, &table, &(struct nvc_sidecar){ .columns = nvc_overlap_columns }, err);
    nvc_text_release(&table);
    return status;
}

static int write_all(const struct job *j, struct nvc_error *err)
{
    const struct options *o = j->o;
    const struct nvc_atlas *a = &j->atlas;
    struct nvc_input_mark marks[] = { { a->image, a->mark[0].crc32, a->mark[0].bytes }, { a->other, a->mark[1].crc32, a->mark[1].bytes } };
    struct nvc_sidecar sidecar = { .columns = nvc_region_columns, .inputs = marks, .n_inputs = a->other ? 2 : a->image != NULL };
    struct nvc_text table = { 0 };
    char *stem = nvc_bids_stem(o->output, err), *beside = stem ? nvc_sprintf(err, "%s.tsv", stem) : NULL;
    bool to_file = strcmp(o->output, "-") != 0;
    int status = beside ? nvc_region_table_tsv(&table, &j->mask, err) : (int)err->status;
    if (!status)
        status = nvc_mask_write(&j->mask, o->output, o->binary, err);
    if (!status && (o->table || to_file))
        status = nvc_output(o->table ? o->table : beside, &table, o->table ? &sidecar : NULL, err);
    if (!status)
        status = nvc_sidecar_write(o->output, &sidecar, err);
    free(stem);
    free(beside);
    nvc_text_release(&table);
    return status;
}

static int list(const struct options *o, struct nvc_error *err)
{
    struct atlas_roots roots;
    struct nvc_text table = { 0 };
    int status = atlas_roots_find(&roots, &o->atlas_paths, err);
    if (!status)
        status = nvc_catalogue_write(&table, &roots.list, err);
    if (!status)
        status = nvc_output(o->output, &table, &(struct nvc_sidecar){ .columns = nvc_catalogue_columns }, err);
    nvc_text_release(&table);
    atlas_roots_release(&roots);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    (void)args, (void)n_args;
    const struct options *o = options;
    struct job j = { .o = o };
    struct atlas_choice choice = { o->atlas_paths, o->atlas, o->labels, o->atlas_name, o->atlas_space };
    if (o->list)
        return list(o, err);
    if (o->null_copies && (!o->binary || !o->null_inside || o->bilateral))
        return nvc_fail(err, NVC_EUSAGE, "--null goes with --binary, so that one volume holds all, and --null-inside; not with --bilateral");
    int status = read_grid(&j, err);
    if (!status)
        status = atlas_choose(&j.atlas, &j.entry, &choice, err);
    if (!status)
        status = check_space(&j, err);
    if (!status)
        status = sample(&j, err);
    if (!status)
        status = edit(&j, err);
    if (!status && o->null_copies)
        status = add_null(&j, err);
    if (!status)
        status = report(&j.mask, err);
    if (!status)
        status = compare(&j, err);
    if (!status)
        status = write_all(&j, err);
    nvc_atlas_release(&j.atlas);
    nvc_mask_release(&j.mask);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-mask", .summary = "make region masks from an atlas on the grid of a run", .description = description,
    .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv) { return nvc_main(&cmd, argc, argv); }
