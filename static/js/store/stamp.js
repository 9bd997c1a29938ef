// This moment as the wire wants it. Pure.

const two = (number) => String(number).padStart(2, "0");

/** The wall clock with its offset, the zone's name, and the calendar day that the person sees. */
export function stampOf(now) {
  const minutes = -now.getTimezoneOffset();
  const whole = Math.abs(minutes);
  const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(whole / 60))}:${two(whole % 60)}`;
  const year = String(now.getFullYear()).padStart(4, "0");
  const day = `${year}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  return { recorded_at: `${day}T${time}${offset}`, local_date: day,
    time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC" };
}
