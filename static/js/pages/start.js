// The start questions: once at the first sign-in and for each new treatment. Every one can be left
// out or "not sure"; what is left out is asked again at the check-in.

import { callButtons, callNowList, callsNow } from "../check_in/call_list.js";
import { arrowKeys, button } from "../check_in/controls.js";
import { startEvent } from "../check_in/event.js";
import { currentTreatments, startQuestions } from "../check_in/form.js";
import { drawYesNoList } from "../check_in/questions.js";
import { versionsFor } from "../check_in/draft.js";
import { saveFailed } from "../check_in/where_it_is.js";
import { asTitle, jointWords } from "../patient/joint_words.js";
import { speaker } from "../patient/words.js";
import { helpOf, labelOf } from "../triage/questions.js";
import { el, icon } from "../ui/dom.js";

const DRAFT = "start";
const ABOUT = "start_about";

export async function start(root, { phone }) {
  const page = { root, phone };
  try {
    page.guidance = await phone.guidance();
  } catch {
    root.querySelector("[data-loading]")?.remove();
    root.querySelector("[data-fallback]")?.removeAttribute("hidden");
    return;
  }
  page.say = speaker(page.guidance.phrases);
  const treatments = currentTreatments(phone.treatments());
  if (!phone.account()) return showMessage(page, "check_in_sign_in_first", "/sign-in?next=/start");
  if (!treatments.length) return showMessage(page, "today_no_treatment", null);
  page.about = (await phone.draft(ABOUT)) || {};
  page.form = versionsFor({ guidance: page.guidance, clinic: phone.clinic() }).form;
  page.treatments = treatments;
  page.draft = fitting(await phone.draft(DRAFT), page) || newDraft(page);
  drawQuestions(page);
}

function showMessage({ root, guidance, phone, say }, key, signIn) {
  root.replaceChildren(el("header", { class: "page__head" },
    el("h1", { tabindex: "-1" }, say("start_title")), el("p", { class: "lead" }, say(key))),
  signIn ? el("a", { class: "btn", href: signIn }, say("sign_in_button"))
    : el("a", { class: "btn btn--line", href: "/" }, say("result_done")),
  callNowList({ guidance, clinic: phone.clinic(), say }));
}

function fitting(draft, { phone, treatments }) {
  const isOurs = draft && draft.owner === phone.account().account
    && treatments.every((one) => draft.ids[one.treatment_id]);
  return isOurs ? draft : null;
}

// What was answered before stands, so that it can be changed; nothing else is chosen beforehand.
function newDraft({ phone, treatments, form, about }) {
  const answers = { everywhere: {} };
  for (const treatment of treatments) {
    answers[treatment.treatment_id] = {};
    for (const question of startQuestions(form)) {
      const value = treatment.start?.[question.key];
      if (value === undefined || value === null) continue;
      const owner = question.scope === "local" ? treatment.treatment_id : "everywhere";
      answers[owner][question.key] ??= value;
    }
  }
  if (typeof about.adult === "boolean") answers.everywhere.adult = about.adult;
  return { owner: phone.account().account, answers,
    ids: Object.fromEntries(treatments.map((one) => [one.treatment_id, phone.newEventId()])) };
}

function drawQuestions(page) {
  const { root, say, form, treatments } = page;
  const all = startQuestions(form);
  const about = all.filter((question) => question.scope !== "local");
  const here = all.filter((question) => question.scope === "local");
  const notice = el("div", { role: "status", class: "stack", "data-notice": "" });
  page.notice = notice;
  const isDone = treatments.every((treatment) => treatment.start);
  root.replaceChildren(
    el("header", { class: "page__head" },
      el("h1", { tabindex: "-1" }, form.start.title || say("start_title")),
      el("p", { class: "lead" }, isDone ? say("start_done") : say("start_why")),
      el("p", { class: "soft" }, say("start_missing_later"))),
    el("section", { class: "section stack" }, el("h2", {}, say("start_about_you")),
      questionsOf(page, about, "everywhere", treatments[0]), notice),
    ...treatments.map((treatment) => el("section", { class: "section stack" },
      el("h2", {}, say("start_about_joint",
        { joint: jointWords(treatment, page.guidance, say) })),
      questionsOf(page, here, treatment.treatment_id, treatment))),
    el("div", { class: "section stack", "data-end": "" }, el("div", { "data-problem": "" }),
      button({ text: say("start_save"), attributes: { "data-save": "" },
        onTap: (made) => save(page, made) }),
      el("a", { class: "btn btn--quiet", href: "/" }, say("start_later"))));
  showNotice(page);
  root.querySelector("h1").focus({ preventScroll: true });
}

function questionsOf(page, questions, owner, treatment) {
  const bag = page.draft.answers[owner];
  const keepAnswer = async (question, value) => {
    bag[question.key] = value;
    document.body.dataset.dirty = "true";
    showNotice(page);
    await page.phone.keepDraft(DRAFT, structuredClone(page.draft));
  };
  const numbers = questions.filter((question) => question.type === "integer");
  const rows = questions.filter((question) => question.type === "boolean");
  const [list] = drawYesNoList({ questions: rows, site: treatment.site, owner },
    { say: page.say, value: (question) => bag[question.key], keepAnswer, next: () => {} });
  return [...numbers.flatMap((question) => scaleOf(page, question, owner, treatment, {
    value: bag[question.key], keepAnswer })), ...(rows.length ? [list] : [])];
}

function scaleOf({ say }, question, owner, treatment, { value, keepAnswer }) {
  const labelId = `scale-${question.key}-${owner}`;
  const help = helpOf(question, treatment.site);
  const steps = [];
  const choose = (chosen, answer) => {
    for (const step of steps) {
      step.setAttribute("aria-checked", String(step === chosen));
      step.tabIndex = step === chosen ? 0 : -1;
    }
    unsure.setAttribute("aria-pressed", String(answer === null));
    keepAnswer(question, answer);
  };
  for (let number = question.minimum; number <= question.maximum; number += 1) {
    const step = el("button", { type: "button", role: "radio", class: "scale__step",
      "aria-checked": String(number === value), "data-value": String(number),
      tabindex: number === (value ?? question.minimum) ? "0" : "-1" }, String(number));
    step.addEventListener("click", () => choose(step, number));
    steps.push(step);
  }
  const unsure = button({ text: say("check_in_not_sure"), className: "btn btn--quiet",
    attributes: { "aria-pressed": String(value === null) }, onTap: () => choose(null, null) });
  const group = el("div", { class: "scale", role: "radiogroup", "aria-labelledby": labelId },
    ...steps);
  arrowKeys(group, steps);
  return [el("p", { class: "strong", id: labelId }, labelOf(question, treatment.site)),
    help ? el("p", { class: "soft small" }, help) : "", group,
    el("p", { class: "scale__ends" }, el("span", {}, say("check_in_scale_low")),
      el("span", {}, say("check_in_scale_high"))), unsure];
}

const isUnderAge = ({ draft }) => draft.answers.everywhere.adult === false;

function showNotice(page) {
  const { notice, draft, say, guidance, phone } = page;
  if (!notice) return;
  if (isUnderAge(page)) {
    const clinic = phone.clinic();
    notice.replaceChildren(el("div", { class: "notice notice--warn" }, icon("warning"),
      el("div", { class: "stack" }, el("p", { class: "strong" }, say("start_under_18")),
        el("p", {}, say("start_under_18_levels")), el("p", {}, say("start_under_18_do")),
        callButtons(callsNow({ clinic, phone, level: null }), say))),
    callNowList({ guidance, clinic, say, level: 3 }));
  } else if (draft.answers.everywhere.pregnant === true) {
    notice.replaceChildren(el("div", { class: "notice notice--warn" }, icon("info"),
      el("div", {}, say("start_pregnant"))));
  } else {
    notice.replaceChildren();
  }
}

function eventsOf({ phone, treatments, form, draft, guidance }) {
  const versions = versionsFor({ guidance, clinic: phone.clinic() });
  const stamp = phone.stamp();
  return treatments.map((treatment) => {
    const answers = {};
    for (const question of startQuestions(form).filter((one) => one.on_wire !== false)) {
      const owner = question.scope === "local" ? treatment.treatment_id : "everywhere";
      answers[question.key] = draft.answers[owner][question.key] ?? null;
    }
    return startEvent({ eventId: draft.ids[treatment.treatment_id], treatment, versions: {
      form_version: versions.form_version, rules_version: versions.rules_version }, stamp, answers,
    owner: draft.owner });
  });
}

async function save(page, made) {
  const { phone, root, say } = page;
  if (made.getAttribute("aria-busy") === "true") return;
  made.setAttribute("aria-busy", "true");
  const place = root.querySelector("[data-problem]");
  try {
    const { adult } = page.draft.answers.everywhere;
    if (typeof adult === "boolean") await phone.keepDraft(ABOUT, { ...page.about, adult });
    // Our rules were not made for somebody under 18: no risk flags are sent for them to judge by.
    if (!isUnderAge(page)) await phone.save(eventsOf(page));
    await phone.dropDraft(DRAFT);
  } catch (error) {
    made.removeAttribute("aria-busy");
    place.replaceChildren(saveFailed({ error, say, isUrgent: false, onAgain: () => save(page, made),
      onCopy: () => answersAsText(page) }));
    place.querySelector("h1").focus();
    return;
  }
  delete document.body.dataset.dirty;
  window.location.assign(isUnderAge(page) ? "/when-to-call" : "/");
}

function answersAsText({ form, treatments, draft, guidance, say }) {
  const words = (value) => (typeof value === "boolean"
    ? say(value ? "check_in_yes" : "check_in_no") : value ?? say("check_in_not_sure"));
  return treatments.map((treatment) => [asTitle(jointWords(treatment, guidance, say)),
    ...startQuestions(form).map((question) => {
      const owner = question.scope === "local" ? treatment.treatment_id : "everywhere";
      return `${labelOf(question, treatment.site)}: ${words(draft.answers[owner][question.key])}`;
    })].join("\n")).join("\n\n");
}
