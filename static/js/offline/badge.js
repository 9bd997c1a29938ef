// The number on the app's icon: check-ins that wait on this phone to be sent. Where a phone has none
// of it, nothing is lost: Today says the same.

export function keepBadge({ phone, navigator }) {
  let shown = null;
  const draw = () => {
    const { count } = phone.waiting();
    if (count === shown) return;
    shown = count;
    const done = count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge();
    done?.catch(() => { shown = null; });
  };
  draw();
  return phone.onChange(draw);
}
