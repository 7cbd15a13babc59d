/* A row of links that scrolls sideways shows the one that is open. */
export default function inSight(row) {
  const here = row.querySelector("[aria-current]");
  if (!here || row.scrollWidth <= row.clientWidth) return;
  row.scrollLeft += here.getBoundingClientRect().left - row.getBoundingClientRect().left - (row.clientWidth - here.clientWidth) / 2;
}
