/** What holds the pages of the console: addresses, the issuer's API, live data and the session. */
export { type Address, addressOf, filteredBy, readAddress } from './address.ts';
export { type Answer, callIssuer, type Fault, send } from './api.ts';
export { App, type Page } from './app.ts';
export { type Frame, type Loaded, useFrame, useLoaded, useMay, useNow } from './context.ts';
export { faultWords } from './fault-words.ts';
export { issuerNow } from './issuer-clock.ts';
export { type Live, Poller } from './live.ts';
export { loadPlot } from './load-plot.ts';
export { loadVerify } from './load-verify.ts';
export { loadSession, type Session } from './session.ts';
export { keepAddress, restoreAddress } from './signed-out.ts';
export { FaultNote, Shown } from './states.ts';
