// Pages that say moments, in their reader's own time zone too.

import { localMoments } from "../page/local-moments.js";

localMoments();
