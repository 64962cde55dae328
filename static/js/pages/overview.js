// The judge's first page: the deadline in their own time zone.

import { localMoments } from "../page/local-moments.js";

localMoments();
