/* nvctools: neurovascular coupling indices of the amygdala from BOLD and ASL images.
 * The umbrella of the library's public headers, in the order of the layers. */
#ifndef NVC_H
#define NVC_H

#include "base/column.h"
#include "base/grid.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/status.h"
#include "base/text.h"
#include "io/bids.h"
#include "io/json.h"
#include "io/labels.h"
#include "io/nifti.h"
#include "io/plain.h"
#include "io/sink.h"
#include "io/stream.h"
#include "io/timing.h"
#include "io/tsv.h"
#include "math/dist.h"
#include "math/random.h"
#include "math/root.h"
#include "math/lsq.h"
#include "model/contrast.h"
#include "model/haemodynamics.h"

#endif
