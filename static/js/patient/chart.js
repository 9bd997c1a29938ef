// Pain by day since the injection: a drawing, and the same as a table for those who cannot see it.

import { shownLevel } from "../check_in/advice.js";
import { el, svg } from "../ui/dom.js";
import { dateWords } from "./days.js";

const WIDTH = 300;
const HEIGHT = 208;
const EDGE = { left: 26, right: 12, top: 14, bottom: 34 };
const LEAST_DAYS = 7;
const STEPS = [1, 2, 7, 14, 28, 84, 182, 364];
const MOST_TICKS = 8;
const WORST_FIRST = ["emergency", "same_day", "clinic_hours"];

function worse(a, b) {
  const rank = (level) => (WORST_FIRST.includes(level) ? WORST_FIRST.indexOf(level) : 9);
  return rank(a) <= rank(b) ? a : b;
}

const isPain = (value) => Number.isInteger(value) && value >= 0 && value <= 10;

/** What the table lists, oldest first: check-ins with a pain score that were not withdrawn. */
export function painRows(threads, forms = {}) {
  return threads
    .filter((thread) => !thread.is_retracted && isPain(thread.answers?.pain_now))
    .map((thread) => ({
      day: thread.day, date: thread.local_date, pain: thread.answers.pain_now,
      level: thread.level, told: shownLevel(thread, forms[String(thread.form_version)]),
      recorded_at: thread.recorded_at,
    }))
    .sort((a, b) => Date.parse(a.recorded_at) - Date.parse(b.recorded_at));
}

/** One point a day: the highest pain and the most urgent level of that day. */
export function painByDay(rows) {
  const days = new Map();
  for (const row of rows) {
    if (row.day === null || row.day < 0) continue;
    const known = days.get(row.day);
    days.set(row.day, {
      day: row.day,
      pain: Math.max(row.pain, known?.pain ?? 0),
      level: known ? worse(row.level, known.level) : row.level,
    });
  }
  return [...days.values()].sort((a, b) => a.day - b.day);
}

/** The days that get a number beneath the chart. */
export function dayTicks(lastDay) {
  const step = STEPS.find((size) => lastDay / size < MOST_TICKS) ?? STEPS.at(-1);
  return Array.from({ length: Math.floor(lastDay / step) + 1 }, (_, index) => index * step);
}

const isFlagged = (level) => WORST_FIRST.includes(level);

// Each level has a shape of its own, so that colour never says it alone.
function mark(x, y, level) {
  const name = isFlagged(level)
    ? `chart__point chart__point--${level}` : "chart__point";
  if (level === "emergency") {
    return svg("path", { class: name, d: `M${x} ${y - 9}l9 16h-18z` });
  }
  if (level === "same_day") {
    return svg("path", { class: name, d: `M${x} ${y - 9}l9 9-9 9-9-9z` });
  }
  if (level === "clinic_hours") {
    return svg("path", { class: name, d: `M${x - 7} ${y - 7}h14v14h-14z` });
  }
  return svg("circle", { class: name, cx: x, cy: y, r: 5 });
}

function grid({ xOf, yOf, lastDay }) {
  const lines = [0, 5, 10].flatMap((pain) => [
    svg("line", {
      class: "chart__grid", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: yOf(pain), y2: yOf(pain),
    }),
    svg("text", {
      class: "chart__text", x: EDGE.left - 8, y: yOf(pain) + 4, "text-anchor": "end",
    }, String(pain)),
  ]);
  const days = dayTicks(lastDay).map((day) => svg("text", {
    class: "chart__text", x: xOf(day), y: HEIGHT - EDGE.bottom + 22, "text-anchor": "middle",
  }, String(day)));
  return [...lines, ...days];
}

const LABEL = { width: 84, height: 22 };

// The pain before the injection: a dashed line beneath the points, and its words above them, at the
// end where no point stands, clear of the upper edge.
function baselineMark(pain, { points, xOf, yOf, say }) {
  const y = yOf(pain);
  const isTaken = points.some((point) => xOf(point.day) > WIDTH - EDGE.right - LABEL.width
    && Math.abs(yOf(point.pain) - y) < LABEL.height);
  const end = isTaken ? { x: EDGE.left, "text-anchor": "start" }
    : { x: WIDTH - EDGE.right, "text-anchor": "end" };
  return [
    svg("line", { class: "chart__mark", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y, y2: y }),
    svg("text", { class: "chart__text chart__text--before", ...end,
      y: pain > 8 ? y + 15 : y - 6 }, `${say("recovery_before")}: ${pain}`),
  ];
}

function summaryOf(points, { say, baseline }) {
  const latest = points.at(-1);
  const highest = points.reduce((best, point) => (point.pain > best.pain ? point : best));
  const words = say("chart_words", {
    number: highest.pain, days: highest.day, pain: latest.pain, day: latest.day,
  });
  return isPain(baseline) ? `${say("recovery_before")}: ${baseline}. ${words}` : words;
}

function drawing(points, { say, baseline }) {
  const lastDay = Math.max(LEAST_DAYS, points.at(-1).day);
  const inner = { width: WIDTH - EDGE.left - EDGE.right, height: HEIGHT - EDGE.top - EDGE.bottom };
  const xOf = (day) => EDGE.left + (day / lastDay) * inner.width;
  const yOf = (pain) => EDGE.top + (1 - pain / 10) * inner.height;
  const way = points.map(({ day, pain }, index) => (
    `${index ? "L" : "M"}${xOf(day).toFixed(1)} ${yOf(pain).toFixed(1)}`)).join("");
  const before = isPain(baseline) ? baselineMark(baseline, { points, xOf, yOf, say }) : [];
  return svg("svg", {
    viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img",
    "aria-label": `${say("check_ins_chart")}. ${summaryOf(points, { say, baseline })}`,
  },
  ...grid({ xOf, yOf, lastDay }),
  ...before.slice(0, 1),
  svg("path", { class: "chart__line", d: way, fill: "none" }),
  ...points.map(({ day, pain, level }) => mark(xOf(day), yOf(pain), level)),
  ...before.slice(1));
}

function legend(points, say) {
  const levels = WORST_FIRST.filter((level) => points.some((point) => point.level === level));
  if (levels.length === 0) return null;
  return el("ul", { class: "chart__legend" }, ...levels.map((level) => el("li", {},
    svg("svg", { viewBox: "0 0 24 24", class: "chart__key", "aria-hidden": "true" },
      mark(12, 12, level)),
    el("span", {}, say(`level_${level}`)))));
}

function table(rows, { say, now, title, baseline }) {
  const heading = (key) => el("th", { scope: "col" }, say(key));
  const told = (level) => (level === null ? say("level_diary") : say(`level_${level}`));
  const lines = rows.map((row) => el("tr", {},
    el("th", { scope: "row" }, row.day === null ? say("not_known") : String(row.day)),
    el("td", {}, row.date ? dateWords(row.date, { now, weekday: false }) : say("not_known")),
    el("td", {}, String(row.pain)),
    el("td", {}, told(row.told))));
  const before = isPain(baseline) && el("tr", {},
    el("th", { scope: "row" }, say("recovery_before")),
    el("td", {}), el("td", {}, String(baseline)), el("td", {}));
  return el("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": title },
    el("table", { class: "table" },
      el("caption", { class: "visually-hidden" }, title),
      el("thead", {}, el("tr", {}, heading("chart_day"), heading("chart_date"),
        heading("chart_pain"), heading("chart_told"))),
      el("tbody", {}, before, ...lines)));
}

/** The chart of one treatment with its table beneath, or null while there is no pain score.
 *  `baseline` is the pain before the injection, or null where nobody told it. */
export function drawPainChart({ threads, forms, name, say, now, baseline = null }) {
  const rows = painRows(threads, forms);
  if (rows.length === 0) return null;
  const points = painByDay(rows);
  const title = say("chart_title", { joint: name });
  return el("div", { class: "stack" },
    points.length > 0 && el("figure", { class: "chart" },
      drawing(points, { say, baseline }),
      el("figcaption", {}, say("chart_caption"), legend(points, say))),
    el("details", { class: "fold" },
      el("summary", {}, say("check_ins_table")),
      el("div", { class: "fold__body" }, table(rows, { say, now, title, baseline }))));
}
