// The clinic's pages come complete from the server; what is here only makes them quicker to use.
// Each part looks for its own mark on the page and stays away where there is none.

import { mountAccountPages } from "../account/clinic_pages.js";
import { sendOnce } from "./send_once.js";
import { followPatientSearch } from "./search.js";
import { signOutEverywhere } from "./sign_out.js";
import { fadeUndo } from "./undo.js";
import { keepWorklistLive } from "./worklist.js";

function offerPrinting(root) {
  for (const button of root.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}

sendOnce(document);
fadeUndo(document);
offerPrinting(document);
mountAccountPages(document);
for (const form of document.querySelectorAll("[data-sign-out]")) signOutEverywhere(form);
for (const form of document.querySelectorAll("[data-search]")) followPatientSearch(form);
for (const list of document.querySelectorAll("[data-worklist]")) keepWorklistLive(list);
