/* Stimulus timing of FSL and AFNI: every event has a finite onset, a duration of 0 or more, and a run. */
#include "fuzz.h"

#include "nvc.h"

#include <math.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static int (*const readers[])(struct nvc_timing *, const char *, struct nvc_error *) = {
        nvc_timing_read_fsl, nvc_timing_read_afni
    };
    const char *path = fuzz_file(0, data, n);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        struct nvc_error err;
        struct nvc_timing t;
        if (readers[i](&t, path, &err)) {
            FUZZ_CHECK(err.status != NVC_EBUG && strlen(err.text) > 0 && !t.events);
            continue;
        }
        for (size_t k = 0; k < t.n; k++) {
            const struct nvc_timing_event *e = &t.events[k];
            FUZZ_CHECK(isfinite(e->onset_s) && isfinite(e->weight) && e->run < t.n_runs && !(e->duration_s < 0));
        }
        nvc_timing_release(&t);
    }
    return 0;
}
