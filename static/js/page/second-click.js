// The second click of a double click is none on most buttons: it would take back what the first one did.

const AGAIN = "#undo, #zoom-in, #zoom-out, #loupe, #rate, #region-button";

/** Swallow second clicks, except on buttons that are meant to be pressed again and again. */
export function ignoreSecondClicks(root) {
  root.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest?.("button");
      if (event.detail < 2 || !button || button.matches(AGAIN)) return;
      event.stopPropagation();
      event.preventDefault();
    },
    true,
  );
}
