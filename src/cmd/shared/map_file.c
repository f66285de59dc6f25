#include "cmd/shared/map_file.h"

#include "base/memory.h"
#include "cli/message.h"

#include <stdlib.h>

static int read_volumes(struct nvc_nifti *image, double *values, size_t n, struct nvc_error *err)
{
    const size_t n_volumes = nvc_nifti_header(image)->n_volumes;
    const char *remark = "";
    double *volume = nvc_array(n, sizeof *volume, err);
    int status = volume ? 0 : NVC_ESYS;
    for (size_t t = 0; t < n_volumes && !status; t++) {
        status = nvc_nifti_next(image, volume, err);
        for (size_t v = 0; v < n && !status; v++)
            values[v] += volume[v] / (double)n_volumes;
    }
    if (!status && !(status = nvc_nifti_finish(image, &remark, err)) && *remark)
        nvc_warn("%s: %s", nvc_nifti_name(image), remark);
    free(volume);
    return status;
}

static int read_map(double **values, const char *path, enum nvc_orientation how, const struct nvc_grid *want, const char *whose, struct nvc_grid *found,
                    struct nvc_input_mark *mark, struct nvc_error *err)
{
    struct nvc_nifti *image = NULL;
    char wanted[160], here[160];
    *values = NULL;
    int status = nvc_nifti_open(&image, path, how, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    const struct nvc_grid *g = &nvc_nifti_header(image)->grid;
    if (want && !nvc_grid_equal(g, want)) {
        nvc_grid_text(want, wanted, sizeof wanted);
        nvc_grid_text(g, here, sizeof here);
        status = nvc_fail(err, NVC_EDATA, "%s: its grid (%s) is not that of %s (%s); bring it there first", path, here, whose, wanted);
    }
    if (found)
        *found = *g;
    if (!status && !(*values = nvc_array(nvc_grid_voxels(g), sizeof **values, err)))
        status = NVC_ESYS;
    if (!status && !(status = read_volumes(image, *values, nvc_grid_voxels(g), err)))
        *mark = (struct nvc_input_mark){ path, nvc_nifti_crc32(image), nvc_nifti_bytes(image) };
    nvc_nifti_close(image);
    return status;
}

int map_read(double **values, const char *path, enum nvc_orientation how, const struct nvc_grid *g, const char *whose, struct nvc_input_mark *mark,
             struct nvc_error *err)
{
    return read_map(values, path, how, g, whose, NULL, mark, err);
}

int map_read_first(double **values, const char *path, enum nvc_orientation how, struct nvc_grid *g, struct nvc_input_mark *mark, struct nvc_error *err)
{
    return read_map(values, path, how, NULL, NULL, g, mark, err);
}

int map_check_probability(const double *values, size_t n, const char *path, struct nvc_error *err)
{
    for (size_t v = 0; v < n; v++)
        if (values[v] > 1.01 || values[v] < -0.01)
            return nvc_fail(err, NVC_EDATA, "%s: holds %g; probabilities from 0 to 1 are wanted", path, values[v]);
    return 0;
}
