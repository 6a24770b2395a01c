/**
 * The console of operators: a page of the issuer at `/console/`, in TypeScript for the browser. It
 * has its own compiler options, and `npm run build` bundles it into the issuer.
 */
import { render } from 'preact';
import { App, keepAddress, loadSession, Poller, restoreAddress } from './frame/index.ts';
import { PAGES } from './pages.ts';
import { html } from './ui/index.ts';

const root = document.getElementById('app');
// Its target is in the page, and `#main` is no address of a page.
document.querySelector('.skip')?.addEventListener('click', (event) => {
  event.preventDefault();
  document.getElementById('main')?.focus();
});

if (root) {
  const poller = new Poller();
  const session = await loadSession();
  if (session.ok) {
    restoreAddress();
    poller.start();
  } else keepAddress();
  render(html`<${App} pages=${PAGES} poller=${poller} session=${session} />`, root);
}
