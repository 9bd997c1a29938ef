// A long list is taken in with one request after the other. The next one is asked for here; where
// no script runs, a button does it.

/** Send the form as soon as the page is here. */
export function goOn(form) {
  form.requestSubmit();
}
