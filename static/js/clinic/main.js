// The clinic's pages come complete from the server; what is here only makes them quicker to use.
// Each part looks for its own mark on the page and stays away where there is none.

import { mountAccountPages } from "../account/clinic_pages.js";
import { takeWayBack } from "../account/way_back.js";
import { startSearching } from "./keys.js";
import { followReviews, mountPanel } from "./review.js";
import { goOn } from "./go_on.js";
import { warnBeforeTheEnd } from "./idle.js";
import { chooseHere, stayAtOneClinic } from "./choose.js";
import { sendOnce } from "./send_once.js";
import { followPatientSearch } from "./search.js";
import { signOutEverywhere } from "./sign_out.js";
import { fadeUndo } from "./undo.js";
import { mountWorklist } from "./worklist.js";

function offerPrinting(root) {
  for (const button of root.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

function goBackToView() {
  if (location.pathname !== "/clinic" || location.search) return;
  const view = takeWayBack({ window, now: new Date() });
  if (view) location.replace(view);
}

goBackToView();
sendOnce(document);
fadeUndo(document);
offerPrinting(document);
mountAccountPages(document);
followReviews();
for (const panel of document.querySelectorAll("[data-review]")) mountPanel(panel);
stayAtOneClinic(document);
for (const form of document.querySelectorAll("[data-choose-clinic]")) chooseHere(form);
for (const form of document.querySelectorAll("[data-sign-out]")) signOutEverywhere(form);
for (const form of document.querySelectorAll("[data-go-on]")) goOn(form);
for (const form of document.querySelectorAll("[data-search]")) followPatientSearch(form);
startSearching();
warnBeforeTheEnd({ document, window });
for (const list of document.querySelectorAll("[data-worklist]")) mountWorklist(list);
