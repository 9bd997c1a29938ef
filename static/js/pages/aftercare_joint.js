/** The plan of one joint: printing it, with the clinic's own numbers on the sheet. */

export async function start(root, { phone }) {
  offerPrint(root);
  fillPaper(root, phone.clinic());
  phone.onChange(() => fillPaper(root, phone.clinic()));
}

function offerPrint(root) {
  const button = root.querySelector("[data-print]");
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

/* A link cannot be pressed on paper, so the sheet has the numbers as text. */
function fillPaper(root, clinic) {
  const numbers = {
    clinic: clinic?.phone?.number,
    out_of_hours: clinic?.out_of_hours?.number,
    emergency: clinic?.emergency?.number,
  };
  for (const place of root.querySelectorAll("[data-print-tel]")) {
    const number = numbers[place.dataset.printTel];
    if (number) {
      place.textContent = number;
    }
  }
}
