// The admin's theme gives every row a table body of its own; dragging needs the rows to be siblings.
document.addEventListener("DOMContentLoaded", () => {
  const [first, ...others] = document.querySelectorAll("#result_list > tbody");
  for (const body of others) {
    first.append(...body.rows);
    body.remove();
  }
});
