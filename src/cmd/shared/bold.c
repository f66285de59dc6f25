#include "cmd/shared/bold.h"

#include "base/text.h"
#include "cli/message.h"
#include "io/bids.h"
#include "io/json.h"
#include "io/repetition.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const bold_orientations[] = { "auto", "sform", "qform", NULL };

int bold_tell_kind(struct nvc_stream **stream, bool *image, const char *path, struct nvc_error *err)
{
    unsigned char head[8];
    size_t n;
    int status = nvc_stream_open(stream, path, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    status = nvc_stream_peek(*stream, head, sizeof head, &n, err);
    *image = !status && ((n >= 4 && nvc_nifti_sniff(head, n)) || nvc_has_suffix(path, ".hdr") || nvc_has_suffix(path, ".img"));
    if (nvc_stream_is_regular(*stream) && strcmp(path, "-") != 0) {
        nvc_stream_close(*stream);
        *stream = NULL;
    }
    return status;
}

int bold_open(struct bold *b, const char *path, struct nvc_stream *stream, const char *tr, struct nvc_error *err)
{
    *b = (struct bold){ .path = path, .orientation = b->orientation };
    int status = stream ? nvc_nifti_open_stream(&b->image, stream, b->orientation, NVC_INFLATE_BEST, err)
                        : nvc_nifti_open(&b->image, path, b->orientation, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    if (*nvc_nifti_remarks(b->image))
        nvc_warn("%s: %s", nvc_nifti_name(b->image), nvc_nifti_remarks(b->image));
    if (strcmp(path, "-") != 0)
        status = nvc_bids_sidecar(&b->meta, path, err);
    if (!status && (status = nvc_repetition_time(&b->tr_s, nvc_nifti_header(b->image), b->meta, tr, err)))
        (void)nvc_fail_in(err, "%s", nvc_nifti_name(b->image));
    return status;
}

void bold_release(struct bold *b)
{
    nvc_nifti_close(b->image);
    json_decref(b->meta);
    *b = (struct bold){ 0 };
}

int bold_check_grid(const struct bold *b, const struct nvc_grid *mask, const char *mask_path, struct nvc_error *err)
{
    const struct nvc_grid *grid = &nvc_nifti_header(b->image)->grid;
    char want[160], found[160];
    if (nvc_grid_equal(grid, mask))
        return 0;
    nvc_grid_text(mask, found, sizeof found);
    nvc_grid_text(grid, want, sizeof want);
    return nvc_fail(err, NVC_EDATA, "%s: the mask's grid (%s) is not that of the run (%s); make it with nvc-mask -g", mask_path,
                    found, want);
}

int bold_finish(struct bold *b, struct nvc_error *err)
{
    const char *warning;
    int status = nvc_nifti_finish(b->image, &warning, err);
    if (!status && *warning)
        nvc_warn("%s: %s", nvc_nifti_name(b->image), warning);
    return status;
}

struct nvc_input_mark bold_mark(const struct bold *b)
{
    return (struct nvc_input_mark){ nvc_nifti_name(b->image), nvc_nifti_crc32(b->image), nvc_nifti_bytes(b->image) };
}

int bold_identify(const struct bold *b, const char *bids_name, struct nvc_series *s, struct nvc_error *err)
{
    struct nvc_bids_name name;
    int status = nvc_bids_parse(&name, bids_name ? bids_name : strcmp(b->path, "-") ? b->path : "", err);
    if (status)
        return status;
    memcpy(s->who.participant_id, name.participant_id, sizeof s->who.participant_id);
    memcpy(s->who.session, name.session, sizeof s->who.session);
    memcpy(s->who.task, name.task, sizeof s->who.task);
    memcpy(s->who.run, name.run, sizeof s->who.run);
    memcpy(s->who.space, name.space, sizeof s->who.space);
    (void)snprintf(s->signal_unit, sizeof s->signal_unit, "arbitrary");
    const json_t *corrected = json_object_get(b->meta, "SliceTimingCorrected");
    s->slice_time_corrected = json_is_boolean(corrected) ? json_is_true(corrected) : -1;
    s->start_time_s = NAN;
    if (b->meta)
        status = nvc_json_get_real(b->meta, "StartTime", &s->start_time_s, err);
    if (isnan(s->start_time_s))
        s->start_time_s = 0;
    return status;
}
