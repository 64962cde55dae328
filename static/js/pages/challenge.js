// The challenge's pages: moments in the reader's own time zone too, and buttons that copy.

import { copying } from "../page/copying.js";
import { localMoments } from "../page/local-moments.js";

localMoments();
copying();
