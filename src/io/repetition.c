#include "io/repetition.h"

#include "base/number.h"
#include "io/json.h"

#include <math.h>
#include <string.h>

static int sidecar_tr(double *tr_s, const json_t *sidecar, struct nvc_error *err)
{
    *tr_s = NAN;
    int status = sidecar ? nvc_json_get_real(sidecar, "RepetitionTime", tr_s, err) : 0;
    if (!status && !isnan(*tr_s) && !(*tr_s > 0 && *tr_s <= 100))
        return nvc_fail(err, NVC_EDATA, "RepetitionTime of the sidecar is %g; want seconds, above 0 and at most 100", *tr_s);
    return status;
}

int nvc_repetition_time(double *tr_s, const struct nvc_nifti_header *h, const json_t *sidecar, const char *choice,
                        struct nvc_error *err)
{
    double beside;
    if (choice && strcmp(choice, "header") != 0 && strcmp(choice, "sidecar") != 0) {
        if (!nvc_parse_real(choice, strlen(choice), tr_s) || !(*tr_s > 0 && *tr_s <= 100))
            return nvc_fail(err, NVC_EUSAGE, "--tr '%s': want header, sidecar or seconds (above 0, at most 100)", choice);
        return 0;
    }
    if (choice && !strcmp(choice, "header")) {
        *tr_s = h->tr_s;
        return isnan(h->tr_s) ? nvc_fail(err, NVC_EDATA, "--tr header: the header has no usable TR (pixdim[4])") : 0;
    }
    int status = sidecar_tr(&beside, sidecar, err);
    if (status)
        return status;
    if (choice) {
        *tr_s = beside;
        return isnan(beside) ? nvc_fail(err, NVC_EDATA, "--tr sidecar: no RepetitionTime in a JSON file beside the image") : 0;
    }
    if (!isnan(h->tr_s) && !isnan(beside) && fabs(h->tr_s - beside) > 1e-3)
        return nvc_fail(err, NVC_EDATA, "TR is %g s in the header and %g s in the sidecar; decide with --tr header|sidecar|SECONDS",
                        h->tr_s, beside);
    *tr_s = isnan(beside) ? h->tr_s : beside;
    if (isnan(*tr_s))
        return nvc_fail(err, NVC_EDATA, "no TR: %s and no RepetitionTime in a JSON file beside the image; give --tr SECONDS",
                        h->tr_ms_suspect ? "pixdim[4] looks like ms" : "the header has none");
    return 0;
}
