/**
 * Says the outcome of something to assistive technology: "Revoked", "3 new". Clocks and plots are
 * silent.
 */
export function say(text: string): void {
  const region = document.getElementById('said');
  if (region) region.textContent = text;
}
