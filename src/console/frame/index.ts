/** What holds the pages of the console: addresses, the issuer's API, live data and the session. */
export { addressOf, filteredBy } from './address.ts';
export { type Answer, callIssuer, type Fault } from './api.ts';
export { App, type Page } from './app.ts';
export { type Loaded, useFrame, useLoaded, useMay, useNow } from './context.ts';
export { faultWords } from './fault-words.ts';
export { issuerNow } from './issuer-clock.ts';
export { Poller } from './live.ts';
export { loadPlot } from './load-plot.ts';
export { loadVerify } from './load-verify.ts';
export { loadSession } from './session.ts';
export { keepAddress, restoreAddress } from './signed-out.ts';
export { FaultNote, Shown } from './states.ts';
export type { WaitsForPerson } from './waits.ts';
export { WaitsDialog } from './waits-dialog.ts';
