/* Recordings beside a run: BIDS physio files (no header; the sidecar names columns, SamplingFrequency and StartTime) and tables with a
 * column `time` (s after the start of the first volume), such as one end-tidal value per breath. */
#ifndef NVC_TABLE_PHYSIO_H
#define NVC_TABLE_PHYSIO_H

#include "base/status.h"
#include "model/design/trace.h"

#include <stdint.h>

enum nvc_co2_unit { NVC_CO2_AUTO, NVC_CO2_MMHG, NVC_CO2_KPA, NVC_CO2_PERCENT };
struct nvc_co2_request {
    const char *column;        /* NULL: co2, petco2 or end_tidal_co2 in any case, or the only one */
    enum nvc_co2_unit unit;    /* AUTO: Units of the column in the sidecar, else mmHg.  Percent: of 713 mmHg (dry gas at sea level) */
    bool capnogram;            /* take the highest value of every breath */
};

/* End-tidal CO2 in mmHg.  NVC_EDATA, each with what to say: no such column; a trace that rises and falls with every breath, unless
 * asked to find its tops; a mean outside of 15-80 mmHg. */
int nvc_co2_read(struct nvc_trace *t, const char *path, const struct nvc_co2_request *request, uint32_t *crc32, uint64_t *bytes,
                 struct nvc_error *err) NVC_CHECKED;

#endif
