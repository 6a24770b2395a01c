import type { VNode } from 'preact';
import { useFrame } from '../frame/index.ts';
import { clockTime, zoneName } from '../time.ts';
import { html, say } from '../ui/index.ts';

/** How live the page is, with the time of what it shows, and a button that pauses it. */
export function LiveState(): VNode {
  const { live, poller } = useFrame();
  const isPaused = live.mode === 'paused';
  const words = isPaused ? 'Paused' : live.mode === 'live' ? 'Live' : 'Not live';
  const toggle = (): void => {
    if (isPaused) poller.resume();
    else poller.pause();
    say(isPaused ? 'Live again' : 'Paused');
  };
  return html`<div class=${live.mode === 'live' ? 'live' : 'live held'}>
    <span><span class="dot"></span>${words} · as of ${clockTime(live.asOf)} ${zoneName(live.asOf)}</span>
    <button type="button" class="btn quiet" aria-pressed=${String(isPaused)} onClick=${toggle}>
      ${isPaused ? 'Go on' : 'Pause'}
    </button>
  </div>`;
}
