// Buttons that copy a link, moments in the reader's own time zone, and that zone where one is asked for.

import { copying } from "../page/copying.js";
import { localMoments } from "../page/local-moments.js";

localMoments();
copying();

const own = document.querySelector("input[data-zone='own']");
if (own) own.value = Intl.DateTimeFormat().resolvedOptions().timeZone || own.value;
